"""Grading again after items were corrected: a run over all finished attempts, with a record of what it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, cast

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from services.quizzes import finishing, passes, stored_items
from services.quizzes.attempts import asked_in, versions_in
from services.quizzes.carrying import Carrying
from services.quizzes.items import Item
from services.quizzes.models import GRADED, Attempt, Quiz, Regrade, RegradeChange
from services.quizzes.passes import ATTEMPTS, Sheet
from services.quizzes.scoring import outcome
from services.quizzes.stored_items import Version
from shared import clock
from shared.bulk import insert_rows, update_rows
from shared.database import is_sqlite
from shared.runs import Run

REGRADE = "regrade"
CHANGES = cast(Table, RegradeChange.__table__)
RESULT = ("points", "percent", "passed")
AT_ONCE_ON_SQLITE = 500


class RegradeRun:
    """`args`: {regrade_id, quiz_id}. `done` counts attempts looked at."""

    step = ""

    def chunk_size(self, session: Session) -> int:
        return AT_ONCE_ON_SQLITE if is_sqlite(session) else passes.AT_ONCE

    def advance(self, session: Session, run: Run, size: int) -> None:
        if not run.cursor:
            run.total = _how_many(session, run.args["quiz_id"])
        sheets = passes.chunk(session, run.args["quiz_id"], run.cursor.get("after", ""), size, lock=True)
        regrade(session, session.get_one(Regrade, run.args["regrade_id"]), sheets)
        run.done += len(sheets)
        if sheets:
            run.cursor = {"after": sheets[-1].attempt.id}
        if len(sheets) < size:
            run.finish()

    def skip(self, session: Session, run: Run, error: str) -> None:
        guilty = passes.chunk(session, run.args["quiz_id"], run.cursor.get("after", ""), 1)
        if not guilty:
            return run.finish()
        run.failed += 1
        run.cursor = {"after": guilty[0].attempt.id}


def _how_many(session: Session, quiz_id: str) -> int:
    ended = select(func.count()).where(Attempt.quiz_id == quiz_id, Attempt.state.in_(passes.ENDED))
    return session.scalar(ended) or 0


def regrade(session: Session, asked: Regrade, sheets: Sequence[Sheet]) -> list[dict[str, Any]]:
    """Grades these attempts with the versions of the record; keeps what has changed. Returns all their results."""
    quiz = session.get_one(Quiz, asked.quiz_id)
    results = graded(session, sheets, asked.versions, quiz.pass_percent)
    pairs = list(zip(sheets, results, strict=True))
    changed = [
        (sheet.attempt, result)
        for sheet, result in pairs
        if _differs(sheet.attempt, result) or _by_others(sheet.attempt, asked.versions)
    ]
    moved = [(attempt, result) for attempt, result in changed if _seen(attempt, result)]
    update_rows(session, ATTEMPTS, [_row(attempt, result, asked.versions) for attempt, result in changed])
    insert_rows(session, CHANGES, [_change(asked.id, attempt, result) for attempt, result in moved])
    for attempt, result in moved:
        if result["state"] == GRADED:
            finishing.tell(session, attempt, result)
    return results


def graded(
    session: Session, sheets: Sequence[Sheet], versions: Mapping[str, int], pass_percent: int | None
) -> list[dict[str, Any]]:
    """The results of these attempts as columns, graded with `versions` instead of those shown."""
    attempts = [sheet.attempt for sheet in sheets]
    items: dict[Version, Item] = stored_items.by_version(session, {*versions_in(attempts), *versions.items()})
    marks, carrying = marks_of(session, [attempt.id for attempt in attempts]), Carrying(items)
    return [
        outcome(
            asked_in(sheet.attempt, items, versions),
            carrying.answers(sheet.attempt.items, sheet.answers, versions),
            pass_percent,
            marks.get(sheet.attempt.id),
        ).row()
        for sheet in sheets
    ]


def marks_of(session: Session, attempt_ids: Sequence[str]) -> dict[str, dict[str, Fraction]]:
    """Attempt id -> {item id: share given by hand}."""
    found: dict[str, dict[str, Fraction]] = {}
    for row in session.execute(*passes.having(session, "attempt_id, item_id, share", "marks", attempt_ids)):
        found.setdefault(str(row.attempt_id), {})[str(row.item_id)] = Fraction(row.share)
    return found


def _differs(attempt: Any, result: Mapping[str, Any]) -> bool:
    return any(getattr(attempt, name) != value for name, value in result.items())


def _by_others(attempt: Any, versions: Mapping[str, int]) -> bool:
    """Whether a question is graded in another version than before: its review then says another right answer, even
    where the points are the same."""
    before = attempt.graded_with or {}
    return any(versions.get(item, shown) != before.get(item, shown) for item, shown, _points in attempt.items)


def _seen(attempt: Any, result: Mapping[str, Any]) -> bool:
    return any(getattr(attempt, name) != result[name] for name in RESULT)


def _row(attempt: Any, result: Mapping[str, Any], versions: Mapping[str, int]) -> dict[str, Any]:
    asked = {item_id for item_id, _version, _points in attempt.items}
    graded_at = (attempt.graded_at or clock.now()) if result["state"] == GRADED else None
    with_ = {item_id: version for item_id, version in versions.items() if item_id in asked}
    return {"id": attempt.id, "graded_at": graded_at, "graded_with": with_} | dict(result)


def _change(regrade_id: str, attempt: Any, result: Mapping[str, Any]) -> dict[str, Any]:
    before = {f"{name}_were" if name == "points" else f"{name}_was": getattr(attempt, name) for name in RESULT}
    return {"regrade_id": regrade_id, "attempt_id": attempt.id} | before | {name: result[name] for name in RESULT}
