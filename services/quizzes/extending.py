"""More time for those who are in the middle of it: the ends of open attempts follow the terms, never nearer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.quizzes.attempts import ENDS, ends_of
from services.quizzes.finishing import ATTEMPTS
from services.quizzes.models import OPEN, Quiz
from shared.bulk import update_rows

TERMS = frozenset({"time_limit_minutes", "grace_minutes", "late_minutes", "extra_time"})
_COLUMNS = ("id", "started_at", "card_number", "class_id", *ENDS)


def extend(session: Session, quiz: Quiz) -> None:
    """The ends of its open attempts by the terms as they are now. Nobody gets less time than they were promised."""
    mine = select(*(ATTEMPTS.c[name] for name in _COLUMNS)).where(
        ATTEMPTS.c.quiz_id == quiz.id, ATTEMPTS.c.state == OPEN, ATTEMPTS.c.ends_at.is_not(None)
    )
    rows = session.execute(mine.order_by(ATTEMPTS.c.id).with_for_update()).all()
    update_rows(session, ATTEMPTS, [{"id": row.id} | _ends(quiz, row) for row in rows])


def _ends(quiz: Quiz, attempt: Any) -> dict[str, Any]:
    now = ends_of(quiz, attempt.started_at, attempt.card_number, attempt.class_id)
    return {name: end and max(end, getattr(attempt, name)) for name, end in now.items()}
