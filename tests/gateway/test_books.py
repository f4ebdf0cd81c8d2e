"""What the page of books says, from loans as the API gives them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.gateway import books
from services.gateway.opening import Branch, branch_view

TODAY = date(2026, 2, 10)
CLOSED = {"quarantine_id": "q", "until": "2026-02-15", "reopens_on": "2026-02-16", "reason": {"kk": "Тұмау"}}


MOMENT = datetime(2026, 2, 10, 7, tzinfo=UTC)
HALL = {"name": {"kk": "Зал"}, "time_zone": "Asia/Almaty", "closed": None, "opening_hours": "Mo-Sa 09:00-18:00"}


def branch(branch_id: str = "a", closed: dict[str, Any] | None = None) -> Branch:
    return branch_view(HALL | {"id": branch_id, "name": {"kk": branch_id}, "closed": closed}, "KZ", MOMENT)


def loan(number: int = 1, due: str | None = "2026-02-16", original: str = "2026-02-10", **more: Any) -> dict[str, Any]:
    usual = {
        "id": f"L{number}",
        "title": f"Кітап {number}",
        "author": None,
        "card_number": "1",
        "branch_id": "a",
        "lent_on": "2026-01-20",
        "due_on": due,
        "original_due_on": original,
        "protected_until": None,
        "reason": None,
        "read_online": None,
        "status": "on_loan",
        "returned_on": None,
    }
    return usual | more


def book(closed: bool | dict[str, Any] = False, **fields: Any) -> books.Book:
    closure = CLOSED if closed is True else closed or None
    return books.book(loan(**fields), branch(fields.get("branch_id", "a"), closure), TODAY)


Row = dict[str, Any]
STOPPED: Row = {"due": "2026-02-05", "closed": True}
STOPPED_FOR_LONG: Row = {"due": "2026-02-05", "closed": CLOSED | {"until": None, "reopens_on": None}}
WITHOUT_DATE: Row = {"due": None, "closed": True}
MOVED: Row = {"due": "2026-02-16"}
PROTECTED: Row = {"due": "2026-02-05", "protected_until": "2026-02-12"}
LATE: Row = {"due": "2026-02-05"}


@pytest.mark.parametrize(
    ("due", "protected_until", "closed", "state"),
    [
        (None, None, True, books.UNTIL_OPEN),
        ("2026-02-16", None, True, books.MOVED),
        ("2026-02-10", None, False, books.UNCHANGED),
        ("2026-02-09", None, False, books.LATE),
        ("2026-02-09", None, True, books.STOPPED),
        ("2026-02-09", "2026-02-10", False, books.PROTECTED),
        ("2026-02-09", "2026-02-09", False, books.LATE),
    ],
)
def test_state(due: str | None, protected_until: str | None, closed: bool, state: str) -> None:
    assert book(due=due, protected_until=protected_until, closed=closed).state == state


def test_the_old_day_is_told_only_where_another_holds() -> None:
    assert book(due="2026-02-16").was == date(2026, 2, 10)
    assert book(due=None).was == date(2026, 2, 10)
    assert book(due="2026-02-10").was is None


@pytest.mark.parametrize(
    ("given", "kind", "count", "on"),
    [
        ([], "nothing", 0, None),
        ([None, None], "until_open", 2, None),
        (["2026-02-16", "2026-02-16"], "one_day", 2, date(2026, 2, 16)),
        (["2026-02-16", "2026-02-18"], "several_days", 2, date(2026, 2, 16)),
        (["2026-02-16", None], "several_days", 2, date(2026, 2, 16)),
        (["2026-02-16", "2026-02-01"], "late", 1, None),
    ],
)
def test_the_first_sentence(given: list[str | None], kind: str, count: int, on: date | None) -> None:
    shown = [book(number=number, due=due) for number, due in enumerate(given)]
    assert books.summary(shown) == books.Summary(kind, count, on)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([STOPPED], books.Summary("one_day", 1, date(2026, 2, 16))),
        ([STOPPED, MOVED], books.Summary("one_day", 2, date(2026, 2, 16))),
        ([STOPPED_FOR_LONG], books.Summary("until_open", 1)),
        ([STOPPED_FOR_LONG, WITHOUT_DATE], books.Summary("until_open", 2)),
        ([PROTECTED], books.Summary("one_day", 1, date(2026, 2, 12))),
        ([PROTECTED, MOVED], books.Summary("several_days", 2, date(2026, 2, 12))),
        ([LATE, PROTECTED], books.Summary("late", 1)),
    ],
)
def test_the_first_sentence_never_names_a_day_that_is_past(rows: list[Row], said: books.Summary) -> None:
    shown = [book(number=number, **row) for number, row in enumerate(rows)]
    assert books.summary(shown) == said
    for place in books.places(shown):
        assert all(visit.on is None or visit.on >= TODAY for visit in place.visits)


def test_a_family_begins_with_oneself_and_lists_children_without_books() -> None:
    loans = [loan(1), loan(2, card_number="3")]
    names = {"1": "Айгүл", "2": "Әлия", "3": "Болат"}
    members = books.family(loans, names, "1", {"a": branch()})
    assert [member.name for member in members] == ["Айгүл", "Болат", "Әлия"]
    assert [len(member.books) for member in members] == [1, 1, 0]


def test_moved_books_stand_first() -> None:
    loans = [loan(1, due="2026-02-10"), loan(2, due=None), loan(3)]
    (member,) = books.family(loans, {"1": ""}, "1", {"a": branch()})
    assert [book.id for book in member.books] == ["L3", "L2", "L1"]


def test_where_to_bring_them_every_day_of_a_branch_the_nearest_first() -> None:
    shown = [
        book(number=1, due="2026-02-18"),
        book(number=2, branch_id="b"),
        book(number=3, branch_id="b", due=None),
        book(number=4, due="2026-02-17"),
        book(number=5, due="2026-02-18"),
        book(number=6, branch_id="c", **LATE),
    ]
    assert [(place.branch_id, list(place.visits)) for place in books.places(shown)] == [
        ("c", [books.Visit(None, 1, late=True)]),
        ("b", [books.Visit(date(2026, 2, 16), 1), books.Visit(None, 1)]),
        ("a", [books.Visit(date(2026, 2, 17), 1), books.Visit(date(2026, 2, 18), 2)]),
    ]


@pytest.mark.parametrize(
    ("rows", "day"),
    [
        ([{"due": "2026-02-17"}, {"due": "2026-02-18"}], date(2026, 2, 17)),
        ([{"due": "2026-02-12", "protected_until": "2026-02-16"}, {"due": "2026-02-14"}], date(2026, 2, 14)),
        ([PROTECTED, {"due": "2026-02-18"}], date(2026, 2, 12)),
        ([{"due": "2026-02-16"}, {"due": "2026-02-16"}], None),
        ([{"due": "2026-02-15"}, {"due": "2026-02-16"}], None),
        ([LATE, {"due": "2026-02-16"}, {"due": "2026-02-17"}], None),
        ([WITHOUT_DATE, {"due": "2026-02-16"}, {"due": "2026-02-17"}], None),
    ],
    ids=["first day", "protected", "past but protected", "already one day", "a Sunday", "one late", "one without"],
)
def test_one_day_for_all_misses_the_day_of_none(rows: list[Row], day: date | None) -> None:
    (place,) = books.places([book(number=number, **row) for number, row in enumerate(rows)])
    assert place.one_day == day


def test_a_day_on_which_the_doors_are_shut_says_by_which_day_to_come() -> None:
    sunday, saturday = date(2026, 2, 15), date(2026, 2, 14)
    shown = [book(number=1, due="2026-02-15"), book(number=2, due="2026-02-17")]
    (place,) = books.places(shown)
    assert list(place.visits) == [
        books.Visit(sunday, 1, shut=True, come_by=saturday),
        books.Visit(date(2026, 2, 17), 1),
    ]
    assert books.summary(shown[:1]) == books.Summary("one_day", 1, sunday, saturday)
    assert books.summary(shown[1:]) == books.Summary("one_day", 1, date(2026, 2, 17))
    opens_after = CLOSED | {"until": "2026-02-15", "reopens_on": "2026-02-16"}
    (place,) = books.places([book(due="2026-02-15", original="2026-02-15", closed=opens_after)])
    assert list(place.visits) == [books.Visit(sunday, 1, shut=True)]


def test_of_two_branches_the_earlier_last_open_day_counts() -> None:
    shown = [book(number=1, due="2026-02-23"), book(number=2, due="2026-02-23", branch_id="b")]
    assert books.summary(shown).come_by is None
    five_days = branch_view(HALL | {"id": "b", "opening_hours": "Tu-Fr 09:00-18:00"}, "KZ", MOMENT)
    shown[1] = books.book(loan(2, due="2026-02-23", branch_id="b"), five_days, TODAY)
    assert books.summary(shown).come_by == date(2026, 2, 20)


def change(before: str | None, now: str | None, why: str = "quarantine") -> dict[str, Any]:
    return {"from": before, "to": now, "why": why}


@pytest.mark.parametrize(
    ("due", "changes", "state", "later_before"),
    [
        ("2026-02-10", [], books.UNCHANGED, None),
        ("2026-02-16", [change("2026-02-10", "2026-02-16")], books.MOVED, None),
        ("2026-02-16", [change("2026-02-28", "2026-02-16")], books.MOVED, date(2026, 2, 28)),
        ("2026-02-10", [change("2026-02-28", "2026-02-10")], books.PUT_BACK, date(2026, 2, 28)),
        ("2026-02-10", [change(None, "2026-02-10")], books.PUT_BACK, None),
        ("2026-02-16", [change(None, "2026-02-16")], books.MOVED, None),
        ("2026-02-10", [change("2026-02-28", "2026-02-10", "imported")], books.UNCHANGED, None),
        (None, [change("2026-02-28", None)], books.UNTIL_OPEN, None),
    ],
)
def test_a_date_that_came_nearer_says_which_day_held_before(
    due: str | None, changes: list[dict[str, Any]], state: str, later_before: date | None
) -> None:
    shown = book(due=due, changes=changes)
    assert (shown.state, shown.later_before) == (state, later_before)


@pytest.mark.parametrize(
    ("row", "day"),
    [
        (PROTECTED, date(2026, 2, 12)),
        ({"due": "2026-02-10", "protected_until": "2026-02-13"}, date(2026, 2, 13)),
        ({"due": "2026-02-16", "protected_until": "2026-02-13"}, None),
        ({"due": "2026-02-05", "protected_until": "2026-02-09"}, None),
        (MOVED, None),
        (WITHOUT_DATE, None),
    ],
    ids=["past", "today", "later than promised", "promise past", "none", "no date"],
)
def test_a_promised_day_is_told_before_the_return_date_has_passed(row: Row, day: date | None) -> None:
    assert book(**row).may_wait_until == day


def test_nothing_to_renew_while_the_doors_are_closed() -> None:
    assert book(closed=True).waits
    assert not book(closed=True, due="2026-02-10").waits
    assert not book(**STOPPED).waits, "its date has not moved: renewing still helps"
    assert not book().waits
