"""The end of attempts: graded with the items they were shown, by hand-in or when their time is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, func, or_, select
from sqlalchemy.orm import Session

from services.quizzes import stored_items
from services.quizzes.attempts import LATE, asked_in, versions_in
from services.quizzes.models import GRADED, OPEN, Answer, Attempt, Quiz
from services.quizzes.scoring import outcome
from shared import clock, outbox
from shared.bulk import update_rows

AT_ONCE = 500
ATTEMPTS = cast(Table, Attempt.__table__)


def finish(session: Session, attempts: Sequence[Attempt]) -> None:
    """Ends these attempts, whose rows are locked, in a handful of statements; those that are graded are told."""
    open_ones = [attempt for attempt in attempts if attempt.state == OPEN]
    if not open_ones:
        return
    items = stored_items.by_version(session, versions_in(open_ones))
    answers = answers_of(session, [attempt.id for attempt in open_ones])
    marks_at = pass_marks(session, {attempt.quiz_id for attempt in open_ones})
    now = clock.now()
    rows = []
    for attempt in open_ones:
        result = outcome(asked_in(attempt, items), answers.get(attempt.id, {}), marks_at[attempt.quiz_id]).row()
        graded = now if result["state"] == GRADED else None
        rows.append({"id": attempt.id, "finished_at": now, "graded_at": graded} | result)
    update_rows(session, ATTEMPTS, rows)
    for attempt, row in zip(open_ones, rows, strict=True):
        if row["state"] == GRADED:
            tell(session, attempt, row)
        session.expire(attempt)


def answers_of(session: Session, attempt_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Attempt id -> {item id: answer in positions}."""
    found: dict[str, dict[str, Any]] = {}
    chosen = select(Answer.attempt_id, Answer.item_id, Answer.answer).where(Answer.attempt_id.in_(attempt_ids))
    for row in session.execute(chosen):
        found.setdefault(row.attempt_id, {})[row.item_id] = row.answer
    return found


def pass_marks(session: Session, quiz_ids: set[str]) -> dict[str, int | None]:
    rows = session.execute(select(Quiz.id, Quiz.pass_percent).where(Quiz.id.in_(quiz_ids)))
    return {row.id: row.pass_percent for row in rows}


def tell(session: Session, attempt: Attempt, result: Mapping[str, Any]) -> None:
    """`result`: the columns of a graded attempt."""
    data = {
        "attempt_id": attempt.id,
        "quiz_id": attempt.quiz_id,
        "card_number": attempt.card_number,
        "percent": result["percent"],
        "passed": result["passed"],
        "at": clock.now().isoformat(),
    }
    outbox.add(session, "attempt.graded.v1", attempt.id, data)


def finish_those_past_their_time(session: Session) -> int:
    """Ends attempts to which nothing valid can come any more, with what they have; how many."""
    long_ago, closed_by_day = clock.now() - LATE, func.coalesce(Quiz.shut_at, Quiz.closes_at)
    past = (
        select(Attempt)
        .join(Quiz, Quiz.id == Attempt.quiz_id)
        .where(
            Attempt.state == OPEN,
            or_(Attempt.late_until < clock.now(), closed_by_day < long_ago, Quiz.ended_at < long_ago),
        )
        .order_by(Attempt.id)
        .limit(AT_ONCE)
        .with_for_update(of=Attempt, skip_locked=True)
    )
    found = session.scalars(past).all()
    finish(session, found)
    return len(found)
