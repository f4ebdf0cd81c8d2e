"""What lists and pages show, put together from a few reads each."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.quarantines import queries
from services.quarantines.decisions import TERMS
from services.quarantines.models import Branch, Quarantine, QuarantineVersion
from services.quarantines.periods import decisions_left, next_open_day, phase
from services.quarantines.schemas import CODE
from services.quarantines.steps import unfinished
from shared import clock
from shared.calendar import OpenDays
from shared.database import Database
from shared.problems import invalid
from shared.web import read_cursor

BRANCH = ("id", "version", "name", "parent_id", "time_zone", "opening_hours", "phone")
DECIDED = ("declared_at", "declared_by", "decided_at", "decided_by")


def branches(session: Session, rows: Sequence[Branch]) -> list[dict[str, Any]]:
    """Branches, each with whether it is closed today and what closes it next."""
    closures = queries.closures_of(session, rows)
    return [{name: getattr(row, name) for name in BRANCH} | closures[row.id] for row in rows]


def quarantines(session: Session, rows: Sequence[Quarantine]) -> list[dict[str, Any]]:
    """Quarantines with their scope, what they are today and how far the work is."""
    scopes = queries.scopes(session, [row.id for row in rows])
    progress = queries.progress_of(session, {row.id: row.version for row in rows})
    zones = queries.time_zones(session)
    return [
        {name: getattr(row, name) for name in ("id", "version", "state", *TERMS, *DECIDED) if name != "named"}
        | {
            "branch_ids": "all" if row.named is None else row.named,
            "scope": scopes[row.id],
            "phase": phase(row.state, row.starts_on, row.ends_on, clock.today(zones[scopes[row.id][0]])),
            "progress": progress[row.id],
        }
        for row in rows
    ]


def whole_quarantine(session: Session, row: Quarantine) -> dict[str, Any]:
    """One quarantine, with who did what."""
    versions = queries.history(session, row.id)
    shown = quarantines(session, [row])[0]
    left = {"decisions_left": decisions_left(row.state, shown["phase"]), "next_open_day": _next_open_day(versions[-1])}
    return shown | left | {"history": [_decided(version) for version in versions]}


def _next_open_day(version: QuarantineVersion) -> date:
    """By the calendar kept with the decision, as every date of it."""
    branches = version.data["branches"]
    kept = [OpenDays.from_json(branch["open_days"]) for branch in branches]
    today = clock.today(branches[0]["time_zone"])
    return next_open_day(kept, date.fromisoformat(version.data["starts_on"]), today)


def decisions(rows: Sequence[QuarantineVersion]) -> list[dict[str, Any]]:
    """Who did what, on any quarantine."""
    return [
        _decided(version) | {"quarantine_id": version.quarantine_id, "reason": version.data["reason"]}
        for version in rows
    ]


def _decided(version: QuarantineVersion) -> dict[str, Any]:
    said = {name: version.data[name] for name in ("state", "starts_on", "ends_on", "reopens_on", "grace_days")}
    who = {"at": version.decided_at, "by": version.decided_by, "name": version.decider_name, "note": version.note}
    closes = [branch["branch_id"] for branch in version.data["branches"]]
    return {"version": version.version} | said | who | {"branch_ids": closes}


def read_code_cursor(cursor: str | None) -> str | None:
    """The code a page of branches begins after. Raises a 422 problem for a cursor we did not make."""
    key = read_cursor(cursor)
    if key and not (isinstance(key[0], str) and CODE.fullmatch(key[0])):
        raise invalid("cursor", "Use the value of next from the page before.")
    return str(key[0]) if key else None


def read_newest_cursor(cursor: str | None) -> tuple[datetime, str] | None:
    """The moment and id a page of quarantines begins after. Raises a 422 problem for a cursor we did not make."""
    key = read_cursor(cursor, parts=2)
    try:
        return (datetime.fromisoformat(key[0]), str(uuid.UUID(key[1]))) if key else None
    except (TypeError, ValueError, AttributeError) as error:
        raise invalid("cursor", "Use the value of next from the page before.") from error


def how_far(database: Database, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Quarantine id -> what its stream says."""
    with database.reading() as session:
        rows = session.scalars(select(Quarantine).where(Quarantine.id.in_(ids))).all()
        progress = queries.progress_of(session, {row.id: row.version for row in rows})
        named = {row.id: {"id": row.id, "version": row.version, "state": row.state} for row in rows}
    return {each: named[each] | {"progress": [asdict(step) for step in progress[each]]} for each in named}


@dataclass(frozen=True)
class Proven:
    """The present version, and which of the steps that prove it are not done."""

    version: int
    unfinished: Sequence[str]


def proven(database: Database, quarantine_id: str) -> Proven:
    """Raises a 404 problem."""
    with database.reading() as session:
        version = queries.quarantine(session, quarantine_id).version
        progress = queries.progress_of(session, {quarantine_id: version})
    return Proven(version, unfinished(progress[quarantine_id]))
