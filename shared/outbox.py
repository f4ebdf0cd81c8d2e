"""Events saved in the transaction that caused them; the relay sends them afterwards."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from shared import clock, observability, wakeup
from shared.database import AFTER_COMMIT, BEFORE_COMMIT, is_sqlite
from shared.events.contracts import problems_of
from shared.tables import outbox


def add(session: Session, type: str, subject: str, data: dict[str, Any]) -> str:
    """Saves an event with the session's transaction, at its commit; returns the event's id. Never flushes.

    `data` is JSON-ready (dates as ISO text). Raises ValueError when it breaks the type's contract.
    """
    if problems := problems_of(type, data):
        raise ValueError(f"{type} breaks its contract: {problems}")
    event_id = str(uuid.uuid4())
    row = {"event_id": event_id, "type": type, "subject": subject, "time": clock.now(), "data": data}
    session.info.setdefault("outbox", []).append(row | observability.trail())
    return event_id


def mark_written(session: Session) -> None:
    """Says that a statement wrote outbox rows itself, so that the relay is woken after the commit."""
    session.info["outbox_written"] = True


def _write(session: Session) -> None:
    rows = session.info.pop("outbox", [])
    if rows:
        session.execute(insert(outbox), rows)
    if (rows or session.info.get("outbox_written")) and not is_sqlite(session):
        session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": wakeup.channel(session.info["service"])})
    session.info["outbox_written"] = bool(rows) or session.info.get("outbox_written", False)


def _wake(session: Session) -> None:
    if session.info.pop("outbox_written", False):
        wakeup.wake(session.info["service"])


BEFORE_COMMIT.append(_write)
AFTER_COMMIT.append(_wake)


def backlog(session: Session) -> tuple[int, float]:
    """How many events wait to be sent, and the age of the oldest in seconds."""
    count, oldest = session.execute(
        select(func.count(), func.min(outbox.c.time)).where(outbox.c.sent_at.is_(None))
    ).one()
    return count, (clock.now() - oldest).total_seconds() if oldest else 0.0


def replay(session: Session, after: int = 0) -> int:
    """Marks the events kept after that position as unsent; the relay sends them again. Returns how many."""
    again = update(outbox).where(outbox.c.id > after, outbox.c.sent_at.is_not(None)).values(sent_at=None)
    mark_written(session)
    return int(session.execute(again).rowcount)  # type: ignore[attr-defined]


def last_position(session: Session) -> int:
    return session.execute(select(func.max(outbox.c.id))).scalar() or 0


def forget(session: Session, days: int, at_most: int = 5000) -> int:
    """Deletes sent events older than `days`, `at_most` at a time; returns how many went."""
    old = (
        select(outbox.c.id)
        .where(outbox.c.sent_at < clock.now() - timedelta(days=days))
        .order_by(outbox.c.id)
        .limit(at_most)
    )
    return int(session.execute(delete(outbox).where(outbox.c.id.in_(old))).rowcount)  # type: ignore[attr-defined]
