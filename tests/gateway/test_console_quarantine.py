"""A quarantine's own page: the truth, its progress live, who is told, its changes; the list of all."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import text

from services.gateway import asking, progress
from services.gateway.app import create_app
from services.gateway.pages.staff.listing import Listing, cut
from shared.language import long_date
from shared.peers import Peers
from tests.gateway.console import (
    PASSWORD,
    answer_all,
    ask,
    at_desk,
    colleague,
    confirm,
    declared,
    start,
    undo,
    wait_for_the_end,
)
from tests.gateway.house import SON, House, Visitor, house, in_days, key_in, served, text_of
from tests.gateway.test_staff_imports import over_http
from tests.support.eventually import eventually


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("quarantine"), closed=False) as made:
        yield made


@pytest.fixture
def operator(library: House) -> Visitor:
    return at_desk(library)


@pytest.fixture
def path(library: House, operator: Visitor) -> Iterator[str]:
    """A quarantine of two weeks that everybody has been told of; undone at the end."""
    made = declared(operator, branch="ortalyq")
    wait_for_the_end(library, made)
    yield made
    if library.library.get(f"/quarantines/{made.rsplit('/', 1)[1]}")["state"] != "cancelled":
        undo(operator, made)
    wait_for_the_end(library, made)


def look(visitor: Visitor, path: str) -> str:
    return text_of(visitor.get(path).text)


def test_one_sentence_says_the_truth(operator: Visitor, path: str) -> None:
    words = look(operator, path)
    assert re.search(r"Declared: .*, А\. Сәрсенова\. Books moved: 4 of 4\. Households told: 2 of 2\.", words)
    assert "closed now" in words and "Change this quarantine" in words
    assert "Cancel" not in words


def test_without_scripts_the_page_says_it_too(operator: Visitor, path: str) -> None:
    page = operator.get(path).text
    assert f'href="{path}/told"' in page and "Refresh" in text_of(page)
    words = look(operator, f"{path}/told")
    assert "Yes: every book is right and everyone is told." in words
    assert "Still to be told calls: 0 letters: 0 no guardian on record: 0" in words


def stream(visitor: Visitor, path: str, last: str = "") -> Iterator[str]:
    answer = visitor.get(f"{path}/stream", headers={"Last-Event-ID": last}, buffered=False)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    try:
        for part in answer.iter_encoded():
            yield part.decode()
    finally:
        answer.close()


def first_progress(visitor: Visitor, path: str, last: str = "") -> str:
    parts = stream(visitor, path, last)
    try:
        return next(part for part in parts if "event: progress" in part)
    finally:
        parts.close()  # type: ignore[attr-defined]


def test_the_stream_brings_finished_html_and_begins_where_it_broke_off(operator: Visitor, path: str) -> None:
    event = first_progress(operator, path)
    assert 'data: <ul class="rows">' in event and "Books moved: 4 of 4." in event
    known = re.search(r"^id: (\w+)$", event, re.MULTILINE)
    assert known
    parts = stream(operator, path, known[1])
    assert "retry: 1000" in next(parts)
    undo(operator, path)
    later = next(part for part in parts if "event: progress" in part)
    assert known[1] not in later and "has just been changed" in later
    assert "<strong>Undone</strong>" in later and "А. Сәрсенова" in later
    parts.close()  # type: ignore[attr-defined]


def test_a_page_of_ended_work_asks_now_and_then_and_says_what_a_colleague_changed(
    library: House, operator: Visitor, path: str
) -> None:
    page = operator.get(path).text
    assert f'hx-get="{path}/live?version=1"' in page and "every 30s" in page and "sse-connect" not in page
    assert "has just been changed" not in look(operator, f"{path}/live?version=1")
    sure(operator, path, "day", change(operator, path, "day", end="known", reopens_on=in_days(30), note="order 14"))
    wait_for_the_end(library, path)
    words = look(operator, f"{path}/live?version=1")
    assert "has just been changed. Load the page again Changed ·" in words
    assert "Note: order 14" in words and f"Opens again: {long_date(date.fromisoformat(in_days(30)), 'en')}" in words
    assert "has just been changed" not in look(operator, f"{path}/live?version=2")


def test_only_so_many_pages_are_told_live_and_a_place_left_is_free_again(operator: Visitor, path: str) -> None:
    most = operator.application._front.extensions["asking"].settings.threads // 4
    open_ones = [stream(operator, path) for _ in range(most)]
    for each in open_ones:
        next(each)
    refused = operator.get(f"{path}/stream")
    assert refused.status_code == 503 and refused.headers["Retry-After"]
    assert "Books moved" in look(operator, f"{path}/live")
    open_ones[0].close()  # type: ignore[attr-defined]
    assert "event: progress" in first_progress(operator, path)
    for each in open_ones[1:]:
        each.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("cut", [1, 7, 1000])
def test_events_are_read_however_the_bytes_are_cut(cut: int) -> None:
    sent = b'retry: 1000\n\n: still the same\n\nid: a1\ndata: {"n": 1}\n\n'
    parts = (sent[n : n + cut] for n in range(0, len(sent), cut))
    told = list(progress.events(parts))
    assert [(each.id, each.data) for each in told] == [("", None), ("", None), ("a1", {"n": 1})]
    assert b"".join(each.raw for each in told) == sent


def test_a_row_that_failed_or_stands_still_says_so(open_house: House) -> None:
    step = {"service": "notify", "step": "notices", "done": 1, "total": 4, "failed": 0, "moved_at": "x"}
    with open_house.app._front.test_request_context():
        from flask import g

        g.language = "en"

        def words(**more: object) -> list[str]:
            return [row.words for row in progress.rows([step | more], waits=bool(more.pop("waits", False)))]

        assert words(state="running") == ["under way"]
        assert words(state="stuck") == ["stalled"]
        assert words(state="stuck", waits=True) == ["waits"]
        assert words(state="done", failed=3) == ["done, but not for all"]
        (row,) = progress.rows([step | {"state": "done", "total": 0, "done": 0}])
        assert row.wide == 100


def change(visitor: Visitor, path: str, choice: str, **fields: str) -> str:
    """Looks at the consequence of a change; the page with the last button."""
    page = visitor.get(f"{path}/change/{choice}").text
    version = page.split('name="version" value="', 1)[1].split('"', 1)[0]
    sent = {"csrf": key_in(page), "version": version, "go": "look", "note": ""} | fields
    return visitor.post(f"{path}/change/{choice}", data=sent).text


def sure(visitor: Visitor, path: str, choice: str, page: str) -> object:
    names = ("version", "end", "reopens_on", "note")
    kept = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in names}  # type: ignore[index]
    return visitor.post(f"{path}/change/{choice}", data=kept | {"csrf": key_in(page), "go": "sure"})


def test_extend_shows_what_it_would_do_and_then_does_it(library: House, operator: Visitor, path: str) -> None:
    assert operator.get(f"{path}/extend").location == f"{path}/change/day"
    page = change(operator, path, "day", end="known", reopens_on=in_days(28), note="order 13")
    words = text_of(page)
    assert "Change the opening day: 4 books, 2 messages" in words
    assert "Told before about this quarantine: 2." in words
    assert "Кітап қайтару мерзімі тағы да ұзартылды" in words
    assert library.library.get(f"/quarantines/{path.rsplit('/', 1)[1]}")["version"] == 1
    answer = sure(operator, path, "day", page)
    assert answer.location == path  # type: ignore[attr-defined]
    wait_for_the_end(library, path)
    words = look(operator, path)
    assert "changed 1 time" in words and "Note: order 13" in words


def test_not_known_yet_and_open_now(library: House, operator: Visitor, path: str) -> None:
    page = change(operator, path, "day", end="unknown", reopens_on="")
    assert "Without a date until the opening day is known: 5." in text_of(page)
    sure(operator, path, "day", page)
    wait_for_the_end(library, path)
    assert "Opening day: not known yet" in look(operator, path)
    page = change(operator, path, "open", end="known", reopens_on=in_days(1))
    assert "End the quarantine: 5 books" in text_of(page)
    sure(operator, path, "open", page)
    wait_for_the_end(library, path)
    words = look(operator, f"{path}/change")
    assert "Declared by mistake: undo" in words and "Change the opening day" not in words
    assert operator.get(f"{path}/change/day").status_code == 404


def test_a_change_that_cannot_be_is_said_at_its_field(operator: Visitor, path: str) -> None:
    for fields, part in (
        ({"end": "known", "reopens_on": in_days(0)}, "after the first closed day"),
        ({"end": "known", "reopens_on": in_days(14)}, "set already"),
        ({"end": "known", "reopens_on": "2062-01-01"}, "ten years"),
    ):
        page = change(operator, path, "day", **fields)
        wrong = re.search(r'id="reopens_on-wrong">(.*?)</p>', page, re.DOTALL)
        assert wrong and part in wrong[1]


def test_who_was_slower_is_told_who_changed_what(library: House, operator: Visitor, path: str) -> None:
    slow = at_desk(library, "operator")
    page = change(slow, path, "day", end="known", reopens_on=in_days(20))
    early = slow.get(f"{path}/change/open").text
    sure(operator, path, "day", change(operator, path, "day", end="known", reopens_on=in_days(30), note="mine"))
    late = sure(slow, path, "day", page)
    assert late.status_code == 412  # type: ignore[attr-defined]
    words = text_of(late.text)  # type: ignore[attr-defined]
    assert "Somebody was faster" in words and "Note: mine" in words
    version = early.split('name="version" value="', 1)[1].split('"', 1)[0]
    fields = {"csrf": key_in(early), "version": version, "go": "look", "end": "known", "reopens_on": in_days(2)}
    assert slow.post(f"{path}/change/open", data=fields).status_code == 412
    assert library.library.get(f"/quarantines/{path.rsplit('/', 1)[1]}")["version"] == 2


def test_a_change_pressed_twice_is_made_once(library: House, operator: Visitor, path: str) -> None:
    page = change(operator, path, "day", end="known", reopens_on=in_days(21))
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda _: sure(operator, path, "day", page), range(2)))
    assert {answer.location for answer in answers} == {path}  # type: ignore[attr-defined]
    assert library.library.get(f"/quarantines/{path.rsplit('/', 1)[1]}")["version"] == 2


def test_undo_gives_every_book_its_former_date(library: House, operator: Visitor, path: str) -> None:
    page = change(operator, path, "undo")
    words = text_of(page)
    assert "As if it had never been declared" in words and "Books whose date comes nearer" in words
    sure(operator, path, "undo", page)
    wait_for_the_end(library, path)
    loan = library.library.get("/loans/L1")
    assert loan["due_on"] == loan["original_due_on"]
    words = look(operator, path)
    assert "undone" in words and "Change this quarantine" not in words
    assert "Nothing can be changed any more" in look(operator, f"{path}/change")


def test_an_operator_of_one_branch_decides_on_it_alone(library: House, operator: Visitor, path: str) -> None:
    """The quarantine is of `ortalyq` and what is below it."""
    here = at_desk(library, "operator", branches=["ablaketka"])
    words = look(here, path)
    assert "Change this quarantine" not in words and "Extend" not in words
    for deed in ("change", "change/day", "change/undo"):
        assert here.get(f"{path}/{deed}").status_code == 403
    made = declared(here)
    wait_for_the_end(library, made)
    assert "Change this quarantine" in look(here, made) and here.get(f"{made}/change/day").status_code == 200
    undo(here, made)
    wait_for_the_end(library, made)


def test_who_may_not_decide_is_not_offered_it(library: House, path: str) -> None:
    librarian = at_desk(library, "librarian")
    assert "Change this quarantine" not in look(librarian, path)
    for deed in ("change", "extend", "change/day"):
        assert librarian.get(f"{path}/{deed}").status_code == 403


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


def test_the_list_is_searched_filtered_and_taken_along(operator: Visitor, path: str) -> None:
    base = start(operator)
    answer_all(operator, base, branch="zashchita")
    ask(operator, f"{base}/why", kind="repair", reason_ru="Ремонт крыши", number="=7", reason_kk="Төбе жөндеу")
    page = operator.get(f"{base}/check").text
    other = confirm(operator, base, page).location
    both = operator.get("/staff/quarantines").text
    assert path in both and other in both
    found = operator.get("/staff/quarantines?search=тобе+ЖОНДЕУ").text
    assert other in found and f'href="{path}"' not in found
    assert "Nothing was found." in look(operator, "/staff/quarantines?search=жоқ+нәрсе")
    assert other in operator.get("/staff/quarantines?branch=zashchita&state=declared").text
    answer = operator.get("/staff/quarantines.csv?branch=zashchita&search=крыши")
    head, row = csv.reader(io.StringIO(answer.get_data().decode().removeprefix("\ufeff")))
    assert head[0] == "Number of the document" and row[0] == "'=7" and "Zashchita Branch" in row
    undo(operator, other)


@contextmanager
def without(library: House, service: str) -> Iterator[Visitor]:
    """The console, and a service that has just gone."""
    system = library.system
    with served(system.apps[service]) as (url, stop):
        settings = dataclasses.replace(system.settings, peers={service: url})
        peers = Peers(settings)
        for name, app in system.apps.items():
            if name != service:
                peers.connect(name, app)
        visitor = Visitor(create_app(settings, peers), "en")
        visitor.get("/language/en")
        visitor.send("/sign-in", "/sign-in", login=colleague(library), secret=PASSWORD)
        yield_before = visitor.get("/staff/quarantines")
        assert yield_before.status_code == 200
        stop()
        yield visitor


def test_while_quarantines_are_away_the_console_says_what_still_works(library: House, path: str) -> None:
    with without(library, "quarantines") as visitor:
        home = visitor.get("/staff")
        assert home.status_code == 200 and "/static/again." in home.text
        assert "not answering" in text_of(home.text)
        shown = visitor.get(path)
        assert "What was declared goes on by itself." in text_of(shown.text)
        assert visitor.get(f"{path}/stream").status_code == 503
        assert visitor.get("/staff/declare").status_code == 303
        assert visitor.get(visitor.get("/staff/declare").location).status_code == 503


def test_while_messages_are_away_a_declaration_shows_what_it_knows(library: House, operator: Visitor) -> None:
    base = start(operator)
    answer_all(operator, base)
    # It is quarantines that puts the preview together, so it is from there that notify must be out of reach.
    peers = library.system.contexts["quarantines"].peers
    peers.connect("notify", Flask("nobody"))
    try:
        words = text_of(operator.get(f"{base}/check").text)
    finally:
        peers.connect("notify", library.system.apps["notify"])
    assert "The message cannot be shown at this moment." in words
    assert "No answer about: messages." in words and "Declare a quarantine" in words
    assert "The message cannot be shown" not in text_of(operator.get(f"{base}/check").text)


def test_a_closure_declared_ahead_is_told_to_readers_and_staff(library: House, operator: Visitor) -> None:
    ahead = {"branch_ids": ["zashchita"], "starts_on": in_days(5), "ends_on": in_days(9)}
    made = library.library.declare(**ahead)
    words = look(library.client(), "/")
    assert "Some libraries will close for a while" in words
    assert f"First day closed: {long_date(date.fromisoformat(in_days(5)), 'en')} Zashchita Branch Opens again:" in words
    assert "The library is closed for now" not in words
    console = look(operator, "/staff")
    assert "All libraries are open as usual." in console and "declared ahead" in console
    base = start(operator)
    assert "will close:" in look(operator, f"{base}/where")
    library.library.post(f"/quarantines/{made['id']}/cancel", {})
    assert "will close" not in look(library.client(), "/")


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Messages wait a quarter of an hour."""
    with house(tmp_path_factory.mktemp("patient"), closed=False, KITAPHANA_NOTICE_HOLD="15") as made:
        yield made


def test_messages_are_stopped_until_they_may_begin(patient: House) -> None:
    operator = at_desk(patient)
    base = start(operator)
    words = look(operator, f"{base}/whom")
    assert "Messages wait 15 minutes before they start. Until then you can stop them." in words
    path = declared(operator)
    eventually(lambda: "minutes are left" in look(operator, path), 30, lambda: look(operator, path))
    operator.send(path, f"{path}/messages/stop")
    words = look(operator, path)
    assert "The messages are stopped:" in words and "Nobody is told until they may begin" in words
    assert "stopped" in operator.get(f"{path}/release").text
    operator.send(path, f"{path}/messages/start")
    eventually(lambda: "Households told: 1 of 1." in look(operator, path), 60, lambda: look(operator, path))
    operator.send(path, f"{path}/messages/stop")
    assert "have begun already" in look(operator, path)
