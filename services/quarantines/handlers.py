"""Events in: how far everyone is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.quarantines.models import Quarantine, StepReport
from shared import clock
from shared.database import is_sqlite
from shared.events import Event

COUNTS = ("done", "total", "failed")
NAME = ("quarantine_id", "version", "service", "step", "run_id")


def note_progress(session: Session, events: list[Event]) -> None:
    """Keeps the furthest report of each run, whatever the order of arrival; other versions' are ignored."""
    furthest: dict[Any, dict[str, Any]] = {}
    for event in events:
        report = {name: event.data[name] for name in (*NAME, "state", *COUNTS)} | {"said_at": event.time}
        name = tuple(report[part] for part in NAME)
        furthest[name] = max(furthest.get(name, report), report, key=_far)
    present = _present_versions(session, {report["quarantine_id"] for report in furthest.values()})
    current = [report for report in furthest.values() if present.get(report["quarantine_id"]) == report["version"]]
    if current:
        _keep_further(session, current)


def _far(report: dict[str, Any]) -> tuple[int, datetime]:
    """Smaller counts are old news; of equal ones the later said holds: a notice may bounce, or be sent after all."""
    return report["done"] + report["failed"], report["said_at"]


def _present_versions(session: Session, ids: Iterable[str]) -> dict[str, int]:
    found = session.execute(select(Quarantine.id, Quarantine.version).where(Quarantine.id.in_(ids)))
    return {row.id: row.version for row in found}


def _keep_further(session: Session, reports: list[dict[str, Any]]) -> None:
    """As `_far`, compared inside the statement."""
    table: Table = StepReport.__table__  # type: ignore[assignment]
    insert = (sqlite.insert if is_sqlite(session) else postgresql.insert)(table)
    new, old = insert.excluded, table.c
    further = tuple_(new.done + new.failed, new.said_at) > tuple_(old.done + old.failed, old.said_at)
    change = {name: new[name] for name in ("state", *COUNTS, "said_at", "moved_at")}
    kept = insert.on_conflict_do_update(index_elements=list(NAME), set_=change, where=further)
    session.execute(kept, [report | {"moved_at": clock.now()} for report in reports])


HANDLERS = {"step.progressed.v1": note_progress}
