"""What a run could not do for a decision, once more: the same run from its beginning, because every step is a
recomputation that moves only what still has to move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from shared import clock, outbox, runs
from shared.database import is_sqlite
from shared.tables import runs as runs_table

STUCK, DONE = "stuck", "done"


def start_again(session: Session, quarantine_id: str, kinds: Mapping[str, runs.RunKind]) -> int:
    """Runs of the decision's newest version that are stuck or left something out begin anew. Returns how many."""
    followed = [name for name, kind in kinds.items() if kind.step]
    mine = select(runs_table).where(
        runs_table.c.kind.in_(followed), runs_table.c.key.startswith(f"{quarantine_id}:", autoescape=True)
    )
    rows = session.execute(mine if is_sqlite(session) else mine.order_by(runs_table.c.id).with_for_update()).all()
    newest = max((row.args["version"] for row in rows), default=0)
    failed = [row for row in rows if row.args["version"] == newest and _left_something(row)]
    for row in failed:
        _begin_anew(session, row, kinds[row.kind].step)
    if failed:
        outbox.mark_written(session)
    return len(failed)


def _left_something(row: Row[Any]) -> bool:
    return bool(row.state == STUCK or (row.state == DONE and row.failed > 0))


def _begin_anew(session: Session, row: Row[Any], step: str) -> None:
    """What is done stays counted; the step is open again from this moment on."""
    run = runs.of_row(row)
    run.state = "waiting"
    runs.report(session, run, step)
    args = row.args | {runs.COUNTED: row.done + row.failed}
    anew = {"state": "waiting", "cursor": {}, "size": 0, "failed": 0, "error": None, "args": args}
    times = {"moved_at": clock.now(), "next_at": clock.now()}
    session.execute(update(runs_table).where(runs_table.c.id == row.id).values(anew | times))
