"""Outbox -> broker. One relay a service at a time; while one window is on its way the one before is marked."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared import clock, leases, observability, wakeup
from shared.broker import Broker, Message, Outcome, Publisher
from shared.database import Database, dump_json, is_down, is_sqlite
from shared.events import encode
from shared.observability import log
from shared.tables import outbox

WINDOW = 2000
LEASE = "relay"
CONFIRM_SECONDS = 60.0


# Text all the way: the relay reads no JSON and parses no moment, it only passes them on.
_COLUMNS = "data, correlation_id, causation_id, traceparent FROM outbox"
_NEXT = f"WHERE sent_at IS NULL AND id > :after ORDER BY id LIMIT {WINDOW}"
_MOMENT = """to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""
_UNSENT = f"SELECT id, CAST(event_id AS text), type, subject, {_MOMENT}, CAST(data AS text) AS {_COLUMNS} {_NEXT}"
_UNSENT_SQLITE = f"SELECT id, event_id, type, subject, replace(time, ' ', 'T') || '+00:00', {_COLUMNS} {_NEXT}"


class LeaseLost(Exception):
    """Another relay took over; it sends what this one did not mark."""


@dataclass
class _Flight:
    rows: Sequence[tuple[int, Message]]
    outcomes: Future[list[Outcome]]


class Relay:
    """`run(stop)` works until stopped; `drain()` sends what there is now and returns how many."""

    def __init__(self, database: Database, broker: Broker) -> None:
        self.database = database
        self.broker = broker
        self.service = database.service
        self.holder = str(uuid.uuid4())
        self._publisher: Publisher | None = None
        self._woken = wakeup.signal(self.service)

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._woken.clear()
            try:
                busy = self._hold_lease() and self.drain()
            except Exception as error:
                if not (self._broker_failed(error) or is_down(error) or isinstance(error, LeaseLost)):
                    raise
                log.warning("relay waits", service=self.service, error=str(error)[:200])
                if self._broker_failed(error):
                    self.broker.lost()
                self._drop_publisher()
                busy = 0
            if not busy:
                self._woken.wait(self.database.settings.poll_seconds)
        self.close()

    def close(self) -> None:
        """An orderly end: the next relay need not wait for the lease to run out."""
        self._drop_publisher()
        try:
            with self.database.transaction() as session:
                leases.release(session, LEASE, self.holder)
        except DBAPIError as error:
            log.warning("relay ends without its database", service=self.service, error=str(error)[:200])

    def drain(self) -> int:
        """Sends windows until none is left. Returns how many events were sent."""
        sent, position, flight = 0, 0, None
        while True:
            rows = self._fetch(position)
            following = self._take_off(rows) if rows else None
            if flight:
                sent += self._land(flight)
            if not following:
                return sent
            flight, position = following, rows[-1][0]

    def _hold_lease(self) -> bool:
        with self.database.transaction() as session:
            return leases.hold(session, LEASE, self.holder)

    def _fetch(self, after: int) -> list[tuple[int, Message]]:
        # `after` only passes over what this relay has in flight; the next drain starts from the first unsent again,
        # so a row that commits late with a lower id is found.
        with self.database.reading() as session:
            rows = session.execute(text(_UNSENT_SQLITE if is_sqlite(session) else _UNSENT), {"after": after})
            return [(row[0], self._message(*row[1:])) for row in rows]

    def _message(self, event_id: str, kind: str, subject: str, time: str, data: str, *trail: str | None) -> Message:
        return Message(event_id, kind, encode(self.service, event_id, kind, subject, time, data.encode(), *trail))

    def _take_off(self, rows: Sequence[tuple[int, Message]]) -> _Flight:
        if self._publisher is None:
            self._publisher = self.broker.publisher()
        return _Flight(rows, self._publisher.begin([message for _id, message in rows]))

    def _land(self, flight: _Flight) -> int:
        outcomes = flight.outcomes.result(timeout=CONFIRM_SECONDS)
        pairs = list(zip(flight.rows, outcomes, strict=True))
        settled = [row_id for (row_id, _m), outcome in pairs if outcome is not Outcome.REFUSED]
        with self.database.transaction() as session:
            self._mark(session, settled)
        self._count([(message.key, outcome) for (_id, message), outcome in pairs])
        return len(settled)

    def _mark(self, session: Session, ids: Sequence[int]) -> None:
        if not leases.hold(session, LEASE, self.holder):
            raise LeaseLost(self.service)
        if is_sqlite(session):
            marked = text("UPDATE outbox SET sent_at = :at WHERE id IN (SELECT value FROM json_each(:ids))")
            at = clock.now().replace(tzinfo=None).isoformat(" ", "microseconds")
            session.execute(marked, {"at": at, "ids": dump_json(list(ids))})
            return
        session.execute(
            update(outbox).where(text("id = ANY(:ids)").bindparams(ids=list(ids))).values(sent_at=clock.now())
        )

    def _count(self, outcomes: Sequence[tuple[str, Outcome]]) -> None:
        for (kind, outcome), count in Counter(outcomes).items():
            if outcome is Outcome.CONFIRMED:
                observability.SENT.labels(self.service, kind).inc(count)
            elif outcome is Outcome.UNHEARD:
                observability.UNHEARD.labels(self.service, kind).inc(count)
            else:
                observability.RETURNED.labels(self.service).inc(count)
                log.error("events came back though somebody listens", service=self.service, type=kind, count=count)

    def _broker_failed(self, error: Exception) -> bool:
        return isinstance(error, self.broker.errors)

    def _drop_publisher(self) -> None:
        if self._publisher:
            self._publisher.close()
        self._publisher = None
