"""Which days a branch is open by its weekly hours and public holidays alone, closures left aside.

Weekly hours are OpenStreetMap's `opening_hours` notation; holidays come with the days moved by law.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any

import holidays
from opening_hours import OpeningHours, State
from opening_hours import ParserError as _ParserError  # type: ignore[attr-defined]  # absent from its stubs

ONE_DAY = timedelta(days=1)


class BadOpeningHours(ValueError):
    """The text is not opening hours in OpenStreetMap notation."""


class UnknownCountry(ValueError):
    """Public holidays of this country are not known."""


class OutsideCalendar(ValueError):
    """The day asked for lies before or after the days a calendar holds."""


class NoOpenDay(OutsideCalendar):
    """A search ran past the last day a calendar holds without meeting an open day."""


@dataclass(frozen=True)
class OpenDays:
    """The days from `first`, `count` of them; bit i of `bits` is set when day `first + i` is open."""

    first: date
    count: int
    bits: int

    def __post_init__(self) -> None:
        if self.count < 1 or self.bits < 0 or self.bits >> self.count:
            raise ValueError(f"an open-day bitmap must fit its {self.count} days")

    @classmethod
    def every_day(cls, first: date, last: date) -> "OpenDays":
        """Every calendar day counts: for what belongs to no branch."""
        count = (last - first).days + 1
        return cls(first, count, (1 << count) - 1)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "OpenDays":
        return cls(date.fromisoformat(stored["first"]), int(stored["count"]), int(stored["open"], 16))

    def to_json(self) -> dict[str, Any]:
        """`{"first": "2026-01-01", "count": 731, "open": "<hexadecimal, lowest bit is the first day>"}`"""
        return {"first": self.first.isoformat(), "count": self.count, "open": f"{self.bits:x}"}

    @cached_property
    def last(self) -> date:
        return date.fromordinal(self._origin + self.count - 1)

    @cached_property
    def _origin(self) -> int:
        return self.first.toordinal()

    def holds(self, day: date) -> bool:
        return 0 <= day.toordinal() - self._origin < self.count

    def is_open(self, day: date) -> bool:
        offset = day.toordinal() - self._origin
        if not 0 <= offset < self.count:
            raise OutsideCalendar(f"{day} is outside the calendar of {self._span}")
        return bool(self.bits >> offset & 1)

    def first_open_from(self, day: date) -> date:
        """The first open day that is `day` or later; NoOpenDay past the last day held."""
        offset = day.toordinal() - self._origin
        if offset < 0:
            raise OutsideCalendar(f"{day} is outside the calendar of {self._span}")
        later = self.bits >> offset
        if not later:
            raise NoOpenDay(f"no open day from {day} on in the calendar of {self._span}")
        return date.fromordinal(self._origin + offset + (later & -later).bit_length() - 1)

    def first_open_after(self, day: date) -> date:
        return self.first_open_from(day + ONE_DAY)

    def open_from(self, day: date) -> Iterator[date]:
        """The open days that are `day` or later, to the last one held."""
        offset = max(day.toordinal() - self._origin, 0)
        later = self.bits >> offset
        while later:
            step = (later & -later).bit_length()
            offset += step
            later >>= step
            yield date.fromordinal(self._origin + offset - 1)

    @property
    def _span(self) -> str:
        return f"{self.first} to {self.last}"


def open_days(opening_hours: str, first: date, last: date, country: str | None = "KZ") -> OpenDays:
    """The open days of `first` to `last`, both included.

    A day is open if any of its hours is and it is no public holiday of `country` (ISO 3166 code; none: no
    holidays). Raises BadOpeningHours, UnknownCountry.
    """
    if last < first:
        raise ValueError(f"a calendar cannot end on {last}, before its first day {first}")
    by_hours = _days_with_open_hours(check_opening_hours(opening_hours), first, last)
    shut = _public_holidays(country, first.year, last.year) if country else frozenset()
    origin = first.toordinal()
    bits = sum(1 << (day - origin) for day in by_hours - shut)
    return OpenDays(first, last.toordinal() - origin + 1, bits)


def check_opening_hours(opening_hours: str) -> OpeningHours:
    """The hours understood, or BadOpeningHours saying what was expected where."""
    # The library takes white space alone for "24/7": a forgotten field would be open round the clock.
    if not opening_hours.strip():
        raise BadOpeningHours("opening hours are empty; write for example: Mo-Fr 09:00-18:00; Sa 10:00-17:00")
    try:
        return OpeningHours(opening_hours.strip())
    except _ParserError as error:
        raise BadOpeningHours(_in_one_line(opening_hours, str(error))) from None


def _in_one_line(opening_hours: str, parser_text: str) -> str:
    place = parser_text.partition("--> 1:")[2].partition("\n")[0].strip() or "1"
    return (
        f"opening hours {opening_hours!r} are not understood at character {place}; "
        "write for example: Mo-Fr 09:00-18:00; Sa 10:00-17:00; Fr[-1] off"
    )


def _days_with_open_hours(hours: OpeningHours, first: date, last: date) -> set[int]:
    begin = datetime.combine(first, time())
    end = datetime.combine(last + ONE_DAY, time())
    days: set[int] = set()
    for opens, closes, state, _ in hours.intervals(begin, end):
        if state == State.OPEN:
            last_moment = (closes or end) - timedelta(microseconds=1)
            days.update(range(opens.toordinal(), last_moment.toordinal() + 1))
    return days


@lru_cache(maxsize=64)
def _public_holidays(country: str, first_year: int, last_year: int) -> frozenset[int]:
    try:
        found = holidays.country_holidays(country, years=range(first_year, last_year + 1))
    except NotImplementedError:
        raise UnknownCountry(f"public holidays of country {country!r} are not known") from None
    return frozenset(day.toordinal() for day in found)


def end_of_search(closure_end: date) -> date:
    """The last day a branch's calendar must hold: two years after the closure."""
    try:
        return closure_end.replace(year=closure_end.year + 2)
    except ValueError:
        return date(closure_end.year + 2, 3, 1)


def never_opens(calendar: OpenDays, closure_end: date) -> bool:
    """Whether weekly hours and holidays alone leave no open day in the two years after the closure."""
    last = end_of_search(closure_end)
    if not calendar.holds(last):
        raise OutsideCalendar(f"the calendar must reach {last}, two years after the closure")
    return next(calendar.open_from(closure_end + ONE_DAY), date.max) > last
