"""Long work as a row: started in a short transaction, advanced chunk by chunk, resumable after a kill.

A chunk is one transaction: its effect, its events, its cursor. The run's row is locked meanwhile, so a decision
that ends a run waits for the chunk in hand and the next one never begins.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Row, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared import clock, observability, outbox, wakeup
from shared.database import Database, is_down, is_sqlite
from shared.observability import log
from shared.retries import describe
from shared.tables import runs

OPEN = ("waiting", "running")
COUNTED = "counted"
"""Argument of a run that began anew: how many units had been done or had failed when it did."""


@dataclass
class Run:
    """A run in the hands of a worker. `args` never change; the rest is what the chunk leaves behind."""

    id: str
    kind: str
    key: str
    state: str
    args: dict[str, Any]
    cursor: dict[str, Any]
    size: int
    total: int
    done: int
    failed: int
    events: int
    correlation_id: str = ""
    next_at: datetime = field(default_factory=clock.now)

    def finish(self) -> None:
        """What failed before and needs nothing any more, such as a book returned since, counts as done."""
        self.state = "done"
        self.done = max(self.done, self.args.get(COUNTED, 0) - self.failed)


class RunKind(Protocol):
    """What a service's `runs.py` gives for each kind of long work."""

    step: str  # name of the step in `step.progressed`; empty when nobody follows it

    def chunk_size(self, session: Session) -> int: ...

    def advance(self, session: Session, run: Run, size: int) -> None:
        """Does at most `size` units after `run.cursor`, counts them, and calls `run.finish()` after the last."""

    def skip(self, session: Session, run: Run, error: str) -> None:
        """Passes over the one unit after `run.cursor` that fails for good, and counts it as failed."""


def start(session: Session, kind: str, key: str, args: dict[str, Any], next_at: datetime | None = None) -> str | None:
    """Adds a run to do; None when one with that kind and key exists already."""
    run_id, now = str(uuid.uuid4()), clock.now()
    row = {"id": run_id, "kind": kind, "key": key, "state": "waiting", "args": args, "cursor": {}, "size": 0}
    counts = {"total": 0, "done": 0, "failed": 0, "events": 0}
    times = {"started_at": now, "moved_at": now, "next_at": next_at or now}
    correlation = {"correlation_id": observability.correlation_id() or None}
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    added = insert(runs).values(row | counts | times | correlation).on_conflict_do_nothing().returning(runs.c.id)
    if session.execute(added).first() is None:
        return None
    outbox.mark_written(session)
    return run_id


def end_older(session: Session, kind: str, key_prefix: str, but: str = "") -> int:
    """Ends the open runs of a kind whose key begins so; waits for a chunk in hand. Returns how many."""
    older = update(runs).where(runs.c.kind == kind, runs.c.state.in_(OPEN), runs.c.key != but)
    ended = older.where(runs.c.key.startswith(key_prefix, autoescape=True)).values(state="superseded")
    return int(session.execute(ended).rowcount)  # type: ignore[attr-defined]


def report(session: Session, run: Run, step: str) -> None:
    """Emits `step.progressed` for a run that serves a decision."""
    if not step or "quarantine_id" not in run.args:
        return
    data = {
        "quarantine_id": run.args["quarantine_id"],
        "version": run.args["version"],
        "run_id": run.id,
        "service": session.info["service"],
        "step": step,
        "state": run.state,
        "done": run.done,
        "total": max(run.total, run.done + run.failed),
        "failed": run.failed,
        "events": run.events,
    }
    outbox.add(session, "step.progressed.v1", run.args["quarantine_id"], data)


class Runner:
    """Advances a service's open runs, one chunk of one run at a time."""

    def __init__(self, database: Database, kinds: Mapping[str, RunKind]) -> None:
        self.database = database
        self.kinds = kinds
        self.service = database.service
        self._woken = wakeup.signal(self.service)

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._woken.clear()
            try:
                busy = self.advance_one()
            except Exception as error:
                if not is_down(error):
                    raise
                log.warning("runs wait for their database", service=self.service, error=str(error)[:200])
                busy = False
            if not busy:
                self._woken.wait(self.database.settings.poll_seconds)

    def advance_one(self) -> bool:
        """One chunk of the run that waits longest. False when there is nothing to do now."""
        row: Row[Any] | None = None
        try:
            with self.database.transaction() as session:
                row = self._claim(session)
                if row is None:
                    return False
                self._chunk(session, of_row(row))
        except Exception as error:
            if row is None or is_down(error):
                raise
            self._shrink(row, error)
        return True

    def _claim(self, session: Session) -> Row[Any] | None:
        ready = select(runs).where(
            runs.c.state.in_(OPEN), runs.c.next_at <= clock.now(), runs.c.kind.in_(list(self.kinds))
        )
        ready = ready.order_by(runs.c.moved_at).limit(1)
        return session.execute(ready if is_sqlite(session) else ready.with_for_update(skip_locked=True)).first()

    def _chunk(self, session: Session, run: Run) -> None:
        kind = self.kinds[run.kind]
        full = kind.chunk_size(session)
        size = min(run.size or full, full)
        run.state = "running"
        with (
            observability.following(run.correlation_id, run.id),
            observability.CHUNK.labels(self.service, run.kind).time(),
        ):
            kind.advance(session, run, size)
            run.size = min(size * 2, full)
            self._save(session, run, kind.step)

    def _save(self, session: Session, run: Run, step: str) -> None:
        report(session, run, step)
        change = {
            "state": run.state,
            "cursor": run.cursor,
            "size": run.size,
            "total": run.total,
            "done": run.done,
            "failed": run.failed,
            "events": run.events,
            "moved_at": clock.now(),
            "next_at": run.next_at,
        }
        session.execute(update(runs).where(runs.c.id == run.id).values(change))
        observability.RUN_DONE.labels(self.service, run.kind, run.key).set(run.done)
        observability.RUN_TOTAL.labels(self.service, run.kind, run.key).set(run.total)

    def _shrink(self, failed: Row[Any], error: Exception) -> None:
        """A chunk that fails is halved until the guilty unit stands alone; that one is passed over."""
        log.warning("chunk failed", service=self.service, kind=failed.kind, key=failed.key, error=describe(error))
        with self.database.transaction() as session:
            row = _unmoved(session, failed)
            if row is None:
                return
            full = self.kinds[row.kind].chunk_size(session)
            size = min(row.size or full, full)
            if size > 1:
                change = {"size": size // 2, "error": describe(error), "moved_at": clock.now()}
                session.execute(update(runs).where(runs.c.id == row.id).values(change))
                return
        self._pass_over(failed, error)

    def _pass_over(self, failed: Row[Any], error: Exception) -> None:
        try:
            with self.database.transaction() as session:
                if row := _unmoved(session, failed):
                    run, kind = of_row(row), self.kinds[row.kind]
                    with observability.following(run.correlation_id, run.id):
                        kind.skip(session, run, describe(error))
                        self._save(session, run, kind.step)
        except Exception as worse:
            if is_down(worse):
                raise
            self._stick(failed, worse)

    def _stick(self, failed: Row[Any], error: Exception) -> None:
        """What can neither be done nor passed over waits for a person, and everybody sees it."""
        log.exception("run is stuck", service=self.service, kind=failed.kind, key=failed.key)
        with self.database.transaction() as session:
            if row := _unmoved(session, failed):
                run = of_row(row)
                run.state = "stuck"
                with observability.following(run.correlation_id, run.id):
                    self._save(session, run, self.kinds[run.kind].step)
                session.execute(update(runs).where(runs.c.id == run.id).values(error=describe(error)))


def _unmoved(session: Session, failed: Row[Any]) -> Row[Any] | None:
    """The run's row, locked; None when it has ended, or another worker has moved it on meanwhile."""
    same = select(runs).where(runs.c.id == failed.id, runs.c.state.in_(OPEN))
    row = session.execute(same if is_sqlite(session) else same.with_for_update()).first()
    seen = (failed.cursor, failed.done, failed.failed, failed.size)
    return row if row and (row.cursor, row.done, row.failed, row.size) == seen else None


def of_row(row: Row[Any]) -> Run:
    names = (
        "id",
        "kind",
        "key",
        "state",
        "args",
        "cursor",
        "size",
        "total",
        "done",
        "failed",
        "events",
        "next_at",
    )
    return Run(**{name: deepcopy(getattr(row, name)) for name in names}, correlation_id=row.correlation_id or "")


def stalled(session: Session, after: timedelta) -> list[dict[str, Any]]:
    """Open runs that have not moved for that long."""
    still = select(runs).where(runs.c.state.in_(OPEN), runs.c.moved_at < clock.now() - after)
    return [{"".join(name): value for name, value in row._mapping.items()} for row in session.execute(still)]
