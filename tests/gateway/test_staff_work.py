"""The console's daily work over HTTP: lists, desk, box, calls, files, stuck work, rights, questions."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import g
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from services.gateway.pages.staff import naming
from services.gateway.pages.staff.calls import with_a_queue
from services.notify.models import Call
from shared import clock, kept
from shared.events import Event
from shared.language import LANGUAGES
from shared.tables import runs as runs_table
from tests.gateway.console import at_desk
from tests.gateway.house import (
    ALONE,
    BLOCKED,
    DAUGHTER,
    GUARDIAN,
    READER_COLUMNS,
    SON,
    House,
    Visitor,
    bring,
    in_days,
    key_in,
    loan,
    reader,
    text_of,
)
from tests.support.eventually import eventually

ISBN = "978-5-17-115032-7"


def rows(visitor: Visitor, path: str) -> list[list[str]]:
    answer = visitor.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv"), path
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def send(visitor: Visitor, page: str, to: str = "", /, **fields: str) -> Any:
    return visitor.send(page, to or page, **fields)


def quarantine_of(house: House) -> str:
    return str(house.library.get("/quarantines")["items"][0]["id"])


def unreachable(house: House) -> str:
    """A reader with a phone and no mail whose book a closure of their own moved; returns the quarantine."""
    card, branch = f"U-{uuid.uuid4().hex[:6]}", f"b{uuid.uuid4().hex[:6]}"
    house.library.branch(branch)
    person = reader(card, "Үсенова", "Іңкәр", phone="+7 705 111 22 33", home_branch_id=branch)
    bring(house.library, "readers", [person])
    bring(house.library, "loans", [loan(uuid.uuid4().int % 10**9, card, "Ғабит Мүсірепов", "Ұлпан", 3, branch=branch)])
    declared = house.library.declare(branch_ids=[branch], starts_on=in_days(0), ends_on=in_days(12))
    house.library.wait_until_done(declared["id"])
    return str(declared["id"])


@pytest.mark.parametrize("written", ["Әлия", "алия", "СЕРІКОВА әл", "серикова"])
def test_readers_are_found_with_kazakh_letters_or_without(open_house: House, written: str) -> None:
    page = at_desk(open_house, "librarian").get("/staff/readers", query_string={"search": written})
    assert f"/staff/readers/{DAUGHTER}" in page.text and f"/staff/readers/{ALONE}" not in page.text


def test_every_list_opens_as_a_file_without_formulas(closed_house: House) -> None:
    bring(closed_house.library, "readers", [reader("=1+1", "+Мақсат", "-Әсел")])
    visitor = at_desk(closed_house)
    for path in (
        *("readers", "loans", "messages", "stuck", "branches", "people", "log", "questions", "report", "quarantines"),
        *(
            "imports",
            f"quarantines/{quarantine_of(closed_house)}/failed",
            "quizzes",
            "quizzes/banks",
            "quizzes/classes",
            "quizzes/marking",
        ),
        *("returns/shelf", "returns/expected", "log.csv?part=quarantines", "log.csv?part=messages"),
        f"calls/{quarantine_of(closed_house)}/all",
        *(f"quarantines/{quarantine_of(closed_house)}/{name}" for name in ("letters", "missing")),
    ):
        found = rows(visitor, f"/staff/{path}" if "?" in path else f"/staff/{path}.csv")
        assert len(found[0]) > 1, path
        assert not [cell for row in found for cell in row if cell[:1] in ("=", "+", "-", "@")], path
    assert ["'=1+1", "'+Мақсат", "'-Әсел"] in [row[:3] for row in rows(visitor, "/staff/readers.csv?search=максат")]


def test_a_reader_is_registered_changed_blocked_and_erased(open_house: House) -> None:
    visitor = at_desk(open_house, "librarian")
    card = f"N-{uuid.uuid4().hex[:6]}"
    wrong = send(
        visitor, "/staff/readers/new", card_number=card, family_name="Ә", language="kk", birth_date="2050-01-01"
    )
    assert wrong.status_code == 422 and 'aria-invalid="true"' in wrong.text
    made = send(
        visitor, "/staff/readers/new", card_number=card, family_name="Өмірбек", language="kk", phone="+7 705 222 33 44"
    )
    assert made.location == f"/staff/readers/{card}", made.text
    form = visitor.get(f"/staff/readers/{card}/edit").text
    version = re.search(r'name="version" value="(\d+)"', form)
    assert version
    fields = {"family_name": "Өмірбек", "given_name": "Ғани", "language": "ru", "csrf": key_in(form)}
    changed = visitor.post(f"/staff/readers/{card}/edit", data=fields | {"version": version[1]})
    assert changed.status_code == 303
    stale = visitor.post(f"/staff/readers/{card}/edit", data=fields | {"given_name": "Қ", "version": version[1]})
    assert stale.status_code == 412 and "Somebody has changed this meanwhile" in text_of(stale.text)
    send(visitor, f"/staff/readers/{card}", f"/staff/readers/{card}/block", blocked="yes")
    assert "blocked" in text_of(visitor.get(f"/staff/readers/{card}").text)
    assert send(visitor, f"/staff/readers/{card}/pin").status_code == 422
    issued = send(visitor, f"/staff/readers/{card}/pin", reason="knew the birthday")
    assert re.search(r'class="secret">\d{4,12}<', issued.text)
    assert send(visitor, f"/staff/readers/{card}/erase", sure="another").status_code == 422
    assert send(visitor, f"/staff/readers/{card}/erase", sure=card).status_code == 303
    assert visitor.get(f"/staff/readers/{card}").status_code == 404
    log = rows(at_desk(open_house, "admin"), "/staff/log.csv?search=birthday")
    assert log[1][2] == "issued a PIN"


def test_a_reader_shows_family_and_books(closed_house: House) -> None:
    words = text_of(at_desk(closed_house, "librarian").get(f"/staff/readers/{SON}").text)
    for part in ("Серікова Айгүл", "guardian", "Менің атым Қожа", "Quarantine because of influenza"):
        assert part in words
    assert "Phone" in words and "Петрова" not in words


def test_the_desk_lends_renews_and_takes_back_by_scanning(open_house: House) -> None:
    visitor = at_desk(open_house, "librarian")
    card = f"D-{uuid.uuid4().hex[:6]}"
    bring(open_house.library, "readers", [reader(card, "Сканерова", "Әйгерім")])
    desk = "/staff/desk"
    opened = send(visitor, desk, code=card, mode="lend")
    assert opened.location == f"{desk}?card={card}&mode=lend"
    page = visitor.get(opened.location).text
    assert "autofocus" in page and "Сканерова" in page
    here = {"card": card, "mode": "lend", "branch_id": "ortalyq"}
    title = f"Кітап {uuid.uuid4().hex[:6]}"
    asked = send(visitor, opened.location, desk, code="9785171150334", **here)
    if 'name="title"' in asked.text:
        lent = send(visitor, opened.location, desk, code="9785171150334", title=title, **here)
        assert lent.status_code == 303
    else:
        assert asked.status_code == 303
    said = text_of(visitor.get(f"{desk}?card={card}").text)
    assert "Lent:" in said and "Bring back:" in said
    renewed = send(visitor, opened.location, desk, code="978-5-17-115033-4", card=card, mode="renew")
    assert renewed.status_code in (303, 422)
    back = send(visitor, opened.location, desk, code="9785171150334", card=card, mode="return")
    assert back.status_code == 303
    assert f"Card: {card}" in text_of(visitor.get(f"{desk}?card={card}&mode=return").text)
    assert open_house.library.get(f"/loans?card_number={card}")["items"][0]["status"] == "returned"


def test_the_desk_says_what_it_does_not_know(open_house: House) -> None:
    visitor = at_desk(open_house, "librarian")
    nobody = send(visitor, "/staff/desk", code="no such card", mode="lend")
    assert nobody.status_code == 422 and "No reader has this card" in text_of(nobody.text)
    nothing = send(visitor, "/staff/desk", code="123", card=ALONE, mode="lend", branch_id="ortalyq")
    assert nothing.status_code == 422 and "Neither a reader's card nor a book's ISBN: 123" in text_of(nothing.text)
    assert "Scan a card or a book." in text_of(send(visitor, "/staff/desk", code="", mode="return").text)


def test_a_loan_during_a_closure_says_the_new_date_and_why(closed_house: House) -> None:
    visitor = at_desk(closed_house, "librarian")
    body = {"code": f"Қар қызы {uuid.uuid4().hex}", "card": ALONE, "mode": "lend", "branch_id": "ortalyq"}
    assert send(visitor, "/staff/desk", **{**body, "code": "Қар қызы"}).status_code in (303, 422)
    closed_house.library.post(
        "/loans", {"card_number": ALONE, "branch_id": "ortalyq", "title": "Ақбілек", "days": 5}, expect=201
    )
    words = text_of(visitor.get(f"/staff/desk?card={ALONE}").text)
    assert "Ақбілек" in words and "Quarantine because of influenza" in words


def test_the_box_is_emptied_as_of_the_day_books_were_dropped(open_house: House) -> None:
    number = uuid.uuid4().int % 10**9
    bring(open_house.library, "loans", [loan(number, ALONE, "Марк Твен", "Приключения Тома Сойера", 9)])
    visitor = at_desk(open_house, "librarian")
    days = {"dropped_on": in_days(-1), "rests_until": in_days(0)}
    done = send(visitor, "/staff/returns", code=f"L{number}", **days)
    assert done.status_code == 303 and f"rests_until={in_days(0)}" in done.location
    again = visitor.get(done.location).text
    assert f'value="{in_days(-1)}"' in again and "Taken back: Приключения Тома Сойера" in text_of(again)
    shelf = text_of(visitor.get("/staff/returns/shelf?search=сойера").text)
    assert "Приключения Тома Сойера" in shelf
    assert send(visitor, "/staff/returns", code=f"L{number}", **days).status_code == 422


def test_what_is_expected_on_a_day(open_house: House) -> None:
    visitor = at_desk(open_house, "librarian")
    assert "Абай жолы" in visitor.get(f"/staff/returns/expected?day={in_days(3)}").text
    assert "No book is due on this day." in text_of(visitor.get("/staff/returns/expected?day=2020-01-01").text)


def test_the_day_expected_is_counted_whole_and_not_by_the_page(open_house: House) -> None:
    numbers = range(7_000_000, 7_000_031)
    cards = (ALONE, GUARDIAN)
    bring(
        open_house.library,
        "loans",
        [loan(number, cards[number % 2], "Марк Твен", "Том Сойер", 77, branch="zashchita") for number in numbers],
    )
    visitor = at_desk(open_house, "librarian")
    page = visitor.get(f"/staff/returns/expected?day={in_days(77)}").text
    assert "Books: 31; readers: 2." in text_of(page) and page.count("L7000") < 2 * 31
    older = re.search(r'href="([^"]+)" rel="next"', page)
    assert older and "Books: 31; readers: 2." in text_of(visitor.get(unescape(older[1])).text)
    assert "Books: 0; readers: 0." in text_of(visitor.get(f"/staff/returns/expected?day={in_days(78)}").text)
    here = at_desk(open_house, "librarian", branches=["ortalyq"])
    assert "Books: 0; readers: 0." in text_of(here.get(f"/staff/returns/expected?day={in_days(77)}").text)


def test_the_call_queue_from_taking_to_told(closed_house: House) -> None:
    queue = f"/staff/calls/{unreachable(closed_house)}"
    visitor, colleague = at_desk(closed_house, "librarian"), at_desk(closed_house, "librarian")
    assert send(visitor, queue, f"{queue}/take").status_code == 303
    page = visitor.get(queue).text
    assert "tel:+77051112233" in page and "Кімді сұрау керек: Іңкәр Үсенова" in page
    assert "tel:+7705" not in colleague.get(queue).text
    address = re.search(rf'action="({queue}/[0-9a-f-]+)"', page)
    assert address
    assert send(visitor, queue, address[1], result="reached", name="Іңкәр").status_code == 303
    words = text_of(visitor.get(queue).text)
    assert "Recorded: Іңкәр, reached." in words and "Everybody who can be called has been called." in words
    message = visitor.get(f"/staff/messages/{address[1].rsplit('/', 1)[1]}")
    assert "Told:" in text_of(message.text)


def test_what_one_clerk_has_taken_is_hidden_from_another_for_two_hours(closed_house: House) -> None:
    quarantine_id = unreachable(closed_house)
    queue, database = f"/staff/calls/{quarantine_id}", closed_house.system.contexts["notify"].database
    first, second = at_desk(closed_house, "librarian"), at_desk(closed_house, "librarian")
    send(first, queue, f"{queue}/take")
    assert "tel:+77051112233" in first.get(queue).text
    send(second, queue, f"{queue}/take")
    words = text_of(second.get(queue).text)
    assert "There is nobody left to call just now." in words
    assert re.search(r"1 Taken by colleagues just now|Taken by colleagues just now 1", words), words
    assert "Үсенова" not in second.get(f"{queue}/all").text and "Үсенова" in first.get(f"{queue}/all").text
    with database.transaction() as session:
        call = session.scalars(select(Call).where(Call.quarantine_id == quarantine_id)).one()
        left = call.taken_until - clock.now()
        assert timedelta(hours=1, minutes=59) < left <= timedelta(hours=2)
        call.taken_until = clock.now()
    send(second, queue, f"{queue}/take")
    assert "tel:+77051112233" in second.get(queue).text and "tel:+7705" not in first.get(queue).text


def test_a_message_is_shown_as_sent_and_found_by_name(closed_house: House) -> None:
    visitor = at_desk(closed_house, "librarian")
    page = visitor.get("/staff/messages", query_string={"search": "айгул", "kind": "digest"})
    address = re.search(r"/staff/messages/[0-9a-f-]{36}", page.text)
    assert address
    words = text_of(visitor.get(address[0]).text)
    assert "Құрметті Айгүл Серікова!" in words and "/l/…" in words and "e-mail" in words
    refused = send(visitor, address[0], f"{address[0]}/retry")
    assert refused.status_code == 303
    assert "This notice has been sent already." in text_of(visitor.get(address[0]).text)


def brought(visitor: Visitor, kind: str, content: bytes) -> TestResponse:
    key = key_in(visitor.get("/staff/imports").text)
    data = {"csrf": key, "file": (io.BytesIO(content), "file.csv")}
    return visitor.post(f"/staff/imports/{kind}", data=data, content_type="multipart/form-data")


def report_of(visitor: Visitor, kind: str, content: bytes) -> str:
    """Brings a file and follows it to its end; returns the report's page."""
    answer = brought(visitor, kind, content)
    if answer.status_code != 303:
        return answer.text
    pages: list[Any] = []

    def done() -> bool:
        pages.append(visitor.get(answer.location))
        return "Refresh" not in pages[-1].headers

    eventually(done, 30)
    refused = rows(visitor, f"{answer.location}/refused.csv")
    assert refused[0] == ["Line", "Column", "What is wrong"]
    return str(pages[-1].text) + "".join(",".join(row) for row in refused)


def test_files_are_followed_to_their_end_with_a_report_per_line(open_house: House) -> None:
    visitor = at_desk(open_house, "librarian")
    readers = "card_number,family_name,given_name,language,birth_date,email,phone,telegram,guardian_card_number,"
    header = readers + "home_branch_id,card_expires_on\n"
    file = header + "I-1,Мақсат,Ә,kk,,,,,,ortalyq,\nI-2,Б,Б,xx,,,,,,ortalyq,\n"
    page = report_of(visitor, "readers", file.encode())
    assert "Lines taken: 1. Lines refused: 1." in text_of(page) and "3,language" in page
    loans = "loan_id,card_number,title,isbn,branch_id,lent_on,due_on,status\n"
    file = loans + f"IL-1,I-1,Ұлпан,,ortalyq,{in_days(-1)},{in_days(9)},on_loan\nIL-2,I-1,Ұлпан,,ortalyq,x,,on_loan\n"
    page = report_of(visitor, "loans", file.encode())
    assert "Lines taken: 1. Lines refused: 1." in text_of(page) and "3,lent_on" in page
    assert "The header is not right" in text_of(report_of(visitor, "loans", b"a,b\n1,2\n"))
    assert send(visitor, "/staff/imports", "/staff/imports/loans").status_code == 422


@contextmanager
def half_way(house: House, run_id: str) -> Iterator[None]:
    """A file that has been taken, as it stood in the middle: one line of two done, the rest under way."""
    database = house.system.contexts["accounts"].database

    def stand(state: str, done: int) -> None:
        with database.transaction() as session:
            row = update(runs_table).where(runs_table.c.id == run_id)
            session.execute(row.values(state=state, done=done, next_at=clock.now() + timedelta(days=1)))

    stand("running", 1)
    try:
        yield
    finally:
        stand("done", 2)


def test_a_page_of_an_import_once_closed_is_found_again_while_it_runs_and_after(open_house: House) -> None:
    visitor = at_desk(open_house, "librarian")
    readers = f"{','.join(READER_COLUMNS)}\n" + "".join(f"J-{n},Мақсат,Ә,kk,,,,,,ortalyq,,\n" for n in (1, 2))
    refused = "J-3,Б,Б,xx,,,,,,ortalyq,,\n"
    address = str(brought(visitor, "readers", (readers + refused).encode()).location)
    eventually(lambda: "Refresh" not in visitor.get(address).headers, 30)
    with half_way(open_house, address.rsplit("/", 1)[1]):
        front = visitor.get("/staff/imports").text
        assert address in front and "under way" in text_of(front)
        again = visitor.get(address)
        assert "The file is being taken: 1 of 2 lines." in text_of(again.text) and again.headers["Refresh"]
        assert 'max="2" value="1"' in again.text
        assert address in visitor.get("/staff/imports?state=running").text
    front = text_of(visitor.get("/staff/imports?kind=readers&search=сарсенова").text)
    assert "А. Сәрсенова" in front and "done" in front
    assert "Refused lines" in text_of(visitor.get(address).text)
    file = rows(visitor, "/staff/imports.csv?kind=readers&state=done")
    assert file[0] == ["When", "Who", "State", "Lines taken", "Lines refused"] and file[1][1:] == [
        *("А. Сәрсенова", "done", "2", "1")
    ]
    assert "Nothing was found." in text_of(visitor.get("/staff/imports?search=zzzz").text)
    stranger = at_desk(open_house, "librarian")
    assert address not in stranger.get("/staff/imports").text and stranger.get(address).status_code == 404
    assert address in at_desk(open_house, "admin").get("/staff/imports").text
    wrong = send(visitor, "/staff/imports", "/staff/imports/loans")
    assert wrong.status_code == 422 and 'action="/staff/imports"' in wrong.text


def test_branches_come_from_a_file_at_once(open_house: House) -> None:
    visitor = at_desk(open_house, "admin")
    code = f"i{uuid.uuid4().hex[:6]}"
    header = "branch_id,name_kk,name_ru,name_en,parent_id,time_zone,opening_hours\n"
    page = report_of(visitor, "branches", f"{header}{code},Ә,Б,B,,Asia/Almaty,Mo-Fr 09:00-18:00\nX!,,,,,,\n".encode())
    assert "Lines taken: 1. Lines refused: 1." in text_of(page)
    kept_rows = re.search(r'name="kept" value="([^"]+)"', page)
    assert kept_rows
    data = {"csrf": key_in(page), "kept": unescape(kept_rows[1])}
    answer = visitor.post("/staff/imports/branches/refused.csv", data=data)
    assert answer.status_code == 200 and "branch_id" in answer.get_data(as_text=True)
    assert visitor.post("/staff/imports/branches/refused.csv", data=data | {"kept": "{"}).status_code == 422


def test_a_branch_is_added_and_its_hours_are_shown_before_saving(open_house: House) -> None:
    visitor = at_desk(open_house, "admin")
    code = f"n{uuid.uuid4().hex[:6]}"
    fields = {"id": code, "name_kk": "Ұлан", "time_zone": "Asia/Almaty", "opening_hours": "Mo-Su 10:00-12:30"}
    fields |= {"phone": "+7 7232 00-00-09"}
    looked = send(visitor, "/staff/branches/new", **fields, deed="look")
    assert text_of(looked.text).count("10:00–12:30") >= 10
    wrong = send(visitor, "/staff/branches/new", **{**fields, "opening_hours": "gibberish"})
    assert wrong.status_code == 422 and "The hours are not understood." in text_of(wrong.text)
    assert send(visitor, "/staff/branches/new", **fields).status_code == 303
    assert "Ұлан" in visitor.get("/staff/branches?search=улан").text
    form = visitor.get(f"/staff/branches/{code}").text
    version = re.search(r'name="version" value="(\d+)"', form)
    assert version
    change = fields | {"name_ru": "Улан", "version": version[1], "parent_id": "ortalyq"}
    assert send(visitor, f"/staff/branches/{code}", **change).status_code == 303
    kept = open_house.library.get(f"/branches/{code}")
    assert (kept["parent_id"], kept["phone"]) == ("ortalyq", "+7 7232 00-00-09")
    librarian = at_desk(open_house, "librarian")
    assert (
        librarian.get("/staff/branches").status_code == 200 and librarian.get("/staff/branches/new").status_code == 403
    )


def test_stuck_work_is_seen_tried_again_and_thrown_away(open_house: House) -> None:
    database = open_house.system.contexts["loans"].database
    event = Event(
        str(uuid.uuid4()), "branch.changed.v1", "/services/x", "", clock.now(), {}, body=b'{"title": "\xd3\x98"}'
    )
    with database.transaction() as session:
        kept.park(session, event, "queue", "breaks its contract")
    with database.reading() as session:
        number = kept.parked(session)[-1]["id"]
    visitor = at_desk(open_house, "admin")
    page = visitor.get("/staff/stuck?service=loans&search=CONTRACT").text
    address = f"/staff/stuck/loans/{number}"
    assert address in page
    whole = visitor.get("/staff/stuck?search=contract").text
    assert "/staff/stuck/loans?search=contract" in whole and address not in whole
    assert address in visitor.get("/staff/stuck/loans?search=contract").text
    assert address not in visitor.get("/staff/stuck/loans?search=elsewhere").text
    assert "Ә" in visitor.get(address).text
    send(visitor, address, deed="discard")
    assert "Tick the box if you are sure." in text_of(visitor.get(address).text)
    assert send(visitor, address, deed="discard", sure="yes").location == "/staff/stuck"
    assert visitor.get(address).status_code == 404
    assert {visitor.get(f"/staff/stuck/nothing{rest}").status_code for rest in ("", "/1")} == {404}
    assert at_desk(open_house, "operator").get("/staff/stuck").status_code == 403


def test_stuck_work_goes_on_by_pages_and_into_a_file_whole(open_house: House) -> None:
    database = open_house.system.contexts["quizzes"].database
    with database.transaction() as session:
        for number in range(30):
            said = Event(str(uuid.uuid4()), f"branch.lost{number}.v1", "/services/x", "", clock.now(), {}, body=b"{}")
            kept.park(session, said, "queue", "паровоз" if number % 2 else "пароход")
    visitor = at_desk(open_house, "admin")
    page = visitor.get("/staff/stuck?service=quizzes").text
    assert page.count("/staff/stuck/quizzes/") == 25
    older = re.search(r'href="([^"]+)" rel="next"', page)
    assert older and visitor.get(unescape(older[1])).text.count("/staff/stuck/quizzes/") == 5
    part = visitor.get("/staff/stuck/quizzes").text
    assert "Show all" in part and "service=quizzes" in part
    assert visitor.get("/staff/stuck?service=quizzes&search=ПАРОВОЗ").text.count("/staff/stuck/quizzes/") == 15
    assert len(rows(visitor, "/staff/stuck.csv?service=quizzes&search=паровоз")) == 16
    with database.transaction() as session:
        for each in kept.parked(session, limit=100):
            kept.discard(session, each["id"])


def test_the_queue_of_an_undone_closure_is_found_while_somebody_is_left_in_it() -> None:
    quarantines = [{"id": "a", "state": "declared"}, {"id": "b", "state": "cancelled"}, {"id": "c", "state": "lifted"}]
    assert [each["id"] for each in with_a_queue(quarantines, {"b": 2, "c": 1})] == ["b", "c"]
    assert [each["id"] for each in with_a_queue(quarantines, {"b": 0})] == ["a", "c"]


def test_branches_are_filtered_and_come_by_pages_in_the_order_of_the_tree(quiz_house: House) -> None:
    many = f"t{uuid.uuid4().hex[:5]}"
    quiz_house.library.branch(many)
    for number in range(30):
        quiz_house.library.branch(f"{many}-{number:02}", parent_id=many)
    shut = quiz_house.library.declare(branch_ids=[f"{many}-03"], starts_on=in_days(0), ends_on=in_days(3))
    quiz_house.library.wait_until_done(shut["id"])
    visitor = at_desk(quiz_house, "admin")

    def shown(page: str) -> list[str]:
        return re.findall(r'href="/staff/branches/([^"]+)"', page)[1:]

    page = visitor.get("/staff/branches").text
    older = re.search(r'href="([^"]+)" rel="next"', page)
    assert len(shown(page)) == 25 and older
    rest = shown(visitor.get(unescape(older[1])).text)
    assert not set(rest) & set(shown(page)) and f"{many}-29" in rest
    assert page.index(f'"/staff/branches/{many}"') < page.index(f'"/staff/branches/{many}-00"')
    usual = visitor.get(f"/staff/branches?state=usual&search={many}").text
    assert len(shown(usual)) == 25 and "rel=" in usual
    assert f"{many}-03" not in {*shown(usual)}
    assert shown(visitor.get(f"/staff/branches?state=closed&search={many}").text) == [f"{many}-03"]
    assert [row[0] for row in rows(visitor, f"/staff/branches.csv?state=closed&search={many}")[1:]] == [f"{many}-03"]
    quiz_house.library.post(f"/quarantines/{shut['id']}/cancel", {})


def letters_of(house: House, count: int) -> str:
    """Families with neither phone nor mail whose books a closure of their own moved; the address of their letters."""
    branch = f"b{uuid.uuid4().hex[:6]}"
    house.library.branch(branch)
    cards = [f"{branch}-{number:02}" for number in range(count)]
    people = [reader(card, f"Хатова{card[-2:]}", "Дана", home_branch_id=branch) for card in cards]
    bring(house.library, "readers", people)
    start = uuid.uuid4().int % 10**8
    books = [loan(start + n, card, "Ғабит Мүсірепов", "Ұлпан", 3, branch=branch) for n, card in enumerate(cards)]
    bring(house.library, "loans", books)
    declared = house.library.declare(branch_ids=[branch], starts_on=in_days(0), ends_on=in_days(12))
    house.library.wait_until_done(declared["id"])
    return f"/staff/quarantines/{declared['id']}/letters"


def test_letters_are_found_taken_along_and_ticked_off_together(closed_house: House) -> None:
    path = letters_of(closed_house, 27)
    visitor = at_desk(closed_house, "librarian")
    page = visitor.get(path).text
    older = re.search(r'href="([^"]+)" rel="next"', page)
    assert page.count('name="notice"') == 25 and older
    second = unescape(older[1])
    other = visitor.get(second).text
    ticked = re.findall(r'name="notice" value="([^"]+)"', other)
    assert len(ticked) == 2
    assert visitor.get(f"{path}?search=хатова05").text.count('name="notice"') == 1
    file = rows(visitor, f"{path}.csv")
    assert len(file) == 28 and file[0][0] == "To whom" and any("Құрметті Дана Хатова05!" in row[3] for row in file)
    data = {"csrf": key_in(other), "notice": ticked}
    done = visitor.post(path, data=data, headers={"Referer": f"http://localhost{second}"})
    assert done.location == second
    assert "Recorded as posted: 2" in text_of(visitor.get(path).text)
    assert "Told:" in text_of(visitor.get(f"/staff/messages/{ticked[0]}").text)
    assert len(rows(visitor, f"{path}.csv")) == 26
    visitor.post(path, data={"csrf": key_in(other)})
    assert "Tick the letters first." in text_of(visitor.get(path).text)
    assert visitor.post(path, data={"csrf": key_in(other), "notice": "x"}).status_code == 422
    assert visitor.post(path, data=data, headers={"Referer": "http://localhost/staff?x=1"}).location == path


def test_rights_are_given_by_library_and_taken_away(open_house: House) -> None:
    visitor = at_desk(open_house, "admin")
    login = f"new-{uuid.uuid4().hex[:6]}"
    fields = {"login": login, "name": "Іңкәр Қ.", "password": "a long password", "csrf": ""}
    page = visitor.get("/staff/people/new").text
    data = fields | {"csrf": key_in(page), "librarian": ["ortalyq", "ablaketka"], "editor": "all"}
    assert visitor.post("/staff/people/new", data=data).status_code == 303
    assert visitor.post("/staff/people/new", data=data).status_code == 409
    listed = visitor.get("/staff/people?search=инкар").text
    address = re.search(r"/staff/people/[0-9a-f-]{36}", listed)
    assert address and login in listed
    person = open_house.library.get(f"/staff/{address[0].rsplit('/', 1)[1]}")
    assert person["roles"] == {"librarian": ["ortalyq", "ablaketka"], "editor": "all"}
    colleague = open_house.client("en")
    assert colleague.send("/sign-in", "/sign-in", login=login, secret="a long password").status_code == 303
    assert colleague.get("/staff/readers").status_code == 200
    form = visitor.get(address[0]).text
    ends = re.search(rf'action="({address[0]}/sign-ins/[0-9a-f-]+)"', form)
    assert ends
    assert visitor.post(ends[1], data={"csrf": key_in(form)}).status_code == 303
    assert colleague.get("/staff/readers").location.startswith("/sign-in")
    send(visitor, address[0], f"{address[0]}/access", disabled="yes")
    again = open_house.client("en").send("/sign-in", "/sign-in", login=login, secret="a long password")
    assert again.status_code != 303
    assert at_desk(open_house, "librarian").get("/staff/people").status_code == 403


def test_something_wrong_reaches_the_library(closed_house: House) -> None:
    words = f"Кітап жоғалды {uuid.uuid4().hex[:6]}"
    visitor = closed_house.signed_in(ALONE)
    assert send(visitor, "/books", "/books/question", question=words, phone="+7 705").status_code == 303
    assert "Thank you." in text_of(visitor.get("/books").text)
    empty = send(visitor, "/books", "/books/question", question="", phone="+7 705")
    assert empty.status_code == 422 and "Write what is wrong." in text_of(empty.text) and "+7 705" in empty.text
    link = closed_house.private_link()
    guest = closed_house.client("en")
    assert guest.send(link, f"{link}/question", question=f"{words} by link").status_code == 303
    desk = at_desk(closed_house, "librarian")
    page = desk.get("/staff/questions", query_string={"search": words}).text
    assert page.count(words) >= 2 and f"/staff/readers/{ALONE}" in page
    number = re.findall(r'action="(/staff/questions/\d+)"', page)
    for address in number:
        assert send(desk, "/staff/questions", address).status_code == 303
    assert words not in desk.get("/staff/questions").text
    assert words in desk.get("/staff/questions?done=true").text


def test_a_reader_chooses_what_to_be_told(open_house: House) -> None:
    visitor = open_house.signed_in(GUARDIAN)
    page = visitor.get("/notices/preferences").text
    assert page.count("checked") == 4 and "Always sent" in text_of(page)
    data = {"csrf": key_in(page), "wanted": ["due_soon:email", "digest:email"]}
    assert visitor.post("/notices/preferences", data=data).status_code == 303
    again = visitor.get("/notices/preferences").text
    assert again.count("checked") == 1 and re.search(r'value="due_soon:email" checked', again)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_did_what_is_told_in_every_language(closed_house: House, language: str) -> None:
    visitor = at_desk(closed_house, "admin", language=language)
    words = {"kk": "карантин жариялады", "ru": "объявлен карантин", "en": "declared a quarantine"}
    first = {"kk": "алғашқы іске қосу", "ru": "первый запуск", "en": "the first start"}
    assert words[language] in text_of(visitor.get("/staff/log?part=quarantines").text)
    assert visitor.get("/staff/log?part=messages&since=2020-01-01").status_code == 200
    assert first[language] in naming_in(closed_house, language)


def naming_in(house: House, language: str) -> str:
    with house.app._front.test_request_context():
        g.language = language
        return naming.program("first start")


def test_who_did_what_leads_to_whom_it_is_about(closed_house: House) -> None:
    clerk = at_desk(closed_house, "librarian")
    me = closed_house.library.get("/staff?limit=500")["items"]
    send(clerk, f"/staff/readers/{BLOCKED}/pin", reason="knew the street")
    visitor = at_desk(closed_house, "admin", "librarian")
    page = visitor.get("/staff/log?search=тилеубердинова").text
    assert (
        f'href="/staff/readers/{BLOCKED}"' in page
        and f"Тілеубердинова Гүлжамал, {BLOCKED}" in page
        and "issued a PIN" in page
    )
    assert not re.search(r">[0-9a-f]{8}-[0-9a-f-]{27}<", visitor.get("/staff/log").text)
    only = rows(visitor, "/staff/log.csv?deed=issued a PIN&search=street")
    assert [row[2:] for row in only[1:]] == [["issued a PIN", f"Тілеубердинова Гүлжамал, {BLOCKED}", "knew the street"]]
    assert re.search(r'href="/staff/people/[0-9a-f-]{36}"', visitor.get("/staff/log?deed=added staff").text)
    quarantines = visitor.get("/staff/log?part=quarantines&search=тұмау&deed=declared").text
    (flu,) = closed_house.library.get("/quarantines?search=Тұмауға")["items"]
    assert f"/staff/quarantines/{flu['id']}" in quarantines
    assert "Nothing was found." in text_of(visitor.get("/staff/log?part=quarantines&search=zzzz").text)
    assert "Nothing was found." in text_of(visitor.get(f"/staff/log?part=quarantines&who=staff:{me[0]['id']}").text)
    queue = f"/staff/calls/{unreachable(closed_house)}"
    send(clerk, queue, f"{queue}/take")
    address = re.search(rf'action="{queue}/([0-9a-f-]+)"', clerk.get(queue).text)
    assert address
    send(clerk, queue, f"{queue}/{address[1]}", result="no_answer", name="Іңкәр")
    messages = visitor.get(
        "/staff/log", query_string={"part": "messages", "search": "инкар", "deed": "call: no_answer"}
    )
    assert f'href="/staff/messages/{address[1]}">Іңкәр Үсенова</a>' in messages.text
    seen = text_of(visitor.get("/staff/log?part=messages&deed=viewed").text)
    assert "saw phone numbers of the call queue" in seen and "call: no answer" not in seen.split("Note")[-1]
