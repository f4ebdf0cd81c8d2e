"""Looks at all loans of some branches without writing anything: for the preview and for reconciliation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.loans import models
from services.loans.due_dates import Decision
from services.loans.families import NO_DAYS, FamilyDays, household_of, with_slots
from services.loans.placing import days_to_keep
from services.loans.plans import Alike, Plan, alike, decided
from shared.calendar import OutsideCalendar
from shared.database import is_sqlite

NEW = 1
"""The version of a loan that has never moved and was never renewed."""

DaysOf = Callable[[str], FamilyDays]
"""Household -> its days at one branch."""


class Out(NamedTuple):
    """A loan by name. `again`: it has moved or was renewed before, so that its reader may know another day."""

    loan_id: str
    card_number: str
    again: bool


class Seen(NamedTuple):
    """Loans alike and what the rule says of them, none where the kept calendar holds no answer.

    `out`: the one loan that was looked at, where each was looked at by itself.
    """

    loans: Alike
    decision: Decision | None
    out: Out | None = None

    @property
    def right(self) -> bool:
        return self.decision is not None and self.decision.due_on == self.loans.due_on


def look(session: Session, plan: Plan, days_at: Callable[[str], DaysOf], closely: bool = False) -> Iterator[Seen]:
    """All loans out at the plan's branches; `days_at`: branch -> its families' days, asked where slots hold.

    `closely`: every loan by name, also where the answers do not depend on the family.
    """
    limited = set(plan.rules) if closely else set(with_slots(plan.rules))
    for group, decision in decided(plan, alike(session, plan, set(plan.rules) - limited), NO_DAYS):
        yield Seen(group, decision)
    for branch_id in sorted(limited):
        yield from _look_closely(session, plan, branch_id, days_at(branch_id))


def days_standing(session: Session, plan: Plan, branch_id: str) -> DaysOf:
    """The families' days as placed, without those from another first return day."""
    placed = days_to_keep(session, branch_id, plan.rules[branch_id])

    def days_of(household: str) -> FamilyDays:
        return {quarantine: days[household] for quarantine, days in placed.items() if household in days} or NO_DAYS

    return days_of


def by_name(session: Session) -> bool:
    """SQLite joins no large parameter, so loans are named while they are looked at."""
    return is_sqlite(session)


def _look_closely(session: Session, plan: Plan, branch_id: str, days_of: DaysOf) -> Iterator[Seen]:
    loans, readers = models.Loan, models.Reader
    stands = (loans.original_due_on, loans.anchored_on, loans.due_on, loans.moved_by)
    chosen = select(loans.id, loans.card_number, loans.version, readers.household, *stands)
    chosen = chosen.join_from(loans, readers, readers.card_number == loans.card_number, isouter=True)
    chosen = chosen.where(loans.branch_id == branch_id, loans.status == models.ON_LOAN)
    for loan_id, card, version, household, original, anchor, due_on, moved_by in session.execute(chosen):
        alone = Alike(branch_id, original, due_on, moved_by, plan.span(anchor), 1)
        family = days_of(household_of(card, household))
        yield Seen(alone, _decision(plan, alone, family), Out(loan_id, card, version > NEW))


def _decision(plan: Plan, group: Alike, family: FamilyDays) -> Decision | None:
    try:
        return plan.decision(group.branch_id, group.original_due_on, group.span, family)
    except OutsideCalendar:
        return None
