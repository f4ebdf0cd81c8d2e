"""What a decision to close, or changed hours, mean here: closures recorded, the run that moves due dates started."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session

from services.loans import models
from services.loans.closures import lock_branches
from services.loans.placing import forget_days
from services.loans.runs import MOVE
from shared import runs
from shared.bulk import insert_rows
from shared.database import is_sqlite
from shared.retries import NotYet

CLOSURES = cast(Table, models.Closure.__table__)
DECISIONS = cast(Table, models.Decision.__table__)
REPLACED = (
    "ON CONFLICT (quarantine_id, branch_id) DO UPDATE SET starts_on = excluded.starts_on,"
    " ends_on = excluded.ends_on, grace_days = excluded.grace_days, include_overdue = excluded.include_overdue,"
    " returns_per_day = excluded.returns_per_day, open_days = excluded.open_days, shifts = excluded.shifts"
)


def record(session: Session, quarantine: Mapping[str, Any]) -> None:
    """Takes over a version of a quarantine (event data) unless a newer one is known, and starts its run.

    Raises NotYet while a branch of its scope has not been heard of.
    """
    quarantine_id, version = quarantine["quarantine_id"], quarantine["version"]
    known = _lock_decision(session, quarantine_id)
    if known.version >= version:
        return
    scope = [branch["branch_id"] for branch in quarantine["branches"]]
    looked_at = sorted({*known.branch_ids, *scope})
    key = f"{quarantine_id}:{version}"
    # Before the branches: a chunk in hand holds its run's row and then asks for them.
    runs.end_older(session, MOVE, f"{quarantine_id}:", but=key)
    heard_of = lock_branches(session, looked_at, exclusive=True)
    if missing := sorted(set(scope) - set(heard_of)):
        raise NotYet(f"branches not heard of yet: {', '.join(missing)}")
    _save_decision(session, quarantine, looked_at)
    replace_closures(session, quarantine)
    start_run(session, key, quarantine_id, version, "quarantine", looked_at)


def start_run(
    session: Session, key: str, quarantine_id: str, version: int, why: str, branch_ids: Iterable[str]
) -> str | None:
    """`why`: quarantine, hours, drift or family; written into the history of each loan moved."""
    args = {"quarantine_id": quarantine_id, "version": version, "why": why, "branch_ids": sorted(branch_ids)}
    return runs.start(session, MOVE, key, args)


def _lock_decision(session: Session, quarantine_id: str) -> Any:
    """The newest version heard of, its row locked; version 0 before the first."""
    empty = {"quarantine_id": quarantine_id, "version": 0, "state": "", "data": {}, "branch_ids": []}
    insert_rows(session, DECISIONS, [empty], "ON CONFLICT DO NOTHING")
    mine = select(DECISIONS).where(DECISIONS.c.quarantine_id == quarantine_id)
    return session.execute(mine if is_sqlite(session) else mine.with_for_update()).one()


def _save_decision(session: Session, quarantine: Mapping[str, Any], looked_at: list[str]) -> None:
    values = {
        "version": quarantine["version"],
        "state": quarantine["state"],
        "data": dict(quarantine),
        "branch_ids": looked_at,
    }
    mine = DECISIONS.c.quarantine_id == quarantine["quarantine_id"]
    session.execute(update(DECISIONS).where(mine).values(values))


def replace_closures(session: Session, quarantine: Mapping[str, Any]) -> None:
    quarantine_id = quarantine["quarantine_id"]
    rows = closure_rows(quarantine)
    stays = {row["branch_id"] for row in rows}
    limited = {row["branch_id"] for row in rows if row["returns_per_day"] is not None}
    mine = CLOSURES.c.quarantine_id == quarantine_id
    before = set(session.scalars(select(CLOSURES.c.branch_id).where(mine)))
    forget_days(session, quarantine_id, before - limited)
    session.execute(update(CLOSURES).where(mine, CLOSURES.c.branch_id.not_in(limited)).values(first_return_day=None))
    session.execute(delete(CLOSURES).where(mine, CLOSURES.c.branch_id.not_in(stays)))
    insert_rows(session, CLOSURES, rows, REPLACED)


def closure_rows(quarantine: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of `closures` for a quarantine as its event tells it; none when it is cancelled."""
    if quarantine["state"] == "cancelled":
        return []
    ends_on = quarantine["ends_on"]
    common = {
        "quarantine_id": quarantine["quarantine_id"],
        "starts_on": date.fromisoformat(quarantine["starts_on"]),
        "ends_on": date.fromisoformat(ends_on) if ends_on else None,
        "grace_days": quarantine["grace_days"],
        "include_overdue": quarantine["include_overdue"],
        "shifts": {},
    }
    return [
        common
        | {
            "branch_id": branch["branch_id"],
            "returns_per_day": branch.get("returns_per_day"),
            "open_days": branch["open_days"],
        }
        for branch in quarantine["branches"]
        if ends_on is None or ends_on >= quarantine["starts_on"]
    ]
