"""What the decisions heard of leave open: a branch's first open day after a closure, the end of a protection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notify.digest import ClosedBranch
from services.notify.models import Branch, Decision
from shared.calendar import Closure, ClosureRule, OpenDays, OutsideCalendar

ONE_DAY = timedelta(days=1)
OPEN_DAYS_AFTER_CORRECTION = 3


@dataclass
class Closures:
    """Closures that stand, by branch, with each branch's calendar and names."""

    rules: Mapping[str, ClosureRule]
    calendars: Mapping[str, OpenDays]
    names: Mapping[str, Mapping[str, str | None]]
    _protected: dict[tuple[str, date], date | None] = field(default_factory=dict)

    def first_open_after(self, branch_id: str, day: date) -> date | None:
        """None when nobody knows: an open-ended closure comes first, or the calendar ends."""
        rule, calendar = self.rules[branch_id], self.calendars[branch_id]
        try:
            found = next(rule.open_from(calendar, day + ONE_DAY), None)
        except OutsideCalendar:
            return None
        return found

    def protected_until(self, branch_id: str, due_on: date, corrected_on: date) -> date | None:
        """The later of the due date and the third open day after a correction was sent."""
        third = self._third_open_day(branch_id, corrected_on)
        return third if third is None or third > due_on else due_on

    def _third_open_day(self, branch_id: str, day: date) -> date | None:
        if (branch_id, day) not in self._protected:
            days = self.rules[branch_id].open_from(self.calendars[branch_id], day + ONE_DAY)
            third = list(islice(days, OPEN_DAYS_AFTER_CORRECTION))
            self._protected[branch_id, day] = third[-1] if len(third) == OPEN_DAYS_AFTER_CORRECTION else None
        return self._protected[branch_id, day]

    def is_open(self, branch_id: str, day: date) -> bool:
        calendar = self.calendars[branch_id]
        return calendar.holds(day) and calendar.is_open(day) and not self.rules[branch_id].shuts(day)


def standing(session: Session, branch_ids: Iterable[str] | None = None) -> Closures:
    """The closures that stand now, of those branches or of all."""
    chosen = set(branch_ids) if branch_ids is not None else None
    branches = [b for b in session.scalars(select(Branch)) if chosen is None or b.id in chosen]
    decisions = list(session.scalars(select(Decision).where(Decision.state != "cancelled")))
    calendars = {branch.id: OpenDays.from_json(branch.open_days) for branch in branches}
    return Closures(
        rules={branch.id: ClosureRule(_closures_of(branch.id, decisions)) for branch in branches},
        calendars=calendars,
        names={branch.id: branch.name for branch in branches},
    )


def _closures_of(branch_id: str, decisions: Sequence[Decision]) -> Iterable[Closure]:
    for decision in decisions:
        data = decision.data
        if any(each["branch_id"] == branch_id for each in data["branches"]) and not _empty(data):
            yield Closure(
                id=decision.quarantine_id,
                starts_on=date.fromisoformat(data["starts_on"]),
                ends_on=date.fromisoformat(data["ends_on"]) if data["ends_on"] else None,
                open_days=next(
                    OpenDays.from_json(each["open_days"]) for each in data["branches"] if each["branch_id"] == branch_id
                ),
                grace_days=data["grace_days"],
            )


def _empty(data: Mapping[str, Any]) -> bool:
    return bool(data["ends_on"]) and data["ends_on"] < data["starts_on"]


def closed_branches(closures: Closures, decision: Mapping[str, Any]) -> tuple[ClosedBranch, ...]:
    """The branches of a decision with the first open day of each after it."""
    ends_on = date.fromisoformat(decision["ends_on"]) if decision["ends_on"] else None
    return tuple(
        ClosedBranch(
            id=branch_id,
            name=closures.names[branch_id],
            opens=closures.first_open_after(branch_id, ends_on) if ends_on else None,
        )
        for branch_id in (each["branch_id"] for each in decision["branches"])
        if branch_id in closures.names
    )
