"""One pass over all finished attempts of a quiz, chunk by chunk in the order of their ids, with their answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Table, select, text
from sqlalchemy.orm import Session

from services.quizzes.models import FINISHED, GRADED, Attempt
from shared.bulk import dump_rows
from shared.database import is_sqlite, rows_table
from shared.tables import Json, Key

ATTEMPTS = cast(Table, Attempt.__table__)
ENDED = (FINISHED, GRADED)
AT_ONCE = 2_000
FIRST = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Sheet:
    """`attempt`: its row; `answers`: item id -> answer in positions; `languages`: item id -> the language it was read
    in, where that is not the attempt's."""

    attempt: Any
    answers: Mapping[str, Any]
    languages: Mapping[str, str] = field(default_factory=dict)


def chunk(session: Session, quiz_id: str, after: str, size: int, *, lock: bool = False) -> list[Sheet]:
    """The next attempts after that id; in two statements."""
    chosen = select(ATTEMPTS).where(
        ATTEMPTS.c.quiz_id == quiz_id, ATTEMPTS.c.state.in_(ENDED), ATTEMPTS.c.id > (after or FIRST)
    )
    chosen = chosen.order_by(ATTEMPTS.c.id).limit(size)
    rows = session.execute(chosen.with_for_update() if lock and not is_sqlite(session) else chosen).all()
    answers = _answers_of(session, [row.id for row in rows])
    return [Sheet(row, *answers.get(row.id, ({}, {}))) for row in rows]


def chunks(session: Session, quiz_id: str, size: int = AT_ONCE) -> Iterator[Sequence[Sheet]]:
    after = FIRST
    while sheets := chunk(session, quiz_id, after, size):
        yield sheets
        after = sheets[-1].attempt.id


def _answers_of(session: Session, attempt_ids: Sequence[str]) -> dict[str, tuple[dict[str, Any], dict[str, str]]]:
    """Attempt id -> {item id: answer}, {item id: language}: gathered by the database, as a row an answer costs more
    than grading it."""
    gather, answer = ("json_group_object", "json(answer)") if is_sqlite(session) else ("jsonb_object_agg", "answer")
    answers = f"{gather}(item_id, {answer}) AS answers"
    languages = f"{gather}(item_id, language) FILTER (WHERE language IS NOT NULL) AS languages"
    columns = f"attempt_id, {answers}, {languages}"
    statement, ids = having(session, columns, "answers", attempt_ids, "GROUP BY attempt_id")
    found = session.execute(statement.columns(attempt_id=Key, answers=Json, languages=Json), ids)
    return {row.attempt_id: (row.answers, row.languages or {}) for row in found}


def having(
    session: Session, columns: str, table: str, attempt_ids: Sequence[str], then: str = ""
) -> tuple[Any, dict[str, str]]:
    """The rows of these attempts: a statement and its parameter."""
    ids = rows_table(session, "ids", {"id": "uuid"})
    statement = text(f"SELECT {columns} FROM {table} WHERE attempt_id IN (SELECT id FROM {ids}) {then}")  # noqa: S608
    return statement, {"ids": dump_rows(session, [{"id": attempt_id} for attempt_id in attempt_ids])}
