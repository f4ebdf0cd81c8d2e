"""What others hear of a quiz: the whole public quiz, again with every version."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.quizzes.models import CLOSED, PUBLISHED, Quiz
from shared import clock, outbox

TOLD = (
    "version",
    "title",
    "about",
    "works",
    "why",
    "languages",
    "branch_id",
    "guests",
    "questions",
    "time_limit_minutes",
    "attempts_allowed",
    "pass_percent",
    "certificate",
    "age_from",
    "age_to",
)
AT_ONCE = 200


def event_data(quiz: Quiz) -> dict[str, Any]:
    days = {name: getattr(quiz, name) for name in ("opens_on", "closes_on", "original_closes_on")}
    told = {name: day.isoformat() if day else None for name, day in days.items()}
    return {"quiz_id": quiz.id} | {name: getattr(quiz, name) for name in TOLD} | told


def next_version(quiz: Quiz) -> Quiz:
    quiz.version += 1
    quiz.changed_at = clock.now()
    return quiz


def tell(session: Session, quiz: Quiz) -> None:
    """The quiz as it stands, open or closed; nothing of a draft."""
    kind = {PUBLISHED: "quiz.published.v1", CLOSED: "quiz.closed.v1"}.get(quiz.state)
    if kind:
        outbox.add(session, kind, quiz.id, event_data(quiz))


def follow_calendar(quiz: Quiz) -> None:
    """A later last day opens a quiz again that nobody closed by hand."""
    if quiz.state == CLOSED and quiz.ended_at is None and (quiz.closes_at is None or quiz.closes_at > clock.now()):
        quiz.state = PUBLISHED


def close(session: Session, quiz: Quiz) -> None:
    quiz.state = CLOSED
    tell(session, next_version(quiz))


def close_those_past_their_day(session: Session) -> int:
    """How many it closed."""
    past = select(Quiz).where(Quiz.state == PUBLISHED, Quiz.closes_at <= clock.now()).order_by(Quiz.id).limit(AT_ONCE)
    found = session.scalars(past.with_for_update(skip_locked=True)).all()
    for quiz in found:
        close(session, quiz)
    session.flush()
    return len(found)
