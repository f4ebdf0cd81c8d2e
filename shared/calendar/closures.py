"""The closure rule: what the closures of a branch do to a date. Pure; shared by every service.

Source: the project's domain description, "What happens to a due date", rules 1 to 4.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from shared.calendar.open_days import ONE_DAY, NoOpenDay, OpenDays

ALL_DAYS = OpenDays.every_day(date(1990, 1, 1), date(2199, 12, 31))
"""For what belongs to no branch and therefore moves by calendar days."""

_NO_DAYS: Mapping[str, date | None] = MappingProxyType({})


@dataclass(frozen=True)
class Closure:
    """One closure that stands (not cancelled), as it bears on one branch. Days are the branch's own.

    `begun`: its first day is today or earlier, decided by the caller. `open_days`: weekly hours and holidays
    kept with this version of the decision, closures left aside. `has_slots`: returns are limited per day.
    `shifts`: days of that calendar that changed hours have shut since -> the day in force instead.
    """

    id: str
    starts_on: date
    ends_on: date | None
    open_days: OpenDays
    grace_days: int = 0
    include_overdue: bool = True
    begun: bool = True
    has_slots: bool = False
    shifts: Mapping[date, date] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError(f"closure {self.id} ends on {self.ends_on}, before {self.starts_on}")
        if self.grace_days < 0:
            raise ValueError(f"closure {self.id} has {self.grace_days} grace days; it must be 0 or more")
        if any(to <= shut for shut, to in self.shifts.items()):
            raise ValueError(f"closure {self.id} has a shift that does not go to a later day")

    def shuts(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def shifted(self, day: date) -> date:
        return self.shifts.get(day, day)


@dataclass(frozen=True, slots=True)
class Moved:
    """What the rule made of a date.

    `day`: the date in force; none means "until we reopen". `applied`: every closure that applied, in order.
    `because_of`: the closure to name as the reason, none when nothing applied. `slots_of`: the closure whose
    family days hold for this date, known or not yet. `calendar_of`: the closure whose kept open days and
    shifts, or slots, gave the date.
    """

    day: date | None
    applied: tuple[str, ...] = ()
    because_of: str | None = None
    slots_of: str | None = None
    calendar_of: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where one closure sends every date it applies to; no day where an open-ended closure ends the search.

    `together`: the closures that apply with it; `ends_last`: the one of them whose slots hold.
    """

    day: date | None
    together: tuple[Closure, ...]
    ends_last: Closure


class ClosureRule:
    """The rule for one branch's closures; build it once and ask it about many dates.

    A search that leaves the calendar a closure keeps raises NoOpenDay or OutsideCalendar.
    """

    def __init__(self, closures: Iterable[Closure]) -> None:
        self.closures = sorted(closures, key=_order)
        self._outcomes: dict[str, Outcome] = {}

    def moved(self, day: date, anchor: date | None = None, family_days: Mapping[str, date | None] = _NO_DAYS) -> Moved:
        """`day` as the closures leave it.

        `anchor`: the day lent or renewed; none for what cannot be overdue (a deadline, a card).
        `family_days`: closure id -> the day its slots gave this family, as in force now; none where an open
        end left no day.
        """
        result = Moved(day)
        for closure in self.closures:
            reached = result.day
            if reached is None:
                break
            if _applies(closure, reached, anchor):
                result = self._consequence(closure, result.applied, family_days)
        return result

    def shuts(self, day: date) -> bool:
        return any(c.shuts(day) for c in self.closures)

    def outcome(self, closure: Closure) -> Outcome:
        """Where this closure sends the dates it applies to, before any family's day."""
        if closure.id not in self._outcomes:
            self._outcomes[closure.id] = self._find_outcome(closure)
        return self._outcomes[closure.id]

    def _consequence(self, closure: Closure, before: tuple[str, ...], family_days: Mapping[str, date | None]) -> Moved:
        outcome = self.outcome(closure)
        applied = tuple(dict.fromkeys((*before, *(c.id for c in outcome.together))))
        ends_last = outcome.ends_last
        if outcome.day is None:
            return Moved(None, applied, ends_last.id)
        slots_of = ends_last.id if ends_last.has_slots else None
        if slots_of is None or slots_of not in family_days:
            return Moved(closure.shifted(outcome.day), applied, ends_last.id, slots_of, closure.id)
        family_day = family_days[slots_of]
        if family_day is None:
            return Moved(None, applied, self._reason_for_no_family_day(ends_last).id, slots_of)
        return Moved(family_day, applied, ends_last.id, slots_of, ends_last.id)

    def _reason_for_no_family_day(self, with_slots: Closure) -> Closure:
        return min((c for c in self.closures if c.ends_on is None), key=_order, default=with_slots)

    def open_from(self, calendar: OpenDays, day: date) -> Iterator[date]:
        """Days open by `calendar` and shut by no closure; ends at an open-ended closure, else raises."""
        while (found := self._first_open_from(calendar, day)) is not None:
            yield found
            day = found + ONE_DAY

    def open_ended_by(self, day: date) -> Closure | None:
        """The first open-ended closure that shuts `day`."""
        return next((c for c in self.closures if c.ends_on is None and c.starts_on <= day), None)

    def _find_outcome(self, closure: Closure) -> Outcome:
        if closure.ends_on is None:
            return Outcome(None, (closure,), closure)
        search_from = closure.ends_on + ONE_DAY
        first_open = self._first_open_from(closure.open_days, search_from)
        if first_open is None:
            return self._stopped(closure, self._passed_over(closure, search_from, date.max))
        together = self._passed_over(closure, search_from, first_open)
        ends_last = max(together, key=lambda c: (c.ends_on or date.max, c.has_slots, _order(c)))
        day = self._after_grace(closure.open_days, first_open, max(c.grace_days for c in together))
        if day is None:
            return self._stopped(closure, together)
        return Outcome(day, together, ends_last)

    def _stopped(self, closure: Closure, together: tuple[Closure, ...]) -> Outcome:
        """No day, because the search came to the open-ended closure that starts first."""
        stopped_by = min((c for c in self.closures if c.ends_on is None), key=_order)
        before = tuple(c for c in together if c.starts_on < stopped_by.starts_on or c.id == closure.id)
        return Outcome(None, (*before, stopped_by), stopped_by)

    def _passed_over(self, closure: Closure, way_from: date, way_to: date) -> tuple[Closure, ...]:
        """The closure and those with a day on the way, `way_to` itself excluded, in the rule's order."""
        return tuple(
            c
            for c in self.closures
            if c.id == closure.id or (c.starts_on < way_to and (c.ends_on is None or c.ends_on >= way_from))
        )

    def _after_grace(self, calendar: OpenDays, first_open: date, grace_days: int) -> date | None:
        day: date | None = first_open
        for _ in range(grace_days):
            if day is None:
                return None
            day = self._first_open_from(calendar, day + ONE_DAY)
        return day

    def _first_open_from(self, calendar: OpenDays, day: date) -> date | None:
        """The first open day, `day` or later; none where an open-ended closure comes first."""
        while True:
            if self.open_ended_by(day) is not None:
                return None
            try:
                day = calendar.first_open_from(day)
            except NoOpenDay:
                if self.open_ended_by(calendar.last + ONE_DAY) is not None:
                    return None
                raise
            shut_by = [c for c in self.closures if c.shuts(day)]
            if not shut_by:
                return day
            day = max(c.ends_on or day for c in shut_by) + ONE_DAY


def _order(closure: Closure) -> tuple[date, date, str]:
    return closure.starts_on, closure.ends_on or date.max, closure.id


def _applies(closure: Closure, reached: date, anchor: date | None) -> bool:
    if closure.shuts(reached):
        return True
    if anchor is None or not (closure.include_overdue and closure.begun):
        return False
    return reached < closure.starts_on and anchor <= closure.starts_on


def moved_by_changed_hours(days: Iterable[date], new_open_days: OpenDays) -> dict[date, date]:
    """Each of `days` that the new hours shut -> the next day they open.

    `new_open_days` begins on the day of the change, earlier days stay; NoOpenDay if it ends before `days` do.
    """
    now_shut = (day for day in days if new_open_days.holds(day) and not new_open_days.is_open(day))
    return {day: new_open_days.first_open_after(day) for day in now_shut}


def shifts_for_changed_hours(
    kept: OpenDays, old_shifts: Mapping[date, date], new_open_days: OpenDays
) -> dict[date, date]:
    """The shifts a closure carries once weekly hours or holidays changed after its decision.

    `kept`: the open days kept with the decision. Built for every day the closure can still give, so that
    loans made later land right too. Closures are left to the rule, which runs on from the shifted day.
    """
    given = {*kept.open_from(new_open_days.first), *old_shifts}
    in_force = {day: old_shifts.get(day, day) for day in given}
    moved = moved_by_changed_hours(in_force.values(), new_open_days)
    shifts = {day: moved.get(now, now) for day, now in in_force.items()}
    return {day: now for day, now in sorted(shifts.items()) if now != day}
