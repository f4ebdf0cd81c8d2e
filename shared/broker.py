"""The broker as data (exchange, queues, bindings) and the connections to it; RabbitMQ or in memory."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Protocol

from amqp.exceptions import IrrecoverableChannelError
from kombu import Connection, Exchange, Producer, Queue, binding
from kombu.message import Message as Delivery
from kombu.transport import memory, virtual

from shared.publisher import ConfirmedPublisher
from shared.settings import Settings

EXCHANGE = Exchange("events", type="topic", durable=True)
ANSWER_SECONDS = 8.0
SETTLING_SECONDS = 6.0
DEAD_LETTERS = Exchange("dead-letters", type="direct", durable=True)


class BrokerMismatch(RuntimeError):
    """The broker answers, but refuses what we need: sign-in, vhost, or a queue declared otherwise before."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event on its way out: `key` is the event type."""

    id: str
    key: str
    body: bytes


class Outcome(Enum):
    CONFIRMED = "confirmed"
    UNHEARD = "unheard"
    REFUSED = "refused"


class Publisher(Protocol):
    def begin(self, messages: Sequence[Message]) -> Future[list[Outcome]]:
        """Starts sending; the future holds one outcome a message. Raises when the broker is away."""

    def close(self) -> None: ...


class Broker:
    """`listeners`: service -> the event types its queue is bound to."""

    def __init__(self, settings: Settings, listeners: Mapping[str, Sequence[str]]) -> None:
        self.settings = settings
        self.listeners = {service: tuple(types) for service, types in listeners.items()}
        self.heard = {kind for types in listeners.values() for kind in types}
        self._settled_at = 0.0
        self._memory = _private_memory() if settings.embedded else None

    @property
    def in_memory(self) -> bool:
        return self.settings.embedded

    def connection(self) -> Connection:
        if self._memory:
            return Connection("memory://", transport=self._memory, transport_options={"polling_interval": 0.02})
        return Connection(
            self.settings.broker_url,
            heartbeat=30,
            connect_timeout=5,
            transport_options={"max_retries": 0, "interval_start": 0, "interval_step": 0, "write_timeout": 30},
        )

    @contextmanager
    def open(self) -> Iterator[Connection]:
        """A connection on which no call waits for ever: RabbitMQ that has just started may leave one unanswered."""
        with self.connection() as connection:
            if not self.in_memory:
                connection.connection.transport.sock.settimeout(ANSWER_SECONDS)
            yield connection

    def queue(self, service: str) -> Queue:
        bindings = self.listeners[service]
        return Queue(
            service,
            durable=True,
            bindings=[binding(EXCHANGE, routing_key=key) for key in bindings],
            queue_arguments={
                "x-queue-type": "quorum",
                "x-delivery-limit": self.settings.delivery_limit,
                "x-dead-letter-exchange": DEAD_LETTERS.name,
                "x-dead-letter-routing-key": service,
            },
        )

    def dead_queue(self, service: str) -> Queue:
        return Queue(
            f"{service}.dead",
            exchange=DEAD_LETTERS,
            routing_key=service,
            durable=True,
            queue_arguments={"x-queue-type": "quorum"},
        )

    @cached_property
    def errors(self) -> tuple[type[BaseException], ...]:
        """What a broker that is away, or went away, makes kombu raise: to be tried again."""
        connection = self.connection()
        return (*connection.connection_errors, *connection.channel_errors, OSError)

    def declare(self) -> None:
        """Declares everything; every role does so before it publishes, so that no event finds a queue missing.

        Raises BrokerMismatch when no later try can succeed.
        """
        threading.Event().wait(max(0.0, self._settled_at - time.monotonic()))
        try:
            with self.open() as connection:
                self._declare(connection.channel())
        except IrrecoverableChannelError as error:
            raise BrokerMismatch(f"the broker refuses our queues: {error}") from error

    def lost(self) -> None:
        """Says that the broker was away a moment ago, so that its queues are left alone for some seconds.

        A quorum queue of RabbitMQ 3.10 that is asked for before it has elected its leader never elects one.
        """
        self._settled_at = time.monotonic() + SETTLING_SECONDS

    def _declare(self, channel: Any) -> None:
        EXCHANGE(channel).declare()
        DEAD_LETTERS(channel).declare()
        for service in self.listeners:
            self.queue(service)(channel).declare()
            self.dead_queue(service)(channel).declare()

    def reach(self) -> None:
        """Opens a connection and closes it; raises what keeps it from doing so."""
        with self.open() as connection:
            connection.channel().close()

    def publisher(self) -> Publisher:
        return MemoryPublisher(self) if self.in_memory else PikaPublisher(self)

    def ack_batch(self, deliveries: Sequence[Delivery]) -> None:
        """Acknowledges all of them: the last speaks for all on RabbitMQ, in memory each for itself."""
        if not self.in_memory:
            deliveries[-1].ack(multiple=True)
            return
        for delivery in deliveries:
            delivery.ack()

    def depths(self) -> dict[str, int]:
        """Messages waiting in each service's queue."""
        with self.open() as connection:
            channel = connection.channel()
            return {service: _depth(channel, service) for service in self.listeners}


def _depth(channel: Any, queue: str) -> int:
    return int(channel.queue_declare(queue=queue, passive=True).message_count)


def _private_memory() -> type[memory.Transport]:
    """Queues of one broker's own: kombu keeps them on the class, so two systems in one process would share them."""
    channel = type("Channel", (memory.Channel,), {"queues": {}, "events": defaultdict(set)})
    return type("Transport", (memory.Transport,), {"Channel": channel, "global_state": virtual.BrokerState()})


class PikaPublisher:
    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        broker.declare()
        self._pipe = ConfirmedPublisher(broker.settings.broker_url, EXCHANGE.name)

    def begin(self, messages: Sequence[Message]) -> Future[list[Outcome]]:
        done: Future[list[Outcome]] = Future()
        sending = self._pipe.send([(m.id, m.key, m.body) for m in messages])
        sending.add_done_callback(lambda answers: self._translate(messages, answers, done))
        return done

    def _translate(self, messages: Sequence[Message], answers: Future[list[str]], done: Future[list[Outcome]]) -> None:
        if error := answers.exception():
            done.set_exception(error)
            return
        done.set_result([self._outcome(m, answer) for m, answer in zip(messages, answers.result(), strict=True)])

    def _outcome(self, message: Message, answer: str) -> Outcome:
        if answer == "returned":
            return Outcome.REFUSED if message.key in self._broker.heard else Outcome.UNHEARD
        return Outcome.CONFIRMED if answer == "acked" else Outcome.REFUSED

    def close(self) -> None:
        self._pipe.close()


class MemoryPublisher:
    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._connection = broker.connection()
        self._producer = Producer(self._connection.channel(), exchange=EXCHANGE, auto_declare=False)

    def begin(self, messages: Sequence[Message]) -> Future[list[Outcome]]:
        done: Future[list[Outcome]] = Future()
        done.set_result([self._send(message) for message in messages])
        return done

    def _send(self, message: Message) -> Outcome:
        if message.key not in self._broker.heard:
            return Outcome.UNHEARD
        self._producer.publish(
            message.body,
            routing_key=message.key,
            content_type="application/cloudevents+json",
            content_encoding="binary",
            message_id=message.id,
        )
        return Outcome.CONFIRMED

    def close(self) -> None:
        self._connection.release()
