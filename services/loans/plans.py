"""What a run decides: few distinct answers for many loans.

Without return slots a date depends only on the branch, the original date and which closures' first days lie before
the day lent or renewed (its *span*); with slots also on the family's days.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, func, literal, select, text
from sqlalchemy.orm import Session

from services.loans import models
from services.loans.due_dates import Decision, due_date
from services.loans.families import FamilyDays, Rules, with_slots
from shared.calendar import OutsideCalendar

MOST_ANSWERS = 50_000


class Alike(NamedTuple):
    """Loans out that get the same answer: how they stand now, and how many they are."""

    branch_id: str
    original_due_on: date
    due_on: date | None
    moved_by: str | None
    span: int
    loans: int


@dataclass
class Plan:
    """The rules of some branches, asked about many loans; answers are remembered.

    `only`: the quarantine to whose loans alone this plan applies; none for all loans.
    """

    rules: Rules
    only: str | None = None
    firsts: list[date] = field(init=False)
    _answers: dict[tuple[str, date, int, tuple[tuple[str, date | None], ...]], Decision] = field(default_factory=dict)

    def __post_init__(self) -> None:
        closures = [c for rule in self.rules.values() for c in rule.closures if c.include_overdue and c.begun]
        self.firsts = sorted({closure.starts_on for closure in closures})

    @property
    def has_slots(self) -> bool:
        return bool(with_slots(self.rules))

    def same_as(self, rules: Rules) -> bool:
        return {b: r.closures for b, r in self.rules.items()} == {b: r.closures for b, r in rules.items()}

    def concerns(self, decision: Decision) -> bool:
        return self.only is None or decision.quarantine_id == self.only

    def span(self, anchor: date) -> int:
        """How many closures' first days lie before the day lent or renewed."""
        return bisect_left(self.firsts, anchor)

    def days_of_span(self, span: int) -> tuple[date, date]:
        """The first and last day lent or renewed that belong to it."""
        first = self.firsts[span - 1] + timedelta(days=1) if span else date.min
        return first, self.firsts[span] if span < len(self.firsts) else date.max

    def decision(self, branch_id: str, original_due_on: date, span: int, family: FamilyDays) -> Decision:
        """Raises shared.calendar.OutsideCalendar where the kept calendar does not reach."""
        key = (branch_id, original_due_on, span, tuple(family.items()))
        if key not in self._answers:
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            anchor = self.days_of_span(span)[1]
            self._answers[key] = due_date(original_due_on, anchor, self.rules[branch_id], family)
        return self._answers[key]


def alike(session: Session, plan: Plan, branch_ids: Iterable[str]) -> list[Alike]:
    """The loans out at these branches, by what their date depends on and how they stand."""
    table = models.Loan
    keys = (table.branch_id, table.original_due_on, table.due_on, table.moved_by, _span_in_sql(plan))
    chosen = select(*keys, func.count()).where(table.status == models.ON_LOAN, table.branch_id.in_(list(branch_ids)))
    # By name: PostgreSQL does not see that two parameters of the same expression are equal.
    return [Alike(*row) for row in session.execute(chosen.group_by(*keys[:-1], text("span")))]


def _span_in_sql(plan: Plan) -> ColumnElement[int]:
    before = [case((models.Loan.anchored_on > first, 1), else_=0) for first in plan.firsts]
    total: ColumnElement[int] = literal(0)
    for each in before:
        total = total + each
    return total.label("span")


def decided(plan: Plan, groups: Iterable[Alike], family: FamilyDays) -> Iterator[tuple[Alike, Decision | None]]:
    """Each group with its decision; none where the rule finds no answer in the calendar kept."""
    for group in groups:
        try:
            yield group, plan.decision(group.branch_id, group.original_due_on, group.span, family)
        except OutsideCalendar:
            yield group, None
