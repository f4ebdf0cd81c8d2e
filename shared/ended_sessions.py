"""Sign-ins ended before their time: every service hears of them and refuses their tokens."""

from __future__ import annotations

import threading
import time
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared import clock
from shared.database import AFTER_COMMIT, Database, is_sqlite
from shared.events import Event
from shared.tables import ended_sessions

TYPE = "session.ended.v1"
SECONDS_KNOWN = 2.0
_heard = 0


def remember(session: Session, session_id: str, expires_at: datetime) -> None:
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    row = {"session_id": session_id, "expires_at": expires_at}
    session.execute(insert(ended_sessions).values(row).on_conflict_do_nothing())
    session.info["session_ended"] = True


def _ask_again(session: Session) -> None:
    """In this process an end counts at once; others notice when what they know gets old."""
    global _heard
    _heard += bool(session.info.pop("session_ended", False))


AFTER_COMMIT.append(_ask_again)


def handle(session: Session, events: list[Event]) -> None:
    for event in events:
        remember(session, event.data["session_id"], datetime.fromisoformat(event.data["expires_at"]))


def forget(session: Session) -> int:
    """Drops those whose tokens have expired by themselves."""
    gone = delete(ended_sessions).where(ended_sessions.c.expires_at < clock.now())
    return int(session.execute(gone).rowcount)  # type: ignore[attr-defined]


class EndedSessions:
    """Asked with every signed-in request; all that ended are read together every few seconds, however many ask."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._guard = threading.Lock()
        self._ended: frozenset[str] = frozenset()
        self._good_until = 0.0
        self._heard = _heard

    def has(self, session_id: str) -> bool:
        if not self._fresh():
            with self._guard:
                if not self._fresh():
                    self._read()
        return session_id in self._ended

    def _fresh(self) -> bool:
        return self._heard == _heard and time.monotonic() < self._good_until

    def _read(self) -> None:
        heard, begun = _heard, time.monotonic()
        lasting = select(ended_sessions.c.session_id).where(ended_sessions.c.expires_at > clock.now())
        with self._database.looking() as session:
            self._ended = frozenset(session.scalars(lasting))
        self._heard, self._good_until = heard, begun + SECONDS_KNOWN
