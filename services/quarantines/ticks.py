"""By the clock: the calendars others hold of our branches never come near their end; old drafts go."""

from __future__ import annotations

from sqlalchemy import select

from services.quarantines import calendars, drafts, use_cases
from services.quarantines.models import Branch
from shared import clock
from shared.service import Context
from shared.ticks import Tick

AT_ONCE = 100


def renew_calendars(context: Context) -> bool:
    """Announces branches whose calendar reaches less than two years ahead; True when there may be more."""
    soon = clock.now().date() + calendars.REACH_AT_LEAST
    with context.database.transaction() as session:
        due = select(Branch).where(Branch.calendar_until < soon).order_by(Branch.id).limit(AT_ONCE)
        branches = session.scalars(due.with_for_update()).all()
        use_cases.announce(session, branches)
    return len(branches) == AT_ONCE


def forget_old_drafts(context: Context) -> None:
    with context.database.transaction() as session:
        drafts.forget_old(session)


TICKS = [
    Tick("branch calendars", 3600.0, renew_calendars),
    Tick("old drafts", 6 * 3600.0, forget_old_drafts),
]
