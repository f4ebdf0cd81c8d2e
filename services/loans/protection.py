"""After a correction that brought a date nearer: no overdue notice and no block until the third open day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.loans import models
from services.loans.closures import KnownBranch, lock_branches, rules_for
from services.loans.due_dates import protected_until
from shared.bulk import dump_rows
from shared.calendar import ClosureRule
from shared.database import rows_table


def protect(session: Session, sent_on: Mapping[str, date]) -> None:
    """`sent_on`: loan -> the day its reader was sent the correction.

    A later protection stays, told of in any order, but not the return date that an earlier correction gave.
    """
    loans = models.Loan
    mine = select(loans.id, loans.branch_id, loans.due_on, loans.protected_until).where(
        loans.id.in_(sent_on), loans.status == models.ON_LOAN
    )
    found = session.execute(mine).all() if sent_on else []
    branches = lock_branches(session, {loan.branch_id for loan in found})
    rules = rules_for(session, branches)
    rows: list[dict[str, Any]] = []
    for loan in found:
        until = _until(loan, sent_on[loan.id], branches[loan.branch_id], rules[loan.branch_id])
        if until and until != loan.protected_until:
            rows.append({"id": loan.id, "until": until})
    if rows:
        source = rows_table(session, "d", {"id": "text", "until": "date"})
        statement = f"UPDATE loans SET protected_until = d.until FROM {source} WHERE loans.id = d.id"  # noqa: S608
        session.execute(text(statement), {"d": dump_rows(session, rows)})


def _until(loan: Any, sent_on: date, branch: KnownBranch, rule: ClosureRule) -> date | None:
    """`loan`: a row with `due_on` and `protected_until`. No correction sent so far can reach beyond one of today."""
    until, furthest = (protected_until(loan.due_on, day, branch.open_days, rule) for day in (sent_on, branch.today))
    kept: date | None = loan.protected_until
    return until if until is None or furthest is None or kept is None else max(until, min(kept, furthest))
