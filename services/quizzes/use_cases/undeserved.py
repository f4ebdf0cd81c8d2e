"""Certificates whose holders, graded again, would not get them any more: valid until an editor takes them back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, update
from sqlalchemy.orm import Session

from services.quizzes.models import GRADED, Attempt, Certificate, Quiz, Regrade, RegradeChange
from shared import clock
from shared.auth import Principal
from shared.problems import not_found

MOST_CODES = 100


def by_regrade(session: Session, regrade_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Regrade -> `undeserved` (how many) and the first of their codes; none of those that have been taken back."""
    chosen = _of(RegradeChange.regrade_id.in_(regrade_ids)).add_columns(RegradeChange.regrade_id)
    codes: dict[str, list[str]] = {}
    for row in session.execute(chosen.order_by(Certificate.issued_at, Certificate.code)):
        codes.setdefault(row.regrade_id, []).append(row.code)
    return {
        regrade_id: {"undeserved": len(found), "undeserved_codes": found[:MOST_CODES]}
        for regrade_id, found in codes.items()
    }


def _of(which: ColumnElement[bool]) -> Select[Any]:
    """Valid certificates of attempts that failed in these regrades and have not passed in a later one."""
    failed = and_(RegradeChange.passed.is_(False), Attempt.state == GRADED, Attempt.passed.is_(False))
    return (
        select(Certificate.code)
        .join(Attempt, Attempt.id == Certificate.attempt_id)
        .join(RegradeChange, RegradeChange.attempt_id == Attempt.id)
        .where(which, failed, Certificate.withdrawn_at.is_(None))
    )


def withdraw(session: Session, who: Principal, quiz: Quiz, regrade_id: str, reason: str | None) -> int:
    """Takes back all of them; how many. Raises a 404 problem for a regrade that is not this quiz's."""
    regrade = session.get(Regrade, regrade_id)
    if regrade is None or regrade.quiz_id != quiz.id:
        raise not_found()
    codes = _of(RegradeChange.regrade_id == regrade.id).scalar_subquery()
    taken_back = {
        "withdrawn_at": clock.now(),
        "withdrawn_by": who.name or who.subject,
        "reason": reason or regrade.reason,
    }
    theirs = update(Certificate).where(Certificate.code.in_(codes)).values(taken_back)
    return len(session.execute(theirs.returning(Certificate.code)).all())
