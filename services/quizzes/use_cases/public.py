"""Quizzes as everybody sees them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.quizzes.closing import is_open, open_now
from services.quizzes.models import DRAFT, PUBLISHED, Quiz, QuizWork
from shared import clock
from shared.auth import Principal
from shared.folding import fold
from shared.isbn import isbn_13
from shared.problems import Problem, invalid, not_found

FIELDS = (
    "id",
    "state",
    "title",
    "about",
    "languages",
    "works",
    "opens_on",
    "closes_on",
    "original_closes_on",
    "why",
    "questions",
    "time_limit_minutes",
    "pass_percent",
    "certificate",
    "guests",
    "age_from",
    "age_to",
    "attempts_allowed",
    "leaderboard",
)
OF_STAFF = (
    "version",
    "branch_id",
    "shuffle_items",
    "per_page",
    "counts",
    "grace_minutes",
    "late_minutes",
    "extra_time",
    "review",
    "feedback",
)


def face(quiz: Quiz) -> dict[str, Any]:
    """The public fields."""
    return {name: getattr(quiz, name) for name in FIELDS} | {"open": is_open(quiz, clock.now())}


def line(quiz: Quiz) -> dict[str, Any]:
    """What staff see of a quiz in a list."""
    return face(quiz) | {name: getattr(quiz, name) for name in OF_STAFF}


def quiz(session: Session, quiz_id: str) -> Quiz:
    """One that has been published, closed ones too."""
    found = session.get(Quiz, quiz_id)
    if found is None or found.state == DRAFT:
        raise not_found()
    return found


def listed(session: Session, who: Principal, query: dict[str, Any], after: list[Any] | None) -> Sequence[Quiz]:
    """The newest first. `state` is for staff; everybody else sees what is published."""
    chosen = select(Quiz).order_by(Quiz.created_at.desc(), Quiz.id.desc()).limit(query["limit"] + 1)
    state = query.get("state", PUBLISHED)
    if "state" in query and not who.has("editor", "librarian"):
        raise Problem(403, "You do not have the right to do this.")
    if state != "all":
        chosen = chosen.where(Quiz.state == state)
    if query["open"]:
        chosen = chosen.where(open_now(clock.now()))
    for word in fold(query["search"]).split():
        chosen = chosen.where(Quiz.words.contains(word, autoescape=True))
    if after:
        at, quiz_id = _moment(after[0]), str(after[1])
        chosen = chosen.where((Quiz.created_at < at) | ((Quiz.created_at == at) & (Quiz.id < quiz_id)))
    return session.scalars(chosen).all()


def _moment(text: Any) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise invalid("cursor", "Use the value of next from the page before.") from error


def suits(quiz: Quiz, ages: Sequence[int | None]) -> bool:
    """Whether it is for the age of one of these readers; one whose age nobody knows may be any. The age is advice: it
    says what is offered, and keeps nobody from playing."""
    least, most = quiz.age_from or 0, 1_000 if quiz.age_to is None else quiz.age_to
    return any(age is None or least <= age <= most for age in ages)


def offers(
    session: Session, isbns: Sequence[str], titles: Sequence[str], ages: Sequence[int | None]
) -> list[dict[str, Any]]:
    """Open quizzes on these books for readers of these ages, each once, with the book by which it was found."""
    numbers = {number: isbn for isbn in isbns if (number := isbn_13(isbn))}
    folded = {fold(title): title for title in titles if fold(title)}
    matching = or_(QuizWork.isbn.in_(list(numbers)), QuizWork.title_folded.in_(list(folded)))
    rows = session.execute(
        select(Quiz, QuizWork)
        .join(QuizWork, QuizWork.quiz_id == Quiz.id)
        .where(matching, open_now(clock.now()))
        .order_by(Quiz.created_at.desc(), Quiz.id, QuizWork.place)
    )
    found: dict[str, dict[str, Any]] = {}
    for quiz, work in rows:
        if not suits(quiz, ages):
            continue
        by = {"isbn": numbers[work.isbn]} if work.isbn in numbers else {"title": folded.get(work.title_folded)}
        found.setdefault(quiz.id, {"quiz": face(quiz), "matched": by})
    return list(found.values())
