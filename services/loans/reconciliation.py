"""Whether every loan has the date that the rule gives, and which cards a quarantine has moved: asked by quarantines."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.loans import models
from services.loans.closures import rules_for
from services.loans.families import FamilyDays
from services.loans.looking import days_standing, look
from services.loans.moving import LoanOut, loans_out
from services.loans.plans import Plan
from services.loans.writing import ERASED
from shared.calendar import OutsideCalendar
from shared.web import cursor_after

MOST_WRONG = 1000


def first_page(session: Session, quarantine_id: str) -> dict[str, Any]:
    """`loans_in_scope`, `loans_right`, and which are wrong, branches left by the newest version included."""
    decision = session.get(models.Decision, quarantine_id)
    if decision is None:
        return {"loans_in_scope": 0, "loans_right": 0, "wrong": []}
    scope = {branch["branch_id"] for branch in decision.data["branches"]}
    plan = Plan(rules_for(session, {*scope, *decision.branch_ids}))
    in_scope = right = 0
    wrong_at: set[str] = set()
    for seen in look(session, plan, lambda branch_id: days_standing(session, plan, branch_id)):
        if not seen.right:
            wrong_at.add(seen.loans.branch_id)
        if seen.loans.branch_id in scope:
            in_scope += seen.loans.loans
            right += seen.loans.loans if seen.right else 0
    return {"loans_in_scope": in_scope, "loans_right": right, "wrong": wrong(session, plan, wrong_at)[:MOST_WRONG]}


def wrong(session: Session, plan: Plan, branch_ids: Iterable[str]) -> list[dict[str, Any]]:
    found = []
    for branch_id in sorted(branch_ids):
        days_of = days_standing(session, plan, branch_id)
        for loan in loans_out(session, models.Loan.branch_id == branch_id):
            found += _wrong(plan, loan, days_of(loan.household))
    return found


def _wrong(plan: Plan, loan: LoanOut, family: FamilyDays) -> list[dict[str, Any]]:
    try:
        expected = plan.decision(loan.branch_id, loan.original_due_on, plan.span(loan.anchored_on), family).due_on
    except OutsideCalendar:
        return [_wrong_line(loan, None)]
    return [] if expected == loan.due_on else [_wrong_line(loan, expected)]


def _wrong_line(loan: LoanOut, expected: Any) -> dict[str, Any]:
    return {
        "loan_id": loan.id,
        "card_number": loan.card_number,
        "branch_id": loan.branch_id,
        "due_on": loan.due_on,
        "expected": expected,
    }


def cards_moved(
    session: Session, quarantine_id: str, after: str, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Cards with a loan still out that any version of the quarantine moved, in order of card; and the next cursor."""
    loans, history = models.Loan, models.DueDateChange
    by_it = (history.quarantine_id == quarantine_id, history.why.not_in(models.AGREED))
    moved = exists().where(history.loan_id == loans.id, *by_it)
    mine = (loans.status == models.ON_LOAN, loans.card_number > after, loans.card_number.not_like(f"{ERASED}%"), moved)
    cards = select(loans.card_number).distinct().where(*mine).order_by(loans.card_number).limit(limit + 1)
    found = list(session.scalars(cards))
    if not found:
        return [], None
    shown = found[:limit]
    chosen = select(loans.card_number, loans.id, loans.due_on).where(*mine, loans.card_number <= shown[-1])
    rows = session.execute(chosen.order_by(loans.card_number, loans.id)).all()
    items = [
        {"card_number": card, "loans": [{"loan_id": row.id, "due_on": row.due_on} for row in group]}
        for card, group in groupby(rows, key=lambda row: row.card_number)
    ]
    return items, cursor_after(shown[-1]) if len(found) > limit else None
