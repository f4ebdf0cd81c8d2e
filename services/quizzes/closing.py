"""When a quiz opens and closes: by days, in the zone of its branch or of the library."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from services.quizzes import deadlines
from services.quizzes.models import DRAFT, PUBLISHED, Branch, Quiz
from shared import clock

PROTECTED = timedelta(hours=1)
"""How long an attempt may still be finished once the last day has been moved nearer than that."""


def start_of_day(day: date | None, time_zone: str) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(time_zone)) if day else None


def end_of_day(day: date | None, time_zone: str) -> datetime | None:
    """The first moment after that day; None without a day."""
    return start_of_day(day + timedelta(days=1), time_zone) if day else None


def zone_of(session: Session, branch_id: str | None) -> str:
    """The branch's zone; the library's where there is no branch or its own has not been heard of."""
    own = session.scalar(select(Branch.time_zone).where(Branch.id == branch_id)) if branch_id else None
    return own or str(session.info["settings"].time_zone)


def set_moments(quiz: Quiz, time_zone: str) -> None:
    stood = _end_of_attempts(quiz)
    quiz.opens_at = start_of_day(quiz.opens_on, time_zone)
    quiz.closes_at = end_of_day(quiz.closes_on, time_zone)
    quiz.shut_at = None if quiz.state == DRAFT else shut_after(stood, quiz.closes_at, clock.now())


def shut_after(stood: datetime | None, closes_at: datetime | None, now: datetime) -> datetime | None:
    """When attempts close instead of at `closes_at`, a moment just set; None where that moment itself holds.

    What was valid when it was given stays valid: whoever was playing under the moment that `stood` (None: no end)
    keeps what was given so far and has `PROTECTED` to finish, but no longer than they had before.
    """
    until = now + PROTECTED if stood is None else min(stood, now + PROTECTED)
    return until if closes_at is not None and closes_at < until else None


def _end_of_attempts(quiz: Quiz) -> datetime | None:
    """By the day alone."""
    return quiz.shut_at or quiz.closes_at


def set_last_day(session: Session, quiz: Quiz, agreed: date | None) -> None:
    """A new agreement on the last day; the day in force follows from it."""
    quiz.original_closes_on = agreed
    project(session, quiz)


def project(session: Session, quiz: Quiz) -> None:
    """The last day in force, from the day agreed and the closures of the quiz's branch as they stand."""
    quiz.closes_on, quiz.why = deadlines.in_force(session, quiz.branch_id, quiz.original_closes_on)
    set_moments(quiz, zone_of(session, quiz.branch_id))


def closing_moment(quiz: Quiz) -> datetime | None:
    """When its attempts close: by the day, or earlier by hand; None while no end is known."""
    known = [moment for moment in (_end_of_attempts(quiz), quiz.ended_at) if moment is not None]
    return min(known) if known else None


def is_open(quiz: Quiz, now: datetime) -> bool:
    """Whether an attempt may begin: by the last day exactly."""
    begun = quiz.opens_at is None or quiz.opens_at <= now
    return quiz.state == PUBLISHED and begun and (quiz.closes_at is None or now < quiz.closes_at)


def open_now(now: datetime) -> ColumnElement[bool]:
    """The same of every quiz of a statement."""
    return and_(
        Quiz.state == PUBLISHED,
        or_(Quiz.opens_at.is_(None), Quiz.opens_at <= now),
        or_(Quiz.closes_at.is_(None), Quiz.closes_at > now),
    )
