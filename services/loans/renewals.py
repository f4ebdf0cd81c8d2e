"""Renewals: at the desk, by the reader signed in, and by card number and surname on one short form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.loans import closures, due_dates, queries
from services.loans.closures import KnownBranch
from services.loans.families import NO_DAYS, family_days
from services.loans.models import ON_LOAN, Loan, Reader
from services.loans.use_cases import agree, emit
from shared.auth import SERVICE, Principal
from shared.folding import fold, letters_of
from shared.problems import Problem, not_found, say

REASONS = {
    "not_on_loan": "This book is not on loan.",
    "card_blocked": "The card is blocked. Please call the library.",
    "card_expired": "The card has expired. Please call the library.",
    "not_needed": "Not needed: the present date is already as late or later.",
    "limit_reached": "Renewed as often as allowed. Please call the library.",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one loan: renewed, or not for that reason; the date in force either way."""

    loan_id: str
    due_on: date | None
    reason: str | None = None

    @property
    def renewed(self) -> bool:
        return self.reason is None


def refusal(loan: Loan, reader: Reader | None, today: date, gains: bool, limit: int) -> str | None:
    """Why this loan may not be renewed; none when it may."""
    if loan.status != ON_LOAN:
        return "not_on_loan"
    if reader and reader.blocked:
        return "card_blocked"
    if reader and reader.card_expires_on and reader.card_expires_on < today:
        return "card_expired"
    if not gains:
        return "not_needed"
    return "limit_reached" if loan.renewals >= limit else None


def renew_one(session: Session, who: Principal, loan_id: str) -> Loan:
    """Renews a loan of the caller's. Raises a 404 problem, and a 409 problem with the reason when it may not be."""
    loan = queries.loan(session, who, loan_id)
    (outcome,) = _renew(session, [loan])
    if outcome.reason:
        raise Problem(409, REASONS[outcome.reason], code=outcome.reason)
    return loan


def renew_all(session: Session, card_number: str, surname: str) -> list[Outcome]:
    """Renews what may be renewed on a card. Raises one 404 problem for unknown card and wrong surname alike."""
    found = _card_of(session, card_number, surname)
    if found is None:
        raise not_found("No card with this number and surname was found.")
    out = select(Loan).where(Loan.card_number == found, Loan.status == ON_LOAN).order_by(Loan.id)
    return _renew(session, session.scalars(out).all())


def _card_of(session: Session, card_number: str, surname: str) -> str | None:
    """The card as typed: exactly before one that folds to the same."""
    alike = select(Reader.card_number, Reader.surname_folded).where(Reader.card_folded == fold(card_number))
    rows = session.execute(alike.order_by(Reader.card_number != card_number, Reader.card_number)).all()
    typed = letters_of(surname)
    return next((card for card, known in rows if typed and letters_of(known) == typed), None)


def renew_family(session: Session, who: Principal, asked: Mapping[str, Any]) -> list[Outcome]:
    """Renews what may be renewed of the caller's family or, asked by a service, of the cards it names.

    Raises a 404 problem when none of the loans named is theirs.
    """
    cards = [Loan.card_number.in_(asked.get("card_numbers", []))] if who.kind == SERVICE else []
    named = [Loan.id.in_(asked["loan_ids"])] if "loan_ids" in asked else [Loan.status == ON_LOAN]
    chosen = select(Loan).where(queries.visible_to(who), *cards, *named).order_by(Loan.id)
    found = session.scalars(chosen).all()
    if "loan_ids" in asked and not found:
        raise not_found()
    return _renew(session, found)


def answer(outcomes: Sequence[Outcome], renewed_message: str) -> dict[str, Any]:
    """How many, why not, and the dates; no titles. Which loan, the public form's shape leaves out."""
    books = [
        {
            "loan_id": outcome.loan_id,
            "renewed": outcome.renewed,
            "due_on": outcome.due_on,
            "reason": outcome.reason,
            "message": say(REASONS[outcome.reason] if outcome.reason else "Renewed."),
        }
        for outcome in outcomes
    ]
    renewed = sum(outcome.renewed for outcome in outcomes)
    counts = {"renewed": renewed, "not_renewed": len(outcomes) - renewed}
    return counts | {"message": renewed_message, "books": books}


def _renew(session: Session, loans: Sequence[Loan]) -> list[Outcome]:
    """Renews those that may be, branches locked first, then the loans as they stand now."""
    branches = closures.lock_branches(session, {loan.branch_id for loan in loans})
    ids = [loan.id for loan in loans]
    again = select(Loan).where(Loan.id.in_(ids)).order_by(Loan.id).with_for_update()
    locked = session.scalars(again.execution_options(populate_existing=True)).all()
    readers = _readers(session, {loan.card_number for loan in locked})
    return [_renew_locked(session, loan, readers.get(loan.card_number), branches[loan.branch_id]) for loan in locked]


def _readers(session: Session, cards: set[str]) -> dict[str, Reader]:
    chosen = select(Reader).where(Reader.card_number.in_(cards))
    return {reader.card_number: reader for reader in session.scalars(chosen)}


def _renew_locked(session: Session, loan: Loan, reader: Reader | None, branch: KnownBranch) -> Outcome:
    settings = session.info["settings"]
    household = closures.household_of(loan.card_number, reader.household if reader else None)
    gains = _gains(session, loan, household, branch.today, settings.loan_days)
    reason = refusal(loan, reader, branch.today, gains, settings.renewal_limit)
    if reason is None:
        _make(session, loan, household, branch.today, settings.loan_days)
    return Outcome(loan.id, loan.due_on, reason)


def _gains(session: Session, loan: Loan, household: str, today: date, loan_days: int) -> bool:
    """Whether renewing gives a later date; asked before a family is given a day, so that asking changes nothing."""
    rules = closures.rules_for(session, {loan.branch_id})
    family = (loan.branch_id, household)
    days = family_days(session, rules, {family}).get(family, NO_DAYS)
    return due_dates.renewal(today, loan_days, loan.due_on, rules[loan.branch_id], days) is not None


def _make(session: Session, loan: Loan, household: str, today: date, loan_days: int) -> None:
    was = loan.due_on
    loan.original_due_on = today + timedelta(days=loan_days)
    loan.anchored_on = today
    loan.renewals += 1
    loan.version += 1
    agree(session, loan, household, was=was, why="renewed")
    emit(session, "loan.renewed.v1", loan)
