"""Numbers of a period for the report: attempts by the language they were played in. No names, no titles."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from services.quizzes.models import Attempt

NAMES = ("language", "begun", "handed_in", "passed", "guests")


def numbers(session: Session, since: date, until: date) -> list[dict[str, Any]]:
    """`begun` and `guests` (begun without a card) by the day of beginning, `handed_in` and `passed` by that of
    handing in. `until` is the last day counted."""
    zone = ZoneInfo(session.info["settings"].time_zone)
    first, after = (datetime.combine(day, time(), zone) for day in (since, until + timedelta(days=1)))
    begun = and_(Attempt.started_at >= first, Attempt.started_at < after)
    handed_in = and_(Attempt.finished_at >= first, Attempt.finished_at < after)
    counted = [
        begun,
        handed_in,
        and_(handed_in, Attempt.passed.is_(True)),
        and_(begun, Attempt.taker.startswith("guest:")),
    ]
    found = (
        select(Attempt.language, *map(_count, counted))
        .where(or_(begun, handed_in))
        .group_by(Attempt.language)
        .order_by(Attempt.language)
    )
    return [dict(zip(NAMES, row, strict=True)) for row in session.execute(found)]


def _count(those: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((those, 1)))
