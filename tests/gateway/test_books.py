"""What the page of books says, from loans as the API gives them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.gateway import books
from services.gateway.opening import Branch, branch_view

TODAY = date(2026, 2, 10)
CLOSED = {"quarantine_id": "q", "until": "2026-02-15", "reopens_on": "2026-02-16", "reason": {"kk": "Тұмау"}}


def branch(branch_id: str = "a", closed: dict[str, Any] | None = None) -> Branch:
    known = {"id": branch_id, "name": {"kk": branch_id}, "time_zone": "Asia/Almaty", "closed": closed}
    moment = datetime(2026, 2, 10, 7, tzinfo=UTC)
    return branch_view(known | {"opening_hours": "Mo-Sa 09:00-18:00"}, "KZ", moment)


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


def book(closed: bool = False, **fields: Any) -> books.Book:
    return books.book(loan(**fields), branch(closed=CLOSED if closed else None), TODAY)


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


def test_a_family_begins_with_oneself_and_lists_children_without_books() -> None:
    loans = [loan(1), loan(2, card_number="3"), loan(3, card_number="3", status="returned", returned_on="2026-02-01")]
    names = {"1": "Айгүл", "2": "Әлия", "3": "Болат"}
    members = books.family(loans, names, "1", {"a": branch()})
    assert [member.name for member in members] == ["Айгүл", "Болат", "Әлия"]
    assert [len(member.books) for member in members] == [1, 1, 0]
    assert [loan["id"] for loan in members[1].history] == ["L3"]


def test_moved_books_stand_first() -> None:
    loans = [loan(1, due="2026-02-10"), loan(2, due=None), loan(3)]
    (member,) = books.family(loans, {"1": ""}, "1", {"a": branch()})
    assert [book.id for book in member.books] == ["L3", "L2", "L1"]


def test_where_to_bring_them_the_nearest_day_first() -> None:
    shown = [book(number=1, due="2026-02-18"), book(number=2, branch_id="b"), book(number=3, branch_id="b", due=None)]
    assert [(visit.branch_id, visit.on, visit.books) for visit in books.visits(shown)] == [
        ("b", date(2026, 2, 16), 1),
        ("a", date(2026, 2, 18), 1),
    ]


def test_nothing_to_renew_while_the_doors_are_closed() -> None:
    assert book(closed=True).waits
    assert not book(closed=True, due="2026-02-10").waits
    assert not book().waits
