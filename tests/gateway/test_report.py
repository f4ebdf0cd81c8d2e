"""The report of a period: as page, CSV and XLSX, inside the library and outside it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import g
from openpyxl import load_workbook

from services.gateway.asking import Found
from services.gateway.pages.staff.report import Period, Table, tables
from shared.peers import Peers
from tests.gateway import quizzing
from tests.gateway.console import PASSWORD, at_desk, colleague
from tests.gateway.desk_work import rows
from tests.gateway.house import House, Visitor, in_days, new_site, text_of
from tests.gateway.test_quiz_pages import begin, play_all

QUERY = f"since={in_days(-30)}&until={in_days(1)}"


def part(found: list[Any], title: str) -> list[Any]:
    """The rows under a title, without the line of its columns."""
    after = found[found.index([title]) + 2 :]
    end = next((at for at, row in enumerate(after) if not any(row)), len(after))
    return after[:end]


def cells_of(visitor: Visitor, query: str) -> list[list[Any]]:
    """The sheet of the report, empty cells left out."""
    book = load_workbook(io.BytesIO(visitor.get(f"/staff/report.xlsx?{query}").data))
    return [[cell for cell in row if cell is not None] for row in book.active.iter_rows(values_only=True)]


def test_the_report_counts_and_hides_small_numbers_outside(closed_house: House) -> None:
    visitor = at_desk(closed_house, "librarian")
    inside = text_of(visitor.get(f"/staff/report?{QUERY}").text)
    assert "Quarantine because of influenza" in inside and "Households told, by way" in inside
    assert "Numbers under 5 are shown as <5." in inside and inside.count("<5") == 1
    outside = visitor.get(f"/staff/report?{QUERY}&outside=yes").text
    assert outside.count("&lt;5") > 2
    cells = [cell for row in cells_of(visitor, f"{QUERY}&outside=yes") for cell in row]
    assert "Closures" in cells and "<5" in cells
    assert not [cell for cell in cells if isinstance(cell, int) and 0 < cell < 5]
    assert ["Closures"] in rows(visitor, f"/staff/report.csv?{QUERY}")


def test_attempts_at_quizzes_are_reported_on_page_and_in_files(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [quizzing.SINGLE], "reported")
    desk = at_desk(quiz_house, "librarian")
    before = {
        row[0]: [int(n) for n in row[1:]] for row in part(rows(desk, f"/staff/report.csv?{QUERY}"), "Online tests")
    }
    guest = quiz_house.client("ru")
    hand_in = play_all(guest, begin(quiz_house, quiz_id, guest, language="ru"))
    assert guest.send(hand_in, hand_in).status_code == 303
    begin(quiz_house, quiz_id, quiz_house.client("ru"), language="ru")
    as_csv = {row[0]: row[1:] for row in part(rows(desk, f"/staff/report.csv?{QUERY}"), "Online tests")}
    begun, handed_in, passed, guests = before.get("Русский", [0, 0, 0, 0])
    assert [int(n) for n in as_csv["Русский"]] == [begun + 2, handed_in + 1, passed + 1, guests + 2]
    as_xlsx = part(cells_of(desk, QUERY), "Online tests")
    assert [[str(cell) for cell in row] for row in as_xlsx] == [[key, *cells] for key, cells in as_csv.items()]
    page = text_of(desk.get(f"/staff/report?{QUERY}").text)
    assert f"Русский {begun + 2} {handed_in + 1} {passed + 1} {guests + 2}" in page
    assert "Attempts begun" in page and "Begun by guests" in page


def test_half_a_report_is_none(closed_house: House) -> None:
    site, counted = new_site(closed_house)
    visitor = Visitor(site, "en")
    login = colleague(closed_house, "librarian")
    assert visitor.send("/sign-in", "/sign-in", login=login, secret=PASSWORD).status_code == 303
    peers: Peers = closed_house.system.contexts["quarantines"].peers
    quizzes = closed_house.system.apps["quizzes"]
    peers.connect("quizzes", lambda environ, start: start("503 Gone", []) or [b""])
    try:
        page = visitor.get(f"/staff/report?{QUERY}")
        assert page.status_code == 200 and "The report needs every part of the system." in text_of(page.text)
        assert visitor.get(f"/staff/report.csv?{QUERY}").status_code == 503
    finally:
        peers.connect("quizzes", quizzes)
    assert "Online tests" in visitor.get(f"/staff/report?{QUERY}").text
    assert counted["quizzes"].calls == 0


def counted(key: str | None, readers: int) -> dict[str, Any]:
    return {"key": key, "households": readers, "readers": readers}


def loans_of(branch_id: str, lent: int) -> dict[str, Any]:
    return dict.fromkeys(("renewed", "returned", "extended", "brought_nearer"), 0) | {
        "branch_id": branch_id,
        "lent": lent,
    }


def answered(**told: Any) -> dict[str, Found]:
    names = [{"id": each, "name": {"kk": each}} for each in ("a", "b", "c")]
    groups: dict[str, Any] = {key: [] for key in ("by_way", "by_language", "by_branch", "by_age", "attempts")}
    lent = [loans_of("a", 3), loans_of("b", 40), loans_of("c", 812)]
    return {
        "quarantines": Found({"closures": [], "branches": names, "attempts": []}),
        "loans": Found({"by_branch": lent}),
        "told": Found(groups | {"not_told": 0} | told),
    }


@pytest.fixture
def in_english(closed_house: House) -> Iterator[None]:
    site, _ = new_site(closed_house)
    with site.test_request_context():
        g.language = "en"
        yield


def named(title: str, found: list[Table]) -> list[list[Any]]:
    return next([list(row) for row in each.rows] for each in found if each.title == title)


@pytest.mark.usefixtures("in_english")
def test_ages_stand_in_their_order_with_the_unknown_last() -> None:
    as_text = [None, "0-6", "11-14", "15-17", "18-29", "30+", "7-10"]
    found = tables(answered(by_age=[counted(key, 9) for key in as_text]), Period(date.min, date.max, outside=False))
    ages = [row[0] for row in named("Readers told about, by age", found)]
    assert ages == ["0-6", "7-10", "11-14", "15-17", "18-29", "30+", "not known"]


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(("outside", "lent"), [(False, [3, 40, 812, 855]), (True, ["<5", "not shown", 812, 855])])
def test_the_sum_gives_no_small_number_away(outside: bool, lent: list[Any]) -> None:
    found = tables(answered(by_way=[counted("email", 7), counted("sms", 2)]), Period(date.min, date.max, outside))
    assert [row[1] for row in named("Loans", found)] == lent
    told = ["not shown", "<5"] if outside else [7, 2]
    assert [row[1] for row in named("Households told, by way", found)] == told


def test_days_given_the_wrong_way_round_are_the_same_period(closed_house: House) -> None:
    visitor = at_desk(closed_house, "librarian")
    there, back = (f"/staff/report?since={since}&until={until}" for since, until in (DAYS, DAYS[::-1]))
    assert text_of(visitor.get(there).text) == text_of(visitor.get(back).text)


DAYS = (in_days(-30), in_days(1))
