"""Broker -> inbox row and handler in ONE transaction, then the acknowledgement; many messages a commit."""

from __future__ import annotations

import hashlib
import itertools
import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from kombu import Consumer as KombuConsumer
from sqlalchemy.orm import Session

from shared import inbox, kept
from shared.broker import Broker
from shared.database import Database, is_down
from shared.events import BadEvent, Event, decode
from shared.handlers import Handlers, dispatch
from shared.observability import log

GATHER_SECONDS = 0.02


class Consumer:
    """`run(stop)` consumes until stopped, through lost connections and restarts of broker and database."""

    def __init__(self, database: Database, broker: Broker, handlers: Handlers) -> None:
        self.database = database
        self.broker = broker
        self.handlers = handlers
        self.service = database.service
        self.most = database.settings.batch_messages
        self.in_hand: list[Any] = []
        self.consuming = threading.Event()
        self._stop = threading.Event()
        self._careful = True

    def run(self, stop: threading.Event) -> None:
        self._stop = stop
        while not stop.is_set():
            try:
                # Again each time: a broker that was replaced knows nothing of our queues.
                self.broker.declare()
                with self.broker.open() as connection:
                    self._consume(connection)
            except self.broker.errors as error:
                log.warning("consumer reconnects", service=self.service, error=str(error)[:200])
                self.broker.lost()
                stop.wait(1.0)
            finally:
                self.consuming.clear()

    def _consume(self, connection: Any) -> None:
        # Not emptied when the connection ends: what was in hand at the end of the embedded process is not settled.
        self.in_hand = []
        self._careful = not self.broker.in_memory
        consumer = KombuConsumer(
            connection.channel(),
            [self.broker.queue(self.service)],
            on_message=lambda delivery: self.in_hand.append(delivery),
            auto_declare=False,
            prefetch_count=1 if self._careful else self.most * 2,
        )
        with consumer:
            self.consuming.set()
            while not self._stop.is_set():
                self._gather(connection)
                if self.in_hand:
                    self._settle(connection, consumer)

    def _gather(self, connection: Any) -> None:
        wait = 0.5
        while len(self.in_hand) < self.most and not self._stop.is_set():
            try:
                connection.drain_events(timeout=wait)
            except TimeoutError:
                break
            if self._careful and self.in_hand:
                break
            wait = GATHER_SECONDS if self.in_hand else wait
        if not self.broker.in_memory:
            connection.heartbeat_check()

    def _settle(self, connection: Any, consumer: Any) -> None:
        deliveries = list(self.in_hand)
        self.handle(deliveries, connection)
        self.broker.ack_batch(deliveries)
        # A message that kills its process is redelivered first and alone, so that only it is counted as the killer.
        if self._careful and not any(_redelivered(delivery) for delivery in deliveries):
            self._careful = False
            consumer.cancel()
            consumer.qos(prefetch_count=self.most * 2, apply_global=False)
            consumer.consume()
        del self.in_hand[: len(deliveries)]

    def handle(self, deliveries: Sequence[Any], connection: Any = None) -> None:
        """Takes every delivery: handled, kept for later or parked. Waits while the database is away."""
        self._until_up(lambda: self._whole(deliveries), connection)

    def _until_up(self, work: Callable[[], None], connection: Any) -> None:
        for tries in itertools.count():
            try:
                return work()
            except Exception as error:
                if not is_down(error):
                    raise
                log.warning("consumer waits for its database", service=self.service, error=str(error)[:200])
            self._wait(connection, min(0.2 * 2**tries, 5.0))
            if self._stop.is_set():
                raise ConnectionAbortedError("stopped while the database was away; the broker keeps the messages")

    def _wait(self, connection: Any, seconds: float) -> None:
        self._stop.wait(seconds)
        if connection is not None and not self.broker.in_memory:
            connection.heartbeat_check()

    def _whole(self, deliveries: Sequence[Any]) -> None:
        events, broken = _decode_all(deliveries)
        try:
            with self.database.transaction() as session:
                self._park_broken(session, broken)
                dispatch(session, self.handlers, inbox.take(session, self.service, events))
        except Exception as error:
            if is_down(error):
                raise
            log.warning("batch taken one by one", service=self.service, error=str(error)[:200])
            self._one_by_one(events, broken)

    def _one_by_one(self, events: Sequence[Event], broken: Sequence[tuple[bytes, str]]) -> None:
        with self.database.transaction() as session:
            self._park_broken(session, broken)
        for event in events:
            try:
                with self.database.transaction() as session:
                    dispatch(session, self.handlers, inbox.take(session, self.service, [event]))
            except Exception as error:
                if is_down(error):
                    raise
                with self.database.transaction() as session:
                    for guilty in inbox.take(session, self.service, [event]):
                        kept.keep(session, guilty, kept.blame(guilty, error))

    def _park_broken(self, session: Session, broken: Sequence[tuple[bytes, str]]) -> None:
        for body, reason in broken:
            for event in inbox.take(session, self.service, [undecodable(body)]):
                kept.park(session, event, "queue", reason)


_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def undecodable(body: bytes) -> Event:
    """Stands for a message that holds no event; its id is made of its body, so that twice is once."""
    event_id = str(uuid.UUID(bytes=hashlib.sha256(body).digest()[:16]))
    return Event(event_id, "undecodable", "", "", _NO_TIME, {}, body=body)


def _decode_all(deliveries: Sequence[Any]) -> tuple[list[Event], list[tuple[bytes, str]]]:
    events: list[Event] = []
    broken: list[tuple[bytes, str]] = []
    for delivery in deliveries:
        body = bytes_of(delivery.body)
        try:
            events.append(decode(body))
        except BadEvent as error:
            broken.append((body, str(error)))
    return events, broken


def bytes_of(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body)


def _redelivered(delivery: Any) -> bool:
    return bool((delivery.delivery_info or {}).get("redelivered"))
