"""Staff set up an app inside the library and sign in with its code from outside."""

from __future__ import annotations

import re
from datetime import timedelta

from werkzeug.test import TestResponse

from services.accounts.second_factor import STEP_SECONDS, code_at
from shared import clock
from tests.gateway.console import at_desk
from tests.gateway.filling import form_to
from tests.gateway.house import ALONE, House, Visitor, key_in, text_of
from tests.gateway.test_sign_in_ended import let_expire

OUTSIDE = {"REMOTE_ADDR": "203.0.113.9"}
SECRET = "correct horse battery"


def hired(house: House, login: str) -> dict[str, str]:
    fields = {"login": login, "name": "Дана", "roles": {"librarian": "all"}, "password": SECRET}
    house.library.post("/staff", fields, expect=201)
    return {"login": login, "secret": SECRET}


def send(visitor: Visitor, page: str, to: str, where: dict[str, str], **fields: str) -> TestResponse:
    key = key_in(visitor.get(page, environ_base=where).text)
    return visitor.post(to, data={**fields, "csrf": key}, environ_base=where)


def set_up(house: House, credentials: dict[str, str]) -> str:
    """The key of an app set up from inside."""
    visitor = house.client()
    answer = visitor.send("/sign-in", "/sign-in", **credentials)
    assert answer.status_code == 303, text_of(answer.text)
    shown = visitor.send("/staff/second-factor", "/staff/second-factor")
    assert "<svg" in shown.text and "no-store" in shown.headers["Cache-Control"]
    key = re.search(r"<code>([A-Z2-7]+)</code>", shown.text)
    assert key, shown.text
    right = {"code": code_at(key[1], clock.now()), "csrf": key_in(shown.text)}
    assert visitor.post("/staff/second-factor/confirm", data=right).status_code == 303
    assert "The app on your phone is set up." in text_of(visitor.get("/staff/second-factor").text)
    return key[1]


def test_from_outside_the_code_of_the_app_opens(open_house: House) -> None:
    credentials = hired(open_house, "dana")
    key = set_up(open_house, credentials)
    visitor = open_house.client()
    asked = send(visitor, "/sign-in?back=/staff/second-factor", "/sign-in", OUTSIDE, **credentials, back="/staff/x")
    assert asked.status_code == 200 and "One more step" in text_of(asked.text)
    assert visitor.get("/staff/second-factor", environ_base=OUTSIDE).status_code == 303, "not signed in yet"
    ticket = re.search(r'name="ticket" value="([^"]+)"', asked.text)
    assert ticket
    form = {"ticket": ticket[1], "back": "/staff/second-factor", "csrf": key_in(asked.text)}
    wrong = visitor.post("/sign-in/code", data={**form, "code": "000000"}, environ_base=OUTSIDE)
    assert wrong.status_code == 422 and "This code is not right" in text_of(wrong.text)
    code = code_at(key, clock.now() + timedelta(seconds=STEP_SECONDS))
    right = visitor.post("/sign-in/code", data={**form, "code": code}, environ_base=OUTSIDE)
    assert (right.status_code, right.location) == (303, "/staff/second-factor")
    assert visitor.get("/staff/second-factor", environ_base=OUTSIDE).status_code == 200


def test_who_is_signed_in_as_a_reader_is_outside_all_the_same(open_house: House) -> None:
    credentials = hired(open_house, "zhanna")
    visitor = open_house.signed_in()
    form = {**credentials, "csrf": key_in(visitor.get("/books").text)}
    asked = visitor.post("/sign-in", data=form, environ_base=OUTSIDE)
    assert asked.status_code == 200 and "One more step" in text_of(asked.text)
    assert visitor.get("/staff").status_code == 403, "still the reader"


def test_a_mistyped_password_does_not_end_the_sign_in_before(open_house: House) -> None:
    visitor = open_house.signed_in()
    form = {"login": "nobody at all", "secret": "0000", "csrf": key_in(visitor.get("/books").text)}
    wrong = visitor.post("/sign-in", data=form)
    assert wrong.status_code == 401 and "is not right" in text_of(wrong.text)
    assert visitor.get("/books").status_code == 200


def test_what_was_typed_before_the_sign_in_ended_waits_for_the_code_too(open_house: House) -> None:
    credentials = hired(open_house, "zarina")
    key, page = set_up(open_house, credentials), f"/staff/readers/{ALONE}/pin"
    visitor = open_house.client()
    visitor.send("/sign-in", "/sign-in", **credentials)
    form = form_to(visitor.get(page).text, page)
    let_expire(open_house, visitor)
    ended = visitor.post(page, data={"reason": "knew the last book", "csrf": form.key}, environ_base=OUTSIDE)
    form = form_to(ended.text, "/sign-in")
    asked = visitor.post(
        "/sign-in", data={**form.as_it_stands(), **credentials, "csrf": form.key}, environ_base=OUTSIDE
    )
    form = form_to(asked.text, "/sign-in/code")
    code = code_at(key, clock.now() + timedelta(seconds=STEP_SECONDS))
    again = visitor.post(
        "/sign-in/code", data={**form.as_it_stands(), "code": code, "csrf": form.key}, environ_base=OUTSIDE
    )
    assert form_to(again.text, page).as_it_stands()["reason"] == "knew the last book"


def test_a_mistyped_code_begins_the_set_up_anew(open_house: House) -> None:
    visitor = open_house.client()
    visitor.send("/sign-in", "/sign-in", **hired(open_house, "mira"))
    visitor.send("/staff/second-factor", "/staff/second-factor")
    answer = visitor.send("/staff/second-factor", "/staff/second-factor/confirm", code="000000")
    assert answer.status_code == 303
    page = text_of(visitor.get("/staff/second-factor").text)
    assert "This code is not right" in page and "Set up the app" in page


def test_readers_have_no_such_page(open_house: House) -> None:
    assert open_house.signed_in().get("/staff/second-factor").status_code == 403


def test_an_admin_helps_who_is_at_home_without_the_app(open_house: House) -> None:
    credentials = hired(open_house, "gulnar")
    staff = next(each for each in open_house.library.items("/staff") if each["login"] == "gulnar")
    admin, page = at_desk(open_house), f"/staff/people/{staff['id']}"
    assert admin.send(page, f"{page}/second-factor", deed="code", reason="called, knew her number").status_code == 303
    told = re.search(r"within a day: (\d{10})", text_of(admin.get(page).text))
    assert told
    visitor = open_house.client()
    asked = send(visitor, "/sign-in", "/sign-in", OUTSIDE, **credentials)
    ticket = re.search(r'name="ticket" value="([^"]+)"', asked.text)
    assert ticket
    form = {"ticket": ticket[1], "back": "/staff", "code": told[1], "csrf": key_in(asked.text)}
    assert visitor.post("/sign-in/code", data=form, environ_base=OUTSIDE).location == "/staff"


def test_a_lost_phone_is_taken_away_with_a_reason(open_house: House) -> None:
    set_up(open_house, hired(open_house, "saule"))
    staff = next(each for each in open_house.library.items("/staff") if each["login"] == "saule")
    admin, page = at_desk(open_house), f"/staff/people/{staff['id']}"
    assert "Phone lost" in admin.get(page).text
    admin.send(page, f"{page}/second-factor", deed="take_away", reason="")
    assert "Phone lost" in admin.get(page).text, "no reason, no deed"
    admin.send(page, f"{page}/second-factor", deed="take_away", reason="lost on the bus")
    assert "No app is set up yet." in text_of(admin.get(page).text)
