"""What is to change: the loans of some readers as they stand, and as the rule would have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from services.loans import models
from services.loans.due_dates import Decision
from services.loans.families import NO_DAYS, Asked, FamilyDays, family_days, household_of
from services.loans.placing import place_joining
from services.loans.plans import Plan


class Cards(NamedTuple):
    """A part of all readers: card numbers after the one, up to and with the other."""

    after: str
    upto: str


class LoanOut(NamedTuple):
    id: str
    card_number: str
    branch_id: str
    title: str
    author: str | None
    version: int
    original_due_on: date
    anchored_on: date
    due_on: date | None
    moved_by: str | None
    household: str

    @property
    def family(self) -> tuple[str, str]:
        return self.branch_id, self.household


class Change(NamedTuple):
    """A loan whose date, or only the reason for it, is not what the rule says."""

    loan: LoanOut
    decision: Decision

    @property
    def moves(self) -> bool:
        return self.loan.due_on != self.decision.due_on


def next_cards(session: Session, branch_ids: Iterable[str], after: str, size: int) -> tuple[Cards | None, bool]:
    """The next `size` readers with something out at these branches, and whether they are the last."""
    table = models.Loan
    cards = select(table.card_number).distinct().where(table.status == models.ON_LOAN, table.card_number > after)
    cards = cards.where(table.branch_id.in_(list(branch_ids))).order_by(table.card_number).limit(size)
    chosen = cards.subquery()
    count, upto = session.execute(select(func.count(), func.max(chosen.c.card_number))).one()
    return (Cards(after, upto) if count else None), count < size


def of_cards(cards: Cards) -> ColumnElement[bool]:
    column = models.Loan.card_number
    return (column > cards.after) & (column <= cards.upto)


def loans_out(session: Session, where: ColumnElement[bool]) -> list[LoanOut]:
    """Loans out, with their readers' families."""
    rows = session.execute(_loans_out().where(models.Loan.status == models.ON_LOAN, where))
    return [_loan_out(*row) for row in rows]


def _loan_out(*values: Any) -> LoanOut:
    loan = LoanOut(*values)
    return loan._replace(household=household_of(loan.card_number, loan.household))


def _loans_out() -> Select[Any]:
    loans, readers = models.Loan, models.Reader
    columns = [getattr(loans, name) for name in LoanOut._fields[:-1]]
    chosen = select(*columns, readers.household)
    return chosen.join_from(loans, readers, readers.card_number == loans.card_number, isouter=True)


def changes(session: Session, plan: Plan, loans: Sequence[LoanOut]) -> list[Change]:
    """Those of `loans` that are not as the rule says; families without a day yet get one."""
    loans = [loan for loan in loans if loan.branch_id in plan.rules]
    days = family_days(session, plan.rules, {loan.family for loan in loans})
    joining = list(_joining(plan, loans, days))
    if joining:
        place_joining(session, plan.rules, joining)
        days = family_days(session, plan.rules, {loan.family for loan in loans})
    found = (Change(loan, decision_for(plan, loan, days)) for loan in loans)
    return [
        change
        for change in found
        if plan.concerns(change.decision) and (change.moves or change.loan.moved_by != change.decision.quarantine_id)
    ]


def decision_for(plan: Plan, loan: LoanOut, days: Mapping[tuple[str, str], FamilyDays]) -> Decision:
    family = days.get(loan.family, NO_DAYS)
    return plan.decision(loan.branch_id, loan.original_due_on, plan.span(loan.anchored_on), family)


def _joining(
    plan: Plan, loans: Iterable[LoanOut], days: Mapping[tuple[str, str], FamilyDays]
) -> Iterable[tuple[str, Asked]]:
    for loan in loans:
        slots_of = decision_for(plan, loan, days).slots_of if plan.has_slots else None
        if slots_of and slots_of not in days.get(loan.family, NO_DAYS):
            yield slots_of, Asked(loan.branch_id, loan.original_due_on, loan.anchored_on, loan.household)
