"""Open answers: the queue of those that wait, and the points a person gives."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.quizzes import finishing, stored_items
from services.quizzes.attempts import asked_in, versions_in
from services.quizzes.items import Open
from services.quizzes.models import FINISHED, GRADED, OPEN, Answer, Attempt, Mark, Quiz
from services.quizzes.scoring import Asked, Outcome, rounded
from services.quizzes.use_cases.rights import own_quizzes, require
from shared import clock
from shared.auth import Principal
from shared.database import is_sqlite
from shared.problems import Problem, invalid, not_found


def waiting(
    session: Session, who: Principal, quiz_id: str | None, after: list[Any] | None, limit: int
) -> list[tuple[Attempt, Quiz]]:
    """Attempts with answers to be marked, in the order of their ids; nobody's name goes with them."""
    chosen = (
        select(Attempt, Quiz)
        .join(Quiz, Quiz.id == Attempt.quiz_id)
        .where(Attempt.state == FINISHED, own_quizzes(who, "librarian"))
        .order_by(Attempt.id)
        .limit(limit + 1)
    )
    if quiz_id:
        chosen = chosen.where(Attempt.quiz_id == quiz_id)
    if after:
        chosen = chosen.where(Attempt.id > str(after[0]))
    return [(attempt, quiz) for attempt, quiz in session.execute(chosen)]


def lines(session: Session, found: list[tuple[Attempt, Quiz]]) -> list[dict[str, Any]]:
    """One for each answer that waits."""
    attempts = [attempt for attempt, _quiz in found]
    items = stored_items.by_version(session, versions_in(attempts))
    rows = session.scalars(select(Answer).where(Answer.attempt_id.in_([attempt.id for attempt in attempts])))
    answers = {(row.attempt_id, row.item_id): row for row in rows}
    return [
        {
            "attempt_id": attempt.id,
            "item_id": asked.item_id,
            "quiz": {"id": quiz.id, "title": quiz.title},
            "text": asked.item.text.as_json(),
            "answer": answers[attempt.id, asked.item_id].answer,
            "of": rounded(Fraction(asked.points)),
            "language": attempt.language,
            "given_at": answers[attempt.id, asked.item_id].given_at,
        }
        for attempt, quiz in found
        for asked in asked_in(attempt, items, attempt.graded_with)
        if (attempt.scores or {}).get(asked.item_id, "") is None
    ]


def mark(session: Session, who: Principal, data: Mapping[str, Any]) -> Attempt:
    """Keeps the points; with the last of them the attempt is graded. May be given anew."""
    attempt = session.get(Attempt, str(data["attempt_id"]), with_for_update=True, populate_existing=True)
    if attempt is None:
        raise not_found()
    quiz = session.get_one(Quiz, attempt.quiz_id)
    require(who, quiz.branch_id, "librarian")
    if attempt.state == OPEN:
        raise Problem(409, "The answers have not been handed in yet.", code="open")
    items = stored_items.by_version(session, versions_in([attempt]) | set((attempt.graded_with or {}).items()))
    asked = asked_in(attempt, items, attempt.graded_with)
    share = _share(asked, str(data["item_id"]), data["points"])
    _keep(session, who, attempt.id, str(data["item_id"]), share, data.get("comment"))
    _score(session, attempt, quiz, Outcome(asked, _shares(attempt, str(data["item_id"]), share), quiz.pass_percent))
    return attempt


def _share(asked: Any, item_id: str, points: Decimal) -> Fraction:
    found: Asked | None = next((each for each in asked if each.item_id == item_id), None)
    if found is None or not isinstance(found.item, Open):
        raise invalid("item_id", "Only open answers are marked by hand.")
    if points > found.points:
        raise invalid("points", "Give at most {most} points.", most=format(found.points.normalize(), "f"))
    return Fraction(points) / Fraction(found.points)


def _shares(attempt: Attempt, item_id: str, share: Fraction) -> dict[str, Fraction | None]:
    kept = {each: None if given is None else Fraction(given) for each, given in (attempt.scores or {}).items()}
    return kept | {item_id: share}


def _keep(session: Session, who: Principal, attempt_id: str, item_id: str, share: Fraction, comment: Any) -> None:
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    given = {
        "share": str(share),
        "comment": comment or None,
        "marked_by": who.name or who.subject,
        "marked_at": clock.now(),
    }
    statement = insert(Mark).values(attempt_id=attempt_id, item_id=item_id, **given)
    session.execute(statement.on_conflict_do_update(index_elements=["attempt_id", "item_id"], set_=given))


def _score(session: Session, attempt: Attempt, quiz: Quiz, outcome: Outcome) -> None:
    result = outcome.row()
    before = (attempt.state, attempt.percent, attempt.passed)
    graded_at = (attempt.graded_at or clock.now()) if result["state"] == GRADED else None
    session.execute(update(Attempt).where(Attempt.id == attempt.id).values(**result, graded_at=graded_at))
    session.refresh(attempt)
    if attempt.state == GRADED and before != (attempt.state, attempt.percent, attempt.passed):
        finishing.tell(session, attempt, result)
