"""Results: the leaderboard, the list as a file, and grading again."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from services.quizzes import stored_items
from services.quizzes.formats.sheet import guarded
from services.quizzes.models import Attempt, Nickname, Quiz, Regrade, RegradeChange, SchoolClass
from services.quizzes.regrading import REGRADE
from services.quizzes.results import counting
from services.quizzes.use_cases import undeserved
from shared import clock, runs
from shared.auth import Principal
from shared.database import Database
from shared.problems import not_found
from shared.tables import runs as runs_table

MOST_PLACES = 100
LINES_AT_ONCE = 1_000
COLUMNS = (
    "attempt_id",
    "card_number",
    "nickname",
    "class",
    "language",
    "number",
    "state",
    "started_at",
    "finished_at",
    "points",
    "of",
    "percent",
    "passed",
)


def leaderboard(session: Session, quiz: Quiz) -> list[dict[str, Any]]:
    """Nicknames that are not hidden, the best first; who has as much shares a place."""
    if not quiz.leaderboard:
        raise not_found()
    best = counting(quiz).subquery()
    place = func.rank().over(order_by=best.c.percent.desc()).label("place")
    shown = Nickname.__table__
    chosen = (
        select(place, shown.c.nickname, best.c.points, best.c.of, best.c.percent)
        .join(shown, (shown.c.quiz_id == best.c.quiz_id) & (shown.c.taker == best.c.taker))
        .where(shown.c.hidden.is_(False))
    )
    ordered = chosen.order_by(best.c.percent.desc(), best.c.finished_at, shown.c.folded)
    return [dict(row._mapping) for row in session.execute(ordered.limit(MOST_PLACES))]


def csv_lines(database: Database, quiz_id: str) -> Iterator[str]:
    """The file in pieces: the header, then a page of attempts at a time."""
    yield ",".join(COLUMNS) + "\r\n"
    after: Any = None
    while True:
        with database.reading() as session:
            rows = _attempts(session, quiz_id, after)
        if not rows:
            return
        yield _written(rows)
        after = rows[-1]


def _attempts(session: Session, quiz_id: str, after: Any) -> Sequence[Any]:
    chosen = (
        select(
            *(Attempt.id.label("attempt_id"), Attempt.card_number, Nickname.nickname, SchoolClass.name.label("class")),
            *(getattr(Attempt, name) for name in COLUMNS[4:]),
        )
        .outerjoin(Nickname, (Nickname.quiz_id == Attempt.quiz_id) & (Nickname.taker == Attempt.taker))
        .outerjoin(SchoolClass, SchoolClass.id == Attempt.class_id)
        .where(Attempt.quiz_id == quiz_id)
        .order_by(Attempt.id)
        .limit(LINES_AT_ONCE)
    )
    return session.execute(chosen.where(Attempt.id > after.attempt_id) if after else chosen).all()


def _written(rows: Iterable[Any]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([[guarded(_cell(cell)) for cell in row] for row in rows])
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else str(value)


def start_regrade(session: Session, who: Principal, quiz: Quiz, reason: str) -> dict[str, Any]:
    """A run over all finished attempts, with the questions as they are now; one under way is ended."""
    ids = {item_id for pool in quiz.pools for item_id in pool["item_ids"]}
    made = Regrade(
        id=str(uuid.uuid4()),
        quiz_id=quiz.id,
        reason=reason,
        asked_by=who.name or who.subject,
        asked_at=clock.now(),
        versions=stored_items.newest(session, ids),
    )
    session.add(made)
    session.flush()
    runs.end_older(session, REGRADE, f"{quiz.id}:")
    runs.start(session, REGRADE, _key(made), {"regrade_id": made.id, "quiz_id": quiz.id})
    return regrades(session, quiz)[0]


def _key(regrade: Regrade) -> str:
    return f"{regrade.quiz_id}:{regrade.id}"


def regrades(session: Session, quiz: Quiz) -> list[dict[str, Any]]:
    """The newest first: how far each is, how many results it changed, which certificates are no longer deserved."""
    rows = session.scalars(select(Regrade).where(Regrade.quiz_id == quiz.id).order_by(Regrade.asked_at.desc())).all()
    under_way = _runs(session, [_key(row) for row in rows])
    changes = _changes(session, [row.id for row in rows])
    failed = undeserved.by_regrade(session, [row.id for row in rows])
    return [
        {name: getattr(row, name) for name in ("id", "reason", "asked_by", "asked_at")}
        | under_way.get(_key(row), {})
        | changes.get(row.id, {"changed": 0, "better": 0, "worse": 0})
        | failed.get(row.id, {"undeserved": 0, "undeserved_codes": []})
        for row in rows
    ]


def _runs(session: Session, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    table = runs_table.c
    chosen = select(table.key, table.state, table.done, table.total, table.failed)
    found = session.execute(chosen.where(table.kind == REGRADE, table.key.in_(keys)))
    return {row.key: {name: getattr(row, name) for name in ("state", "done", "total", "failed")} for row in found}


def _changes(session: Session, regrade_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    change = RegradeChange

    def count(condition: Any) -> Any:
        return func.sum(case((condition, 1), else_=0))

    chosen = select(
        change.regrade_id,
        func.count().label("changed"),
        count(change.percent > change.percent_was).label("better"),
        count(change.percent < change.percent_was).label("worse"),
    )
    found = session.execute(chosen.where(change.regrade_id.in_(regrade_ids)).group_by(change.regrade_id))
    return {row.regrade_id: {name: int(getattr(row, name)) for name in ("changed", "better", "worse")} for row in found}
