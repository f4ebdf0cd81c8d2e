"""The broker's dead-letter queue, read into the parked table: what ended the process that took it, again and again.

On a connection of its own: RabbitMQ 3.10 may leave such an idle queue without a leader after it was killed, and who
asks for it then waits in vain. That must not keep the service from its own queue.
"""

from __future__ import annotations

import threading
from typing import Any

from shared import inbox, kept
from shared.broker import Broker
from shared.consumer import bytes_of, undecodable
from shared.database import Database, is_down
from shared.events import BadEvent, decode
from shared.observability import log

LOOK_EVERY = 5.0
ORIGIN = "dead-letter queue"
REASON = "it ended the worker that took it, again and again"


class DeadLetters:
    def __init__(self, database: Database, broker: Broker) -> None:
        self.database = database
        self.broker = broker
        self.service = database.service

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                with self.broker.open() as connection:
                    queue = self.broker.dead_queue(self.service)(connection.channel())
                    while not stop.is_set():
                        self._look(queue)
                        connection.heartbeat_check()
                        stop.wait(LOOK_EVERY)
            except Exception as error:
                if not (isinstance(error, self.broker.errors) or is_down(error)):
                    raise
                log.warning("dead letters wait", service=self.service, error=str(error)[:200])
                stop.wait(LOOK_EVERY)

    def _look(self, queue: Any) -> None:
        while delivery := queue.get():
            self._park(bytes_of(delivery.body))
            delivery.ack()

    def _park(self, body: bytes) -> None:
        try:
            event = decode(body)
        except BadEvent:
            event = undecodable(body)
        with self.database.transaction() as session:
            for guilty in inbox.take(session, self.service, [event]):
                kept.park(session, guilty, ORIGIN, REASON)
