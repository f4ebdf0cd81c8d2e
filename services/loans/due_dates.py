"""When a loan is due: the shared closure rule with the family's day, renewals, the grace after a correction.

All functions are pure. Days are calendar days in the branch's own time zone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, islice

from shared.calendar import Closure, ClosureRule, OpenDays

OPEN_DAYS_AFTER_CORRECTION = 3


@dataclass(frozen=True, slots=True)
class Decision:
    """When a loan is due and which quarantine made it so.

    `due_on`: none means "no need to return until we reopen". `quarantine_id`: the reason to give; none
    when no closure applied. `applied`: every closure that applied, in order. `slots_of`: the quarantine whose
    return slots hold for this loan. `calendar_of`: the quarantine whose kept open days gave the date.
    """

    due_on: date | None
    quarantine_id: str | None = None
    applied: tuple[str, ...] = ()
    slots_of: str | None = None
    calendar_of: str | None = None


@dataclass(frozen=True, slots=True)
class Renewal:
    """A renewal worth making: the newly agreed date and what the closures make of it."""

    original_due_on: date
    decision: Decision


def due_date(
    original_due_on: date,
    anchor: date,
    rule: ClosureRule,
    family_days: Mapping[str, date | None] | None = None,
) -> Decision:
    """The date in force for a loan lent or renewed on `anchor`.

    `family_days`: quarantine id -> the family's return day, none where no day is left before an open end;
    leave out days placed from another first return day. Raises shared.calendar.OutsideCalendar.
    """
    moved = rule.moved(original_due_on, anchor, family_days or {})
    return Decision(moved.day, moved.because_of, moved.applied, moved.slots_of, moved.calendar_of)


def renewal(
    renewed_on: date,
    loan_days: int,
    due_on: date | None,
    rule: ClosureRule,
    family_days: Mapping[str, date | None] | None = None,
) -> Renewal | None:
    """What renewing would give; none when it gains nothing over the date in force ("not needed")."""
    if due_on is None:
        return None
    original_due_on = renewed_on + timedelta(days=loan_days)
    decision = due_date(original_due_on, renewed_on, rule, family_days)
    if decision.due_on is not None and decision.due_on <= due_on:
        return None
    return Renewal(original_due_on, decision)


def protected_until(due_on: date | None, sent_on: date, open_days: OpenDays, rule: ClosureRule) -> date | None:
    """The last day without overdue notice and block, for a loan whose correction was sent on `sent_on`.

    None, no end known: nothing is due, or an open-ended closure comes before the third open day.
    """
    open_after = rule.open_from(open_days, sent_on + timedelta(days=1))
    third = next(islice(open_after, OPEN_DAYS_AFTER_CORRECTION - 1, None), None)
    if due_on is None or third is None:
        return None
    return max(due_on, third)


def first_return_day(closure: Closure, rule: ClosureRule) -> date | None:
    """The day from which the slots of this closure are filled; none when its slots hold for no date.

    By the kept calendar alone: changed hours do not change it, or every family would be placed anew.
    Another closure may lead over this one with more grace days: no family may be asked back before the last
    of these days.
    """
    outcomes = [rule.outcome(c) for c in rule.closures]
    days = [o.day for o in outcomes if o.day is not None and o.ends_last.id == closure.id]
    return max(days, default=None) if closure.has_slots else None


def return_days(closure: Closure, rule: ClosureRule) -> Iterator[date]:
    """The open days on which families may be placed, in order; ends where an open-ended closure begins.

    Running past the kept calendar raises shared.calendar.NoOpenDay: the limit is too small for the books.
    """
    first = first_return_day(closure, rule)
    if first is not None:
        by_hours_now = (closure.shifted(day) for day in rule.open_from(closure.open_days, first))
        yield from (day for day, _ in groupby(by_hours_now) if not rule.shuts(day))
