"""Events that could not be handled at once: tried again later, or parked for a person to look at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from shared import clock, observability, retries
from shared.database import Database, is_down, is_sqlite
from shared.events import CONTRACTS, Event, decode
from shared.events.contracts import problems_of
from shared.folding import fold, sql_folded
from shared.handlers import Handlers, dispatch
from shared.observability import log
from shared.tables import kept_events

UNFINISHED = "the try did not end: its worker was killed"
LONGEST_TRY = timedelta(minutes=2)


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


def blame(event: Event, error: BaseException) -> BaseException:
    """The error itself, or that the event broke its contract, which no later try can mend."""
    if isinstance(error, retries.NeverWorks | retries.NotYet) or event.type not in CONTRACTS:
        return error
    problems = problems_of(event.type, event.data)
    return retries.NeverWorks(f"{event.type} breaks its contract: {problems}") if problems else error


def try_due(database: Database, handlers: Handlers, at_most: int = 500) -> bool:
    """Tries what is due, each in a transaction of its own. True when there may be more at once."""
    for _ in range(at_most):
        row = _claim(database)
        if row is None:
            return False
        _try(database, handlers, row)
    return True


def _claim(database: Database) -> Row[Any] | None:
    """The event longest due, its try counted beforehand: one that kills its process comes to its end as well."""
    with database.transaction() as session:
        due = select(kept_events).where(kept_events.c.next_try_at <= clock.now())
        due = due.order_by(kept_events.c.next_try_at).limit(1)
        row = session.execute(due if is_sqlite(session) else due.with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        decision = retries.decide(RuntimeError(UNFINISHED), row.tries + 1, clock.now() + LONGEST_TRY)
        counted = {"tries": row.tries + 1, "error": UNFINISHED} | _fate(session, row.type, decision)
        session.execute(update(kept_events).where(kept_events.c.id == row.id).values(counted))
        return row


def _try(database: Database, handlers: Handlers, row: Row[Any]) -> None:
    event = decode(bytes(row.body))
    try:
        with database.transaction() as session:
            # First, so that of two workers that came to hold the same event one waits here and finds it gone.
            mine = delete(kept_events).where(kept_events.c.id == row.id, kept_events.c.tries == row.tries + 1)
            if session.execute(mine).rowcount:  # type: ignore[attr-defined]
                dispatch(session, handlers, [event])
    except Exception as error:
        if is_down(error):
            raise
        _failed_again(database, row, blame(event, error))
    else:
        log.info("kept event handled", service=database.service, type=row.type, event_id=row.event_id)


def _failed_again(database: Database, row: Row[Any], error: BaseException) -> None:
    decision = retries.decide(error, row.tries + 1, clock.now())
    with database.transaction() as session:
        change = {"error": retries.describe(error)} | _fate(session, row.type, decision)
        session.execute(update(kept_events).where(kept_events.c.id == row.id).values(change))
    if isinstance(decision, retries.Park):
        log.error("event parked", service=database.service, type=row.type, reason=decision.reason)


def _plain(row: Row[Any]) -> dict[str, Any]:
    # SQLAlchemy's names are texts of its own kind, which JSON encoders refuse as keys.
    return {"".join(name): value for name, value in row._mapping.items()}


def parked(session: Session, after: int = 0, limit: int = 50, search: str = "") -> list[dict[str, Any]]:
    """Parked events, oldest first, without their bodies. `search`: words of type, reason and last error."""
    columns = [column for column in kept_events.c if column.name != "body"]
    chosen = select(*columns).where(kept_events.c.parked_at.is_not(None), kept_events.c.id > after)
    for word in fold(search).split():
        said = kept_events.c.type + " " + kept_events.c.reason + " " + func.coalesce(kept_events.c.error, "")
        chosen = chosen.where(sql_folded(said).contains(word, autoescape=True))
    return [_plain(row) for row in session.execute(chosen.order_by(kept_events.c.id).limit(limit))]


def show(session: Session, kept_id: int) -> dict[str, Any] | None:
    """One kept event with its body, or None."""
    row = session.execute(select(kept_events).where(kept_events.c.id == kept_id)).first()
    return _plain(row) | {"body": bytes(row.body).decode(errors="replace")} if row else None


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
