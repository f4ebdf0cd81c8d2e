"""Answers as they arrive: each by itself, once, in any order; the newest by the moment it was given is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from services.quizzes.attempts import LATE, Shape, item_seed
from services.quizzes.closing import closing_moment
from services.quizzes.grading import Answer as Given
from services.quizzes.items import Item
from services.quizzes.models import OPEN, Answer, Attempt, Quiz
from services.quizzes.player import shown_answer
from shared import clock
from shared.bulk import dump_rows
from shared.database import dump_json, is_sqlite, rows_table
from shared.problems import Problem, not_found
from shared.tables import Key, Moment

_ROW = {
    "item_id": "uuid",
    "answer": "text",
    "device": "text",
    "number": "bigint",
    "given_at": "timestamptz",
    "language": "text",
}
_NEWER = (
    "ON CONFLICT (attempt_id, item_id) DO UPDATE SET answer = excluded.answer, device = excluded.device,"
    " number = excluded.number, given_at = excluded.given_at, saved_at = excluded.saved_at,"
    " language = excluded.language"
    " WHERE (excluded.given_at, excluded.device, excluded.number)"
    " > (answers.given_at, answers.device, answers.number)"
    " RETURNING item_id"
)


@dataclass(frozen=True)
class Said:
    """One answer to one item, in positions. `device`: the tab it came from; `number`: that tab's count; `language`:
    in which the item was read, none for the attempt's."""

    item_id: str
    answer: Given
    device: str
    number: int
    given_at: datetime
    language: str | None = None

    @property
    def order(self) -> tuple[datetime, str, int]:
        return self.given_at, self.device, self.number


def clamped(given_at: datetime, shape: Shape, now: datetime) -> datetime:
    """When an answer was given is what its browser says; but nobody answers before the attempt began or after the
    answer has come."""
    return max(shape.started_at, min(given_at, now))


def save(session: Session, attempt_id: str, shape: Shape, answers: Sequence[Said]) -> set[str]:
    """Keeps what is valid and newer than what is kept, in one statement; returns the items it was kept for.

    The attempt's row is held meanwhile, so that nothing is added to an attempt that is being graded.
    """
    now = clock.now()
    newest: dict[str, Said] = {}
    for each in answers:
        if each.item_id not in newest or newest[each.item_id].order < each.order:
            newest[each.item_id] = each
    rows = [
        {
            "item_id": each.item_id,
            "answer": None if each.answer is None else dump_json(each.answer),
            "device": each.device,
            "number": each.number,
            "given_at": each.given_at,
            "language": each.language,
        }
        for each in newest.values()
    ]
    values = {
        "rows": dump_rows(session, rows),
        "attempt_id": attempt_id,
        "taker": shape.taker,
        "now": now,
        "closed_since": now - LATE,
    }
    return {row.item_id for row in session.execute(_statement(is_sqlite(session), session), values)}


_STATEMENTS: dict[bool, Any] = {}


def _statement(sqlite: bool, session: Session) -> Any:
    if sqlite not in _STATEMENTS:
        answer, hold = ("rows.answer", "") if sqlite else ("CAST(rows.answer AS jsonb)", "FOR KEY SHARE OF a")
        _STATEMENTS[sqlite] = (
            text(
                "INSERT INTO answers (attempt_id, item_id, answer, device, number, given_at, saved_at, language)"  # noqa: S608
                f" SELECT a.id, rows.item_id, {answer}, rows.device, rows.number, rows.given_at, :now,"
                " rows.language"
                f" FROM {rows_table(session, 'rows', _ROW)}"
                " JOIN attempts a ON a.id = :attempt_id JOIN quizzes q ON q.id = a.quiz_id"
                " WHERE a.taker = :taker AND a.state = 'open'"
                " AND (a.ends_at IS NULL OR a.grace_until >= :now"
                " OR (rows.given_at <= a.ends_at AND a.late_until >= :now))"
                " AND (q.closes_at IS NULL OR (rows.given_at < COALESCE(q.shut_at, q.closes_at)"
                " AND COALESCE(q.shut_at, q.closes_at) > :closed_since))"
                " AND (q.ended_at IS NULL OR (rows.given_at < q.ended_at AND q.ended_at > :closed_since))"
                f" {hold} {_NEWER}"
            )
            .bindparams(
                bindparam("attempt_id", type_=Key),
                bindparam("now", type_=Moment),
                bindparam("closed_since", type_=Moment),
            )
            .columns(item_id=Key)
        )
    return _STATEMENTS[sqlite]


def kept(session: Session, attempt_id: str, item_ids: Sequence[str]) -> dict[str, Answer]:
    rows = session.scalars(select(Answer).where(Answer.attempt_id == attempt_id, Answer.item_id.in_(item_ids)))
    return {row.item_id: row for row in rows}


def why_not(session: Session, attempt_id: str, shape: Shape, answer: Said) -> Problem | None:
    """What stood against keeping an answer that was not kept; None where a newer one is."""
    attempt = session.get(Attempt, attempt_id, populate_existing=True)
    quiz = session.get(Quiz, shape.quiz_id, populate_existing=True)
    if attempt is None or quiz is None or attempt.taker != shape.taker:
        return not_found()
    if attempt.state != OPEN:
        return Problem(409, "The answers have been handed in already.", code="handed_in")
    now, closed = clock.now(), closing_moment(quiz)
    if _out_of_time(attempt, answer, now):
        return Problem(409, "The time of this attempt is over.", code="time_is_over")
    if closed is not None and (answer.given_at >= closed or now - LATE >= closed):
        return Problem(409, "The quiz has closed.", code="closed")
    return None


def _out_of_time(attempt: Attempt, answer: Said, now: datetime) -> bool:
    if attempt.ends_at is None or attempt.grace_until is None or attempt.late_until is None:
        return False
    return now > attempt.grace_until and (answer.given_at > attempt.ends_at or now > attempt.late_until)


def as_kept(row: Answer | Said, item: Item, shape: Shape) -> dict[str, Any]:
    """A kept answer as the player knows it."""
    return {
        "answer": shown_answer(item, item_seed(shape.seed, row.item_id), row.answer),
        "device": row.device,
        "number": row.number,
        "given_at": row.given_at,
    }
