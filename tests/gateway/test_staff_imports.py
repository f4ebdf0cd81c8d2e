"""Files brought at the console: followed to their end, found again, with a report per line."""

from __future__ import annotations

import dataclasses
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import update

from services.gateway.app import create_app
from shared import clock
from shared.peers import Peers
from shared.tables import runs as runs_table
from tests.gateway.console import PASSWORD, at_desk, colleague
from tests.gateway.desk_work import brought, rows, send
from tests.gateway.house import (
    READER_COLUMNS,
    House,
    Visitor,
    in_days,
    key_in,
    served,
    text_of,
)
from tests.support.eventually import eventually


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


def test_a_file_that_takes_longer_than_other_calls_is_not_taken_for_a_service_that_is_down(
    open_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its guardian is waited for, in case the card was registered just now."""
    waited = open_house.system.settings.reference_wait
    monkeypatch.setattr("shared.peers.SECONDS", waited / 8)
    object.__setattr__(open_house.system.settings, "reference_wait", waited / 2)
    line = f"F-1,Мақсат,Ә,kk,,,,,G-{uuid.uuid4().hex[:6]},ortalyq,,\n"
    try:
        with over_http(open_house, "accounts") as visitor:
            answer = brought(visitor, "readers", f"{','.join(READER_COLUMNS)}\n{line}".encode())
            assert answer.status_code == 303, text_of(answer.text)
            assert "Unknown guardian card: G-" in text_of(visitor.get(answer.location).text)
    finally:
        object.__setattr__(open_house.system.settings, "reference_wait", waited)


@contextmanager
def over_http(house: House, service: str) -> Iterator[Visitor]:
    """The console, and one service in another process as far as it can tell."""
    with served(house.system.apps[service]) as (url, _):
        settings = dataclasses.replace(house.system.settings, peers={service: url})
        peers = Peers(settings)
        for name, app in house.system.apps.items():
            if name != service:
                peers.connect(name, app)
        visitor = Visitor(create_app(settings, peers), "en")
        visitor.send("/sign-in", "/sign-in", login=colleague(house), secret=PASSWORD)
        yield visitor
