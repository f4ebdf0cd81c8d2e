"""Which events a service has already taken: written with their effect, so that twice is once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared import clock
from shared.database import is_sqlite
from shared.events import Event
from shared.tables import inbox


def take(session: Session, consumer: str, events: Sequence[Event]) -> list[Event]:
    """Writes the ids of `events` and returns those not seen before, once each, in their order."""
    if not events:
        return []
    at = clock.now()
    rows = [{"consumer": consumer, "event_id": event_id, "received_at": at} for event_id in {e.id for e in events}]
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    statement = insert(inbox).on_conflict_do_nothing().returning(inbox.c.event_id)
    new = set(session.scalars(statement, sorted(rows, key=lambda row: str(row["event_id"]))))
    fresh = []
    for event in events:
        if event.id in new:
            new.discard(event.id)
            fresh.append(event)
    return fresh


def forget(session: Session, days: int, at_most: int = 5000) -> int:
    """Deletes ids older than `days`, `at_most` at a time; returns how many went."""
    old = select(inbox.c.event_id).where(inbox.c.received_at < clock.now() - timedelta(days=days)).limit(at_most)
    return int(session.execute(delete(inbox).where(inbox.c.event_id.in_(old))).rowcount)  # type: ignore[attr-defined]
