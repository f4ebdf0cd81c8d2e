"""Branches as other services tell of them, and what changed hours do to dates already moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, select, text, update
from sqlalchemy.orm import Session

from services.loans import models
from services.loans.closures import lock_branches
from services.loans.decisions import start_run
from shared import clock
from shared.bulk import dump_rows, insert_rows
from shared.calendar import NoOpenDay, OpenDays, moved_by_changed_hours, shifts_for_changed_hours
from shared.database import rows_table
from shared.observability import log

BRANCHES = cast(Table, models.Branch.__table__)
DAYS_BEGUN = cast(Table, models.DayBegun.__table__)
NEWER = (
    "ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = excluded.name, path = excluded.path,"
    " time_zone = excluded.time_zone, open_days = excluded.open_days WHERE excluded.version > branches.version"
)


def record(session: Session, branch: Mapping[str, Any]) -> None:
    """Takes over a branch (event data) unless a newer version is known; its moved dates leave days now shut."""
    lock_branches(session, [branch["branch_id"]], exclusive=True)
    if branch["version"] <= _known_version(session, branch["branch_id"]):
        return
    names = ("version", "name", "path", "time_zone", "open_days")
    insert_rows(session, BRANCHES, [{"id": branch["branch_id"]} | {name: branch[name] for name in names}], NEWER)
    today = clock.today(branch["time_zone"])
    insert_rows(
        session, DAYS_BEGUN, [{"time_zone": branch["time_zone"], "day": today}], "ON CONFLICT (time_zone) DO NOTHING"
    )
    shift_closures(session, branch, days_from(OpenDays.from_json(branch["open_days"]), today))


def _known_version(session: Session, branch_id: str) -> int:
    return session.scalar(select(BRANCHES.c.version).where(BRANCHES.c.id == branch_id)) or 0


def days_from(days: OpenDays, first: date) -> OpenDays:
    """The same calendar without its days before `first`."""
    past = min(max((first - days.first).days, 0), days.count - 1)
    return OpenDays(date.fromordinal(days.first.toordinal() + past), days.count - past, days.bits >> past)


def shift_closures(session: Session, branch: Mapping[str, Any], new_days: OpenDays) -> None:
    """Loans whose moved date falls on a day now shut move, in a run of their own for each quarantine."""
    table = models.Closure
    here = select(table).where(table.branch_id == branch["branch_id"])
    for closure in session.scalars(here.order_by(table.starts_on, table.quarantine_id)).all():
        try:
            shut = _shift(session, closure, new_days)
        except NoOpenDay:
            log.error("new hours leave no open day; moved dates stay", branch=branch["branch_id"])
            continue
        if shut and _in_use(session, closure, shut):
            _start_run(session, closure, branch["version"])


def _shift(session: Session, closure: models.Closure, new_days: OpenDays) -> set[date]:
    """Saves the closure's shifts and its families' new days; returns the days that the new hours shut."""
    old = {date.fromisoformat(shut): date.fromisoformat(to) for shut, to in closure.shifts.items()}
    kept = OpenDays.from_json(closure.open_days)
    shifts = shifts_for_changed_hours(kept, old, new_days)
    if shifts == old:
        return set()
    mine = (models.Closure.quarantine_id == closure.quarantine_id) & (models.Closure.branch_id == closure.branch_id)
    as_json = {shut.isoformat(): to.isoformat() for shut, to in shifts.items()}
    session.execute(update(models.Closure).where(mine).values(shifts=as_json))
    return {old.get(day, day) for day in {*old, *shifts} if old.get(day) != shifts.get(day)} | _shift_families(
        session, closure, new_days
    )


def _shift_families(session: Session, closure: models.Closure, new_days: OpenDays) -> set[date]:
    table = models.Placement
    mine = (table.quarantine_id == closure.quarantine_id, table.branch_id == closure.branch_id)
    days = session.scalars(select(table.day).where(*mine).distinct())
    moved = moved_by_changed_hours([day for day in days if day is not None], new_days)
    if not moved:
        return set()
    source = rows_table(session, "d", {"shut": "date", "day": "date"})
    statement = (
        f"UPDATE placements SET day = d.day FROM {source} WHERE placements.day = d.shut"  # noqa: S608
        " AND placements.quarantine_id = :quarantine_id AND placements.branch_id = :branch_id"
    )
    rows = dump_rows(session, [{"shut": shut, "day": day} for shut, day in moved.items()])
    values = {"d": rows, "quarantine_id": closure.quarantine_id, "branch_id": closure.branch_id}
    session.execute(text(statement), values)
    return set(moved)


def _in_use(session: Session, closure: models.Closure, shut: set[date]) -> bool:
    loans = models.Loan
    mine = (loans.branch_id == closure.branch_id, loans.status == models.ON_LOAN, loans.moved_by.is_not(None))
    return bool(shut & set(session.scalars(select(loans.due_on).where(*mine).distinct())))


def _start_run(session: Session, closure: models.Closure, branch_version: int) -> None:
    quarantine_id, branch_id = closure.quarantine_id, closure.branch_id
    version = session.scalars(
        select(models.Decision.version).where(models.Decision.quarantine_id == quarantine_id)
    ).one()
    key = f"{quarantine_id}:{version}:hours:{branch_id}:{branch_version}"
    start_run(session, key, quarantine_id, version, "hours", [branch_id])
