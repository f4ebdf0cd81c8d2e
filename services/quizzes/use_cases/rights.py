"""Which quizzes a member of staff works with: those of their branches, and those of the whole library."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, true
from sqlalchemy.orm import Session

from services.quizzes.models import Quiz
from shared.auth import Principal
from shared.problems import Problem, not_found


def quiz_for(session: Session, who: Principal, quiz_id: str, *roles: str) -> Quiz:
    """Raises 404 and 403 problems."""
    found = session.get(Quiz, quiz_id)
    if found is None:
        raise not_found()
    require(who, found.branch_id, *roles)
    return found


def require(who: Principal, branch_id: str | None, *roles: str) -> None:
    held = [role for role in roles if role in who.roles]
    if branch_id and not any(_holds(who, role, branch_id) for role in held):
        raise Problem(403, "You do not hold this role at: {branches}.", branches=branch_id)


def _holds(who: Principal, role: str, branch_id: str) -> bool:
    branches = who.branches(role)
    return branches is None or branch_id in branches


def own_quizzes(who: Principal, role: str) -> ColumnElement[bool]:
    """A condition on `Quiz`."""
    branches = who.branches(role)
    return true() if branches is None else or_(Quiz.branch_id.is_(None), Quiz.branch_id.in_(sorted(branches)))
