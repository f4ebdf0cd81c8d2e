"""A branch's opening hours for people: whether it is open now, its usual week, and the days that differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from opening_hours import State

from shared.calendar import BadOpeningHours, check_opening_hours, open_days

Hours = tuple[tuple[time, time], ...]
A_WEEK = 7
WEEKS_LOOKED_AT = 8
DAYS_AHEAD = 31
MIDNIGHT = time()


@dataclass(frozen=True)
class Closure:
    """What closes a branch. `lifted`: staff have settled its end. `decided_at`: ISO 8601."""

    kind: str
    lifted: bool
    decided_at: str | None


@dataclass(frozen=True)
class Branch:
    """`closed`: by a quarantine. `until`: closing time, when open. `opens`: the next opening; none: not known.

    `closes_on`: the first day of a closure that is to come, and `opens_after` the day it opens again, none: not known.
    `closure`: what closes it now; `coming`: what will.
    """

    id: str
    name: Mapping[str, str | None]
    closed: bool
    reason: Mapping[str, str | None]
    reopens_on: date | None
    is_open: bool
    until: time | None
    opens: datetime | None
    week: Sequence[tuple[int, int, Hours]]
    shut_days: Sequence[date]
    today: date
    closes_on: date | None = None
    opens_after: date | None = None
    closure: Closure | None = None
    coming: Closure | None = None
    phone: str | None = None
    calendar: Mapping[date, Hours] = field(default_factory=dict)

    def is_usually_open(self, day: date) -> bool:
        """By its hours and the holidays that are near; of closures nothing is asked."""
        return bool(self.hours_on(day))

    def hours_on(self, day: date) -> Hours:
        """Of that very day within the coming weeks; beyond them, as that weekday usually has them."""
        usual = (hours for first, last, hours in self.week if first <= day.weekday() <= last)
        return self.calendar[day] if day in self.calendar else next(usual, ())

    def last_open_day(self, until: date) -> date | None:
        """The last one up to that day on which it still opens, neither past nor closed by what closes it now."""
        if self.closed and self.reopens_on is None:
            return None
        first = max(self.today, self.reopens_on or self.today)
        days = (until - timedelta(days=n) for n in range((until - first).days + 1))
        return next(filter(self.is_usually_open, days), None)


def branch_view(branch: Mapping[str, Any], country: str, moment: datetime) -> Branch:
    """A branch as the API gives it, as it stands at that moment in its own time zone."""
    now = moment.astimezone(ZoneInfo(branch["time_zone"])).replace(tzinfo=None)
    usual = _usual(branch["opening_hours"], now.date(), country)
    calendar = usual.calendar
    closed = branch["closed"]
    until = None if closed else _closing(calendar, now)
    ahead = branch.get("ahead") or {}
    return Branch(
        id=branch["id"],
        name=branch["name"],
        closed=bool(closed),
        reason=(closed or {}).get("reason") or {},
        reopens_on=_day((closed or {}).get("reopens_on")),
        is_open=until is not None,
        until=until,
        opens=None if closed else _next_opening(calendar, now),
        week=usual.week,
        shut_days=usual.shut_days,
        today=now.date(),
        closes_on=_day(ahead.get("starts_on")),
        opens_after=_day(ahead.get("reopens_on")),
        closure=_closure(closed),
        coming=_closure(ahead),
        phone=branch.get("phone"),
        calendar=calendar,
    )


def _closure(said: Mapping[str, Any] | None) -> Closure | None:
    if not said:
        return None
    return Closure(said.get("kind", "quarantine"), said.get("state") == "lifted", said.get("decided_at"))


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


@dataclass(frozen=True)
class Usual:
    """What depends on the day alone, not on the hour."""

    calendar: Mapping[date, Hours]
    week: Sequence[tuple[int, int, Hours]]
    shut_days: Sequence[date]


@lru_cache(maxsize=512)
def _usual(opening_hours: str, today: date, country: str) -> Usual:
    calendar = calendar_of(opening_hours, today, country)
    return Usual(calendar, _usual_week(calendar), _shut_days(calendar, today))


@lru_cache(maxsize=512)
def calendar_of(opening_hours: str, first: date, country: str) -> dict[date, Hours]:
    """The hours of every day of the coming weeks; public holidays are shut."""
    last = first + timedelta(days=A_WEEK * WEEKS_LOOKED_AT - 1)
    try:
        days = open_days(opening_hours, first, last, country)
    except BadOpeningHours:
        return {}
    hours = _hours(opening_hours, first, last)
    return {day: hours.get(day, ()) if days.is_open(day) else () for day in _days(first, last)}


def _hours(opening_hours: str, first: date, last: date) -> dict[date, Hours]:
    begin, end = datetime.combine(first, MIDNIGHT), datetime.combine(last + timedelta(days=1), MIDNIGHT)
    found: dict[date, Hours] = {}
    for opens, closes, state, _ in check_opening_hours(opening_hours).intervals(begin, end):
        if state == State.OPEN:
            ends = (closes or end).time()
            found[opens.date()] = (*found.get(opens.date(), ()), (opens.time(), ends))
    return found


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _closing(calendar: Mapping[date, Hours], now: datetime) -> time | None:
    today = calendar.get(now.date(), ())
    return next((ends for opens, ends in today if opens <= now.time() and (now.time() < ends or not ends.hour)), None)


def _next_opening(calendar: Mapping[date, Hours], now: datetime) -> datetime | None:
    openings = (datetime.combine(day, opens) for day, hours in calendar.items() for opens, _ in hours)
    return next((opening for opening in openings if opening > now), None)


def _usual_week(calendar: Mapping[date, Hours]) -> list[tuple[int, int, Hours]]:
    """Runs of weekdays with the same hours, as (first, last, hours); Monday is 0."""
    usual = [_most_common([hours for day, hours in calendar.items() if day.weekday() == n]) for n in range(A_WEEK)]
    runs: list[tuple[int, int, Hours]] = []
    for weekday, hours in enumerate(usual):
        if runs and runs[-1][2] == hours:
            runs[-1] = (runs[-1][0], weekday, hours)
        else:
            runs.append((weekday, weekday, hours))
    return runs


def _most_common(hours: Sequence[Hours]) -> Hours:
    return max(set(hours), key=lambda each: (hours.count(each), each)) if hours else ()


def _shut_days(calendar: Mapping[date, Hours], today: date) -> list[date]:
    """Days of the coming month that are shut though that weekday is usually open."""
    week = {day: hours for first, last, hours in _usual_week(calendar) for day in range(first, last + 1)}
    near = (day for day in calendar if (day - today).days < DAYS_AHEAD)
    return [day for day in near if not calendar[day] and week[day.weekday()]]
