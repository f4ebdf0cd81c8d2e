"""What could not be done, books and messages: who is missing and why, and tried again from the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from services.gateway import asking
from services.gateway.pages.staff.listing import Listing, cut
from tests.gateway.console import at_desk, declared, look, undo, wait_for_the_end
from tests.gateway.house import SON, House, Visitor, in_days, key_in, text_of
from tests.gateway.test_staff_imports import over_http
from tests.support.eventually import eventually


@contextmanager
def broken_in(library: House, service: str, guilty: str, mended: str) -> Iterator[None]:
    """A database that refuses one row until the end, as a broken one does."""
    database = library.system.contexts[service].database
    with database.transaction() as session:
        session.execute(text(guilty))
    try:
        yield
    finally:
        with database.transaction() as session:
            session.execute(text(mended))


def missing_by_name(library: House, made: str) -> None:
    """Its one book could not be moved, so Ерасыл is missing: by name for whoever may know it, else by card."""
    for role, name in (("operator", "Серіков Ерасыл"), ("librarian", "Серіков Ерасыл"), ("editor", SON)):
        words = look(at_desk(library, role), f"{made}/told")
        assert re.search(rf"Who is missing, and why {name} .*Loan L3: due on", words), (role, words)
        assert ("All who are missing: 1" in words) == (role != "editor")
    operator = at_desk(library, "operator")
    words = look(operator, f"{made}/missing?search=ерасыл l3")
    assert "Readers: 1" in words and f"Серіков Ерасыл {SON} Loan L3: due on" in words
    assert "Nothing was found." in look(operator, f"{made}/missing?search=Петрова")
    file = operator.get(f"{made}/missing.csv?search={SON}").get_data(as_text=True)
    assert f'{SON},Серіков Ерасыл,"Loan L3: due on' in file
    assert at_desk(library, "editor").get(f"{made}/missing").status_code == 403
    elsewhere = at_desk(library, "librarian", branches=["zashchita"])
    assert "Серіков" not in look(elsewhere, f"{made}/missing") and SON in look(elsewhere, f"{made}/missing")


@pytest.mark.parametrize("page", ["told", "missing", "change"])
def test_what_is_counted_anew_is_waited_for_longer(
    library: House, path: str, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others would be given up at once here."""
    monkeypatch.setitem(asking.look_up.__kwdefaults__, "patience", 0.000_1)
    for address, given_up in (("/staff/quarantines", True), (f"{path}/{page}", False)):
        with over_http(library, "quarantines") as visitor:
            assert ("/static/again." in visitor.get(address).text) == given_up


def test_a_list_known_whole_is_cut_into_pages() -> None:
    first = Listing({}, "", (), at="/x")
    items, listing = cut(range(60), first)
    assert list(items) == list(range(25)) and listing.older == "/x?cursor=25"
    items, listing = cut(range(60), Listing({}, "50", ("", "25"), at="/x"))
    assert list(items) == list(range(50, 60)) and listing.older is None and listing.newer == "/x?cursor=25"
    assert cut(range(3), Listing({}, "²", (), at="/x"))[0] == range(3)


def test_books_that_could_not_be_moved_are_tried_again_from_the_page(library: House, operator: Visitor) -> None:
    guilty = "CREATE TRIGGER guilty BEFORE UPDATE ON loans WHEN old.id = 'L3' BEGIN SELECT RAISE(ABORT, 'no room'); END"
    with broken_in(library, "loans", guilty, "DROP TRIGGER guilty"):
        made = declared(operator, branch="ablaketka")
        wait_for_the_end(library, made)
        assert "Books done, but not for all" in look(operator, made)
        assert "Try again : Books" in look(at_desk(library, "operator"), made)
        words = look(at_desk(library, "editor"), made)
        assert "Try again : Books" not in words and "whoever declares quarantines, tries it again: ask them." in words
        missing_by_name(library, made)
    who_declares = at_desk(library, "operator")
    again = who_declares.send(made, f"{made}/again/loans")
    assert again.location == f"{made}?follow=yes"
    page = who_declares.get(again.location).text
    assert "It is tried again now." in text_of(page) and "sse-connect" in page
    eventually(lambda: "Books done 1 / 1" in look(operator, made), 30, lambda: look(operator, made))
    eventually(lambda: "Households told: 1 of 1." in look(operator, made), 30, lambda: look(operator, made))
    who_declares.send(made, f"{made}/again/loans")
    assert "Nothing was left to try again." in look(who_declares, made)
    assert who_declares.send(made, f"{made}/again/notify").status_code == 404
    undo(operator, made)
    wait_for_the_end(library, made)


def test_the_operator_meets_no_dead_end(library: House, path: str) -> None:
    """Every link of the page opens for whoever is shown it."""
    for role in ("operator", "librarian", "editor"):
        visitor = at_desk(library, role)
        page = visitor.get(path).text
        inside = {each for each in re.findall(r'href="(/staff/[^"]+)"', page) if not each.startswith("/staff/declare")}
        assert (f"{path}/failed" in inside) == ("/staff/report" in inside) == (role != "editor")
        assert {each: visitor.get(each).status_code for each in inside if visitor.get(each).status_code >= 400} == {}


def test_messages_that_failed_are_listed_with_the_reason_and_tried_again(library: House, operator: Visitor) -> None:
    library.library.post(
        "/readers",
        {"card_number": "3001", "family_name": "Жоқова", "given_name": "Жібек", "language": "kk"}
        | {"birth_date": "1980-01-01", "home_branch_id": "zashchita"},
        expect=201,
    )
    book = {"card_number": "3001", "title": "Ұлпан", "branch_id": "zashchita", "due_on": in_days(5)}
    library.library.post("/loans", book, expect=201)
    made = declared(operator, branch="zashchita")
    wait_for_the_end(library, made)
    words = look(operator, made)
    assert "done, but not for all" in words and "Did not work: 1" in words
    who_declares = at_desk(library, "operator")
    page = who_declares.get(f"{made}/failed").text
    assert "Жібек" in page and "No address is on record." in text_of(page)
    assert 'name="notice"' not in page and "/staff/readers/3001" not in page and "ask a librarian" in page
    assert "/staff/readers/3001" in operator.get(f"{made}/failed").text
    assert "Жібек" in who_declares.get(f"{made}/failed?search=жок&address=false").text
    assert "Nothing was found." in look(who_declares, f"{made}/failed?address=true")
    file = who_declares.get(f"{made}/failed.csv").get_data(as_text=True)
    assert "Жібек Жоқова,3001,new return dates,kk,No address is on record.," in file
    listed = library.library.get(f"/notices?quarantine_id={made.rsplit('/', 1)[1]}&state=failed")["items"]
    ticked = [each["id"] for each in listed]
    who_declares.post(f"{made}/failed/again", data={"csrf": key_in(page), "notice": ticked})
    assert "Not sent: 1. No address is on record. Add one to the card" in look(who_declares, f"{made}/failed")
    assert who_declares.post(f"{made}/failed/again", data={"csrf": key_in(page)}).status_code == 303
    assert "Tick the messages first." in look(who_declares, f"{made}/failed")
    library.library.call("PATCH", "/readers/3001", json_body={"email": "zhibek@example.org"})

    def offered() -> bool:
        return ticked[0] in who_declares.get(f"{made}/failed").text

    eventually(offered, 30)
    who_declares.post(f"{made}/failed/again", data={"csrf": key_in(page), "notice": ticked})
    assert "Sent once more: 1" in look(who_declares, f"{made}/failed")
    eventually(lambda: "Every message went out" in look(who_declares, f"{made}/failed"), 30)
    assert who_declares.post(f"{made}/failed/again", data={"csrf": key_in(page), "notice": "x"}).status_code == 422
    undo(operator, made)
    wait_for_the_end(library, made)
