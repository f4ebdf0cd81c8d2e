"""A second opinion on every due date: the closure rule, day by day, written from the text of the rule alone.

It shares no code with the product. It is slow and plain on purpose, so that reading it beside the rule is
enough to believe it. Dates are `datetime.date`; `today` is the day in the branch's own time zone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import holidays
from opening_hours import OpeningHours, State

ONE_DAY = timedelta(days=1)
FAR_ENOUGH = 366 * 6


class NeverOpens(Exception):
    """Six years of days were tried and none was open."""


@dataclass(frozen=True)
class Shutdown:
    """One closure as staff declared it, at one branch.

    `opening_hours` are those in force when this version was decided; `hours_since` are the hours of later
    changes, oldest first: a moved date that they shut goes on to the next day they open.
    """

    id: str
    starts_on: date
    ends_on: date | None
    grace_days: int = 0
    include_overdue: bool = True
    cancelled: bool = False
    returns_per_day: int | None = None
    opening_hours: str = "Mo-Sa 09:00-18:00"
    country: str = "KZ"
    hours_since: tuple[str, ...] = field(default=())

    def shuts(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@lru_cache
def public_holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))


@lru_cache(maxsize=100_000)
def hours_leave_open(opening_hours: str, country: str, day: date) -> bool:
    """Whether weekly hours and public holidays alone leave this day open."""
    if day in public_holidays(country, day.year):
        return False
    midnight = datetime.combine(day, time())
    of_the_day = OpeningHours(opening_hours).intervals(midnight, midnight + ONE_DAY)
    return any(state == State.OPEN for _, _, state, _ in of_the_day)


def expected_due_on(
    original_due_on: date,
    lent_or_renewed_on: date,
    shutdowns: Iterable[Shutdown],
    today: date,
    family_days: Mapping[str, date] | None = None,
) -> date | None:
    """The date in force, or none for "no need to return until we reopen".

    `family_days`: closure id -> this family's return day as it stands today.
    """
    standing = [s for s in shutdowns if not s.cancelled]
    reached: date | None = original_due_on
    for shutdown in sorted(standing, key=lambda s: (s.starts_on, s.ends_on or date.max, s.id)):
        assert reached is not None
        inside = shutdown.shuts(reached)
        clock_stopped = (
            shutdown.include_overdue
            and shutdown.starts_on <= today
            and reached < shutdown.starts_on
            and lent_or_renewed_on <= shutdown.starts_on
        )
        if not inside and not clock_stopped:
            continue
        if shutdown.ends_on is None:
            return None
        reached = _after(shutdown, standing, family_days or {})
        if reached is None:
            return None
    return reached


def _after(shutdown: Shutdown, standing: list[Shutdown], family_days: Mapping[str, date]) -> date | None:
    assert shutdown.ends_on is not None
    together = {shutdown}
    day = shutdown.ends_on + ONE_DAY
    for _ in range(FAR_ENOUGH):
        shut_by = [s for s in standing if s.shuts(day)]
        if any(s.ends_on is None for s in shut_by):
            return None
        if not shut_by and hours_leave_open(shutdown.opening_hours, shutdown.country, day):
            break
        together.update(shut_by)
        day += ONE_DAY
    else:
        raise NeverOpens(shutdown.id)

    still_to_go = max(s.grace_days for s in together)
    for _ in range(FAR_ENOUGH):
        if still_to_go == 0:
            break
        day += ONE_DAY
        shut_by = [s for s in standing if s.shuts(day)]
        if any(s.ends_on is None for s in shut_by):
            return None
        if not shut_by and hours_leave_open(shutdown.opening_hours, shutdown.country, day):
            still_to_go -= 1
    else:
        raise NeverOpens(shutdown.id)

    last = max(
        together,
        key=lambda s: (s.ends_on or date.max, s.returns_per_day is not None, s.starts_on, s.id),
    )
    if last.returns_per_day is not None and last.id in family_days:
        return family_days[last.id]
    for hours in shutdown.hours_since:
        while not hours_leave_open(hours, shutdown.country, day):
            day += ONE_DAY
    return day
