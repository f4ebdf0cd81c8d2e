"""Opening hours in words, at moments of a known week: Monday 16 February 2026 and around."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from services.gateway.opening import Branch, branch_view

NINE_TO_SIX = ((time(9), time(18)),)


def at(moment: str, hours: str = "Mo-Sa 09:00-18:00; Fr[-1] off", closed: dict[str, Any] | None = None) -> Branch:
    """`moment` in Almaty, five hours ahead of UTC."""
    branch = {"id": "b", "name": {"kk": "б"}, "time_zone": "Asia/Almaty", "opening_hours": hours, "closed": closed}
    return branch_view(branch, "KZ", datetime.fromisoformat(f"{moment}+05:00").astimezone(UTC))


@pytest.mark.parametrize(
    ("moment", "is_open", "until", "opens"),
    [
        ("2026-02-16T08:59", False, None, "2026-02-16T09:00"),
        ("2026-02-16T09:00", True, time(18), "2026-02-17T09:00"),
        ("2026-02-16T17:59", True, time(18), "2026-02-17T09:00"),
        ("2026-02-16T18:00", False, None, "2026-02-17T09:00"),
        ("2026-02-21T18:30", False, None, "2026-02-23T09:00"),
        # The last Friday of the month, then International Women's Day with its moved day off.
        ("2026-02-27T10:00", False, None, "2026-02-28T09:00"),
        ("2026-03-07T19:00", False, None, "2026-03-10T09:00"),
    ],
)
def test_open_or_when(moment: str, is_open: bool, until: time | None, opens: str) -> None:
    branch = at(moment)
    assert (branch.is_open, branch.until) == (is_open, until)
    assert branch.opens == datetime.fromisoformat(opens)


def test_the_usual_week_in_runs_of_days_and_the_days_that_differ() -> None:
    branch = at("2026-02-16T12:00")
    assert branch.week == [(0, 5, NINE_TO_SIX), (6, 6, ())]
    assert branch.shut_days == [date(2026, 2, 27), date(2026, 3, 9)]
    assert branch.hours_on(date(2026, 2, 19)) == NINE_TO_SIX
    assert branch.hours_on(date(2026, 2, 22)) == ()


def test_several_spans_a_day_and_hours_around_the_clock() -> None:
    lunch = at("2026-02-16T13:30", "Mo-Fr 09:00-13:00,14:00-18:00")
    assert (lunch.is_open, lunch.opens) == (False, datetime(2026, 2, 16, 14))
    assert lunch.hours_on(date(2026, 2, 17)) == ((time(9), time(13)), (time(14), time(18)))
    assert at("2026-02-16T23:30", "Mo-Su 10:00-24:00").is_open


def test_a_quarantine_stands_above_the_hours() -> None:
    closed = {"quarantine_id": "q", "until": "2026-02-20", "reopens_on": "2026-02-21", "reason": {"kk": "Тұмау"}}
    branch = at("2026-02-16T12:00", closed=closed)
    assert (branch.closed, branch.is_open, branch.reopens_on) == (True, False, date(2026, 2, 21))
    assert at("2026-02-16T12:00", closed=closed | {"reopens_on": None}).reopens_on is None


def test_never_open() -> None:
    branch = at("2026-02-16T12:00", "off")
    assert (branch.is_open, branch.opens, branch.week) == (False, None, [(0, 6, ())])


def test_the_hours_of_a_day_that_differs_from_its_weekday() -> None:
    branch = at("2026-02-16T12:00", "Mo-Sa 09:00-18:00; Fr[-1] off; 2026 Feb 19 10:00-14:00")
    assert branch.hours_on(date(2026, 2, 27)) == () and not branch.is_usually_open(date(2026, 2, 27))
    assert branch.hours_on(date(2026, 2, 19)) == ((time(10), time(14)),)
    assert branch.hours_on(date(2026, 9, 25)) == NINE_TO_SIX, "so far ahead only the weekday is known"


@pytest.mark.parametrize(
    ("until", "closed", "day"),
    [
        (date(2026, 2, 22), None, date(2026, 2, 21)),
        (date(2026, 3, 9), None, date(2026, 3, 7)),
        (date(2026, 2, 15), None, None),
        (date(2026, 2, 22), {"reopens_on": "2026-02-21"}, date(2026, 2, 21)),
        (date(2026, 2, 22), {"reopens_on": "2026-02-23"}, None),
        (date(2026, 2, 22), {"reopens_on": None}, None),
    ],
    ids=["a Sunday", "a holiday", "past", "opens before", "opens after", "no end known"],
)
def test_the_last_open_day_up_to_another(until: date, closed: dict[str, Any] | None, day: date | None) -> None:
    usual = {"quarantine_id": "q", "until": None, "reason": {"kk": "Тұмау"}}
    assert at("2026-02-16T12:00", closed=usual | closed if closed else None).last_open_day(until) == day
