"""Days that arrive: on the first day of a closure declared ahead, the clock stops for what is overdue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from services.loans import models
from services.loans.closures import lock_branches
from services.loans.decisions import start_run
from shared import clock
from shared.database import is_sqlite
from shared.service import Context


def begin_days(context: Context) -> None:
    """Looks at the closures that began since the last day looked at, zone by zone."""
    with context.database.reading() as session:
        zones = [row.time_zone for row in session.scalars(select(models.DayBegun)) if _is_over(row.day, row.time_zone)]
    for time_zone in zones:
        with context.database.transaction() as session:
            begin_day(session, time_zone)


def _is_over(day: date, time_zone: str) -> bool:
    return day < clock.today(time_zone)


def begin_day(session: Session, time_zone: str) -> None:
    """Starts a run for each quarantine whose first day came, also on days when nobody was at work."""
    mine = select(models.DayBegun).where(models.DayBegun.time_zone == time_zone)
    last = session.scalars(mine if is_sqlite(session) else mine.with_for_update()).one().day
    today = clock.today(time_zone)
    if last >= today:
        return
    begun = _begun(session, time_zone, last, today)
    # Who computed a date before midnight has written it once this lock is ours.
    lock_branches(session, {branch for branches in begun.values() for branch in branches}, exclusive=True)
    for (quarantine_id, version), branches in sorted(begun.items()):
        start_run(
            session, f"{quarantine_id}:{version}:drift:{today}:{time_zone}", quarantine_id, version, "drift", branches
        )
    session.execute(update(models.DayBegun).where(models.DayBegun.time_zone == time_zone).values(day=today))


def _begun(session: Session, time_zone: str, last: date, today: date) -> dict[tuple[str, int], set[str]]:
    closures, branches, decisions = models.Closure, models.Branch, models.Decision
    chosen = (
        select(closures.quarantine_id, decisions.version, closures.branch_id)
        .join(branches, branches.id == closures.branch_id)
        .join(decisions, decisions.quarantine_id == closures.quarantine_id)
        .where(branches.time_zone == time_zone, closures.include_overdue)
        .where(closures.starts_on > last, closures.starts_on <= today)
    )
    return _grouped(session.execute(chosen))


def _grouped(rows: Iterable[Row[Any]]) -> dict[tuple[str, int], set[str]]:
    found: dict[tuple[str, int], set[str]] = {}
    for row in rows:
        found.setdefault((row.quarantine_id, row.version), set()).add(row.branch_id)
    return found
