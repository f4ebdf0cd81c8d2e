"""When a quarantine begins and ends. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from shared.calendar import NoOpenDay, OpenDays, OutsideCalendar, end_of_search
from shared.calendar.open_days import ONE_DAY
from shared.problems import invalid

YEAR = timedelta(days=366)
Phase = Literal["ahead", "closed", "over", "cancelled"]


@dataclass(frozen=True)
class Period:
    """As staff give it. `ends_on`: the last closed day; `reopens_on`: the first open day; neither: no end known."""

    starts_on: date
    ends_on: date | None
    reopens_on: date | None

    def check_order(self) -> None:
        """Raises a 422 problem naming the field when the end does not come after the start."""
        if self.ends_on and self.ends_on < self.starts_on:
            raise invalid("ends_on", "The last closed day is before the first.")
        if self.reopens_on and self.reopens_on <= self.starts_on:
            raise invalid("reopens_on", "The day of opening must be after the first closed day.")

    @property
    def last_closed_day(self) -> date | None:
        return self.ends_on if self.ends_on or not self.reopens_on else self.reopens_on - ONE_DAY


def settle(period: Period, calendars: Sequence[OpenDays]) -> Period:
    """The period with both its ends, or none. Raises a 422 problem when two are given and disagree.

    They agree when no branch opens on a day between them. Every calendar holds an open day after the closure.
    """
    ends_on = period.last_closed_day
    if ends_on is None:
        return period
    first_open = min(calendar.first_open_after(ends_on) for calendar in calendars)
    if period.reopens_on and not ends_on < period.reopens_on <= first_open:
        raise invalid("reopens_on", "The last closed day and the day of opening disagree.")
    return Period(period.starts_on, ends_on, period.reopens_on or first_open)


def calendar_span(starts_on: date, ends_on: date | None, today: date, others_end: Iterable[date]) -> tuple[date, date]:
    """The first and last day a decision keeps: the rule never runs past them, nor past closures beside this one."""
    end = ends_on or max(starts_on, today) + YEAR
    return min(starts_on, today) - YEAR, end_of_search(max(end, today, *others_end)) + YEAR


def phase(state: str, starts_on: date, ends_on: date | None, today: date) -> Phase:
    """What a quarantine is on a day, for people to read."""
    if state == "cancelled":
        return "cancelled"
    if today < starts_on:
        return "ahead"
    return "over" if ends_on and ends_on < today else "closed"


def decisions_left(state: str, now: Phase) -> list[str]:
    """What may still be decided. A closure ends early while its doors are shut: before and after it has other days."""
    standing = state in ("declared", "changed")
    ends = ["lift"] if standing and now == "closed" else []
    return (["change"] if standing else []) + ends + (["cancel"] if state != "cancelled" else [])


def next_open_day(calendars: Sequence[OpenDays], starts_on: date, today: date) -> date:
    """The first day after today on which the doors of a closed branch can open, by hours and holidays."""
    after = max(starts_on, today)
    return min((day for each in calendars if (day := _open_after(each, after))), default=after + ONE_DAY)


def _open_after(calendar: OpenDays, day: date) -> date | None:
    try:
        return calendar.first_open_after(day)
    except (NoOpenDay, OutsideCalendar):
        return None
