"""The open days of a branch by its weekly hours and public holidays, worked out once."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy.orm import Session

from services.quarantines.models import Branch
from shared import clock
from shared.calendar import OpenDays, open_days

PAST = timedelta(days=366)
AHEAD = timedelta(days=1096)
REACH_AT_LEAST = timedelta(days=731)

_open_days = lru_cache(maxsize=512)(open_days)


def calendar_of(session: Session, branch: Branch, first: date, last: date) -> OpenDays:
    return _open_days(branch.opening_hours, first, last, session.info["settings"].country or None)


def present_calendar(session: Session, branch: Branch) -> OpenDays:
    """What the other services are told of a branch: one year back, three ahead."""
    today = clock.today(branch.time_zone)
    return calendar_of(session, branch, today - PAST, today + AHEAD)
