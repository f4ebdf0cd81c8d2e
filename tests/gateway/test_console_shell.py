"""The console's frame: who comes in, what is offered to whom, lists, files from wheels."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from services.gateway.pages.staff.listing import Listing, csv_file
from tests.gateway.console import at_desk
from tests.gateway.house import GUARDIAN, House, text_of


def test_a_reader_has_no_business_in_the_console(open_house: House) -> None:
    assert open_house.signed_in(GUARDIAN).get("/staff").status_code == 403
    assert open_house.client().get("/staff").location == "/sign-in?back=/staff"


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(open_house: House) -> None:
    asked = {"HX-Request": "true", "HX-Current-URL": "http://localhost/staff/quarantines?state=declared"}
    answer = open_house.client().get("/staff/quarantines/1b4e28ba-2fa1-41d2-883f-0016d3cca427/live", headers=asked)
    assert answer.headers["HX-Redirect"] == "/sign-in?back=/staff/quarantines?state%3Ddeclared" and not answer.data


def test_staff_land_in_the_console_and_find_back_to_it(open_house: House) -> None:
    visitor = at_desk(open_house, "librarian")
    assert visitor.get("/sign-in").location == "/staff"
    assert 'href="/staff"' in visitor.get("/").text


@pytest.mark.parametrize("role", ["operator", "librarian", "editor", "jury", "admin"])
def test_the_menu_offers_only_what_is_there_and_the_role_may(open_house: House, role: str) -> None:
    visitor = at_desk(open_house, role)
    page = visitor.get("/staff").text
    menu = re.search(r'<nav id="console-menu".*?</nav>', page, re.DOTALL)
    assert menu
    for path in re.findall(r'href="([^"]+)"', menu[0]):
        assert visitor.get(path).status_code == 200, path
    assert "Home" in menu[0] and (role == "operator" or "Practice" not in menu[0])


def test_scripts_come_from_wheels_and_only_where_they_are_needed(open_house: House) -> None:
    app = open_house.app._front
    with app.test_request_context():
        address = app.jinja_env.globals["asset"]("htmx.js")
    answer = open_house.client().get(address)
    assert answer.headers["Content-Type"].startswith("text/javascript") and b"htmx" in answer.data
    assert "<script" not in at_desk(open_house, "librarian").get("/staff").text


def test_older_and_newer_lead_through_a_list_and_keep_its_filters() -> None:
    app = Flask(__name__)

    def listing(address: str, following: str | None) -> Listing:
        with app.test_request_context(address):
            return Listing.asked("search").shown(following)

    def address(listed: Listing, name: str, at: str = "/list") -> str:
        with app.test_request_context(at):
            return str(getattr(listed, name))

    first = listing("/list?search=ә", "C1")
    second_at = address(first, "older")
    second = listing(second_at, "C2")
    third = listing(address(second, "older"), None)
    assert third.cursor == "C2" and third.filters == {"search": "ә"} and third.older is None
    assert address(third, "newer") == second_at
    assert address(second, "newer") == "/list?search=%D3%99"
    assert first.newer is None


def test_a_file_holds_no_formulas_and_keeps_kazakh_letters() -> None:
    app = Flask(__name__)
    with app.test_request_context("/"):
        answer = csv_file("names", ["Аты", "n"], [("=1+1", 2), ("Әлия, Өскемен", None)], lambda each: each)
        text = answer.get_data().decode()
    assert text == '\ufeffАты,n\r\n\'=1+1,2\r\n"Әлия, Өскемен",\r\n'
    assert answer.headers["Content-Disposition"] == 'attachment; filename="names.csv"'


def test_home_leads_to_who_is_still_to_be_told(closed_house: House) -> None:
    quarantines = closed_house.library.items("/quarantines")
    words = text_of(at_desk(closed_house, "operator").get("/staff").text)
    assert re.search(r"Books moved: \d of \d\.", words)
    home = at_desk(closed_house, "jury").get("/staff").text
    assert quarantines and all(f'href="/staff/quarantines/{each["id"]}"' in home for each in quarantines)


def test_home_says_in_one_sentence_what_is_closed(open_house: House, closed_house: House) -> None:
    assert "All libraries are open as usual." in text_of(at_desk(open_house, "librarian").get("/staff").text)
    words = text_of(at_desk(closed_house, "librarian").get("/staff").text)
    assert "All libraries are closed for now." in words and "Quarantine because of influenza" in words
