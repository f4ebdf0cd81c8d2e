"""Branches as quarantines tells of them: their zone says when a last day ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.quizzes.closing import set_moments
from services.quizzes.models import Branch, Quiz
from shared.database import is_sqlite


def record(session: Session, branch: Mapping[str, Any]) -> None:
    """Takes over a branch unless a newer version is known."""
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    told = {"version": branch["version"], "time_zone": branch["time_zone"]}
    statement = insert(Branch).values(id=branch["branch_id"], **told)
    newer = statement.on_conflict_do_update(
        index_elements=["id"], set_=told, where=Branch.version < statement.excluded.version
    )
    if session.execute(newer.returning(Branch.id)).first() is not None:
        _end_days_by(session, branch["branch_id"], branch["time_zone"])


def _end_days_by(session: Session, branch_id: str, time_zone: str) -> None:
    for quiz in session.scalars(select(Quiz).where(Quiz.branch_id == branch_id)):
        set_moments(quiz, time_zone)
    session.flush()
