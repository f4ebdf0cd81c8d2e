"""Due-soon and overdue reminders: computed for today only, never for a branch that is shut today.

A reminder's day that falls on a branch's weekly day off or a holiday is made up for on the next open day; one that
falls inside a closure is dropped, so that nothing stale goes out at reopening.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from services.loans import closures
from services.loans.closures import KnownBranch
from services.loans.models import ON_LOAN, Branch, Loan
from services.loans.use_cases import event_data
from shared import clock, outbox
from shared.calendar import ClosureRule, OutsideCalendar
from shared.service import Context
from shared.ticks import Tick

OVERDUE_AFTER = (1, 7, 14)
NOT_BEFORE = time(9)
AT_ONCE = 2000
LONGEST_LOOK_BACK = 14
ONE_DAY = timedelta(days=1)


def days_to_make_up(today: date, is_open: Callable[[date], bool], is_closed: Callable[[date], bool]) -> list[date]:
    """Today and the days off just before it whose reminders go out today; none when the branch is shut today.

    `is_open`: by weekly hours and holidays; `is_closed`: by a closure.
    """
    if is_closed(today) or not is_open(today):
        return []
    days = [today]
    for back in range(1, LONGEST_LOOK_BACK + 1):
        day = today - timedelta(days=back)
        if is_open(day) or is_closed(day):
            break
        days.append(day)
    return days


def due_soon_dates(days: list[date], ahead: int) -> list[date]:
    """The due dates of which a reader is reminded on those days, past ones left out. `days`: the newest first."""
    return [day + timedelta(days=ahead) for day in days if day + timedelta(days=ahead) >= days[0]]


def overdue_dates(days: list[date]) -> list[date]:
    return [day - timedelta(days=after) for day in days for after in OVERDUE_AFTER]


def remind(context: Context) -> bool:
    """Writes today's reminders of every branch, at most 2,000 a transaction and branch; True when there are more."""
    with context.database.reading() as session:
        zones = session.execute(select(Branch.id, Branch.time_zone).order_by(Branch.id)).all()
    awake = [branch_id for branch_id, zone in zones if clock.now().astimezone(ZoneInfo(zone)).time() >= NOT_BEFORE]
    more = [_remind_of(context, branch_id) for branch_id in awake]
    return any(more)


def _remind_of(context: Context, branch_id: str) -> bool:
    with context.database.reading() as session:
        if not session.execute(_due(session, *_plan(session, branch_id)).limit(1)).first():
            return False
    with context.database.transaction() as session:
        return _write(session, *_plan(session, branch_id)) == AT_ONCE


def _plan(session: Session, branch_id: str) -> tuple[str, date, list[date], list[date]]:
    """The branch, its day, and the due dates to remind of: coming and past. The branch is locked from then on."""
    branch = closures.lock_branches(session, [branch_id])[branch_id]
    rule = closures.rules_for(session, [branch_id])[branch_id]
    days = _days(branch, rule)
    return branch_id, branch.today, due_soon_dates(days, session.info["settings"].due_soon_days), overdue_dates(days)


def _days(branch: KnownBranch, rule: ClosureRule) -> list[date]:
    def is_closed(day: date) -> bool:
        return any(closure.shuts(day) for closure in rule.closures)

    try:
        return days_to_make_up(branch.today, branch.open_days.is_open, is_closed)
    except OutsideCalendar:
        return []


def _due(session: Session, branch_id: str, today: date, soon: list[date], late: list[date]) -> Any:
    return (
        select(Loan.id)
        .where(Loan.branch_id == branch_id, Loan.status == ON_LOAN, Loan.due_on.in_([*soon, *late]))
        .where(or_(Loan.protected_until.is_(None), Loan.protected_until < today))
        .where(or_(Loan.reminded_for.is_(None), Loan.reminded_for < today))
    )


def _write(session: Session, branch_id: str, today: date, soon: list[date], late: list[date]) -> int:
    due = _due(session, branch_id, today, soon, late).order_by(Loan.id).limit(AT_ONCE).with_for_update()
    # Chosen once and kept: a plan that asks again for each row would pass over the limit.
    chosen = select(due.cte("chosen").prefix_with("MATERIALIZED").c.id)
    marked = update(Loan).where(Loan.id.in_(chosen)).values(reminded_for=today).returning(*Loan.__table__.columns)
    rows = session.execute(marked.execution_options(synchronize_session=False)).all()
    for row in rows:
        kind = "loan.due_soon.v1" if row.due_on in soon else "loan.overdue.v1"
        outbox.add(session, kind, row.id, event_data(row) | {"day": today.isoformat()})
    return len(rows)


TICK = Tick("reminders", 300.0, remind)
