"""When a quiz closes: at the end of its last day, in the zone of its branch or of the library."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.quizzes.models import Branch


def end_of_day(day: date | None, time_zone: str) -> datetime | None:
    """The first moment after that day; None without a day."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(time_zone)) if day else None


def zone_of(session: Session, branch_id: str | None) -> str:
    """The branch's zone; the library's where there is no branch or its own has not been heard of."""
    own = session.scalar(select(Branch.time_zone).where(Branch.id == branch_id)) if branch_id else None
    return own or str(session.info["settings"].time_zone)


def closes_at(session: Session, branch_id: str | None, closes_on: date | None) -> datetime | None:
    return end_of_day(closes_on, zone_of(session, branch_id))
