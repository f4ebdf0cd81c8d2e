"""What the product is given for closures as staff declared them, and what it then answers."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from services.loans.due_dates import due_date
from shared.calendar import Closure, ClosureRule, OpenDays, open_days, shifts_for_changed_hours
from tests.oracle import Shutdown

KNOWN_FROM, KNOWN_TO = date(2025, 12, 1), date(2027, 12, 31)
BEGIN = date(2026, 1, 15)
WEEKS = [
    "Mo-Sa 09:00-18:00",
    "Mo-Fr 09:00-18:00",
    "Mo-Fr 09:00-18:00; Fr[-1] off",
    "Tu,Th 12:00-20:00",
    "Sa-Su",
]


@lru_cache
def calendar(hours: str, first: date = KNOWN_FROM) -> OpenDays:
    return open_days(hours, first, KNOWN_TO)


@lru_cache
def shifts_since(kept: str, hours_since: tuple[str, ...]) -> dict[date, date]:
    shifts: dict[date, date] = {}
    for hours in hours_since:
        new_hours = open_days(hours, KNOWN_FROM, KNOWN_TO + timedelta(days=60))
        shifts = shifts_for_changed_hours(calendar(kept), shifts, new_hours)
    return shifts


def feb(day: int) -> date:
    return date(2026, 2, day)


def as_closure(shutdown: Shutdown, today: date) -> Closure:
    """What the product is given for a closure as staff declared it."""
    return Closure(
        shutdown.id,
        shutdown.starts_on,
        shutdown.ends_on,
        calendar(shutdown.opening_hours),
        grace_days=shutdown.grace_days,
        include_overdue=shutdown.include_overdue,
        begun=shutdown.starts_on <= today,
        has_slots=shutdown.returns_per_day is not None,
        shifts=shifts_since(shutdown.opening_hours, shutdown.hours_since),
    )


def rule_for(shutdowns: list[Shutdown], today: date) -> ClosureRule:
    return ClosureRule(as_closure(s, today) for s in shutdowns if not s.cancelled)


def product(
    original: date,
    anchor: date,
    shutdowns: list[Shutdown],
    today: date,
    family_days: Mapping[str, date] | None = None,
) -> date | None:
    return due_date(original, anchor, rule_for(shutdowns, today), family_days).due_on
