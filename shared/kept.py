"""Events that could not be handled at once: tried again later, or parked for a person to look at."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from shared import clock, observability, retries
from shared.database import Database, is_down, is_sqlite
from shared.events import Event, decode
from shared.handlers import Handlers, dispatch
from shared.observability import log
from shared.tables import kept_events


def keep(session: Session, event: Event, error: BaseException) -> None:
    """Keeps an event whose first handling failed, with its error and its next try; or parks it."""
    decision = retries.decide(error, 1, clock.now())
    row = _row(event, "queue", retries.describe(error), tries=1)
    session.execute(insert(kept_events).values(row | _fate(session, event.type, decision)))
    log.warning("event kept", service=session.info["service"], type=event.type, event_id=event.id, error=row["error"])


def park(session: Session, event: Event, origin: str, reason: str) -> None:
    """Parks an event that can never work, with the reason and where it came from."""
    row = _row(event, origin, reason, tries=0)
    session.execute(insert(kept_events).values(row | _fate(session, event.type, retries.Park(reason))))
    log.error("event parked", service=session.info["service"], type=event.type, event_id=event.id, reason=reason)


def _row(event: Event, origin: str, error: str, tries: int) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "type": event.type,
        "origin": origin,
        "body": event.body,
        "error": error,
        "tries": tries,
        "kept_at": clock.now(),
    }


def _fate(session: Session, kind: str, decision: retries.TryAgain | retries.Park) -> dict[str, Any]:
    if isinstance(decision, retries.TryAgain):
        observability.KEPT.labels(session.info["service"], kind).inc()
        return {"next_try_at": decision.at, "parked_at": None, "reason": None}
    observability.PARKED.labels(session.info["service"], kind).inc()
    return {"next_try_at": None, "parked_at": clock.now(), "reason": decision.reason}


def try_due(database: Database, handlers: Handlers) -> int:
    """Tries what is due, each in a transaction of its own. Returns how many were tried."""
    tried = 0
    while (row_id := _try_one(database, handlers)) is not None:
        tried += 1
        log.info("kept event tried", service=database.service, kept=row_id)
    return tried


def _try_one(database: Database, handlers: Handlers) -> int | None:
    row: Row[Any] | None = None
    try:
        with database.transaction() as session:
            row = _claim(session)
            if row is None:
                return None
            dispatch(session, handlers, [decode(bytes(row.body))])
            session.execute(delete(kept_events).where(kept_events.c.id == row.id))
    except Exception as error:
        if row is None or is_down(error):
            raise
        _failed_again(database, row, error)
    return int(row.id)


def _claim(session: Session) -> Row[Any] | None:
    due = select(kept_events).where(kept_events.c.next_try_at <= clock.now())
    due = due.order_by(kept_events.c.next_try_at).limit(1)
    return session.execute(due if is_sqlite(session) else due.with_for_update(skip_locked=True)).first()


def _failed_again(database: Database, row: Row[Any], error: Exception) -> None:
    tries = row.tries + 1
    decision = retries.decide(error, tries, clock.now())
    with database.transaction() as session:
        change = {"tries": tries, "error": retries.describe(error)} | _fate(session, row.type, decision)
        session.execute(update(kept_events).where(kept_events.c.id == row.id).values(change))


def parked(session: Session, after: int = 0, limit: int = 50) -> list[dict[str, Any]]:
    """Parked events, oldest first, without their bodies."""
    columns = [column for column in kept_events.c if column.name != "body"]
    chosen = select(*columns).where(kept_events.c.parked_at.is_not(None), kept_events.c.id > after)
    return [dict(row._mapping) for row in session.execute(chosen.order_by(kept_events.c.id).limit(limit))]


def show(session: Session, kept_id: int) -> dict[str, Any] | None:
    """One kept event with its body, or None."""
    row = session.execute(select(kept_events).where(kept_events.c.id == kept_id)).first()
    return dict(row._mapping) | {"body": bytes(row.body).decode(errors="replace")} if row else None


def retry(session: Session, kept_id: int) -> bool:
    """Has a parked event tried again at once, with all its tries before it. False when there is none."""
    again = update(kept_events).where(kept_events.c.id == kept_id, kept_events.c.parked_at.is_not(None))
    change = again.values(next_try_at=clock.now(), parked_at=None, reason=None, tries=0)
    return bool(session.execute(change).rowcount)  # type: ignore[attr-defined]


def discard(session: Session, kept_id: int) -> bool:
    """Throws a parked event away for good. False when there is none."""
    gone = delete(kept_events).where(kept_events.c.id == kept_id, kept_events.c.parked_at.is_not(None))
    return bool(session.execute(gone).rowcount)  # type: ignore[attr-defined]


def count_parked(session: Session) -> int:
    counted = select(func.count()).select_from(kept_events).where(kept_events.c.parked_at.is_not(None))
    return session.execute(counted).scalar_one()
