"""Relay (outbox -> confirmed -> marked) against a bare pipelined pika loop: same broker, queue and bodies."""

from __future__ import annotations

import time
from typing import Any

import pika
from pika.adapters.select_connection import SelectConnection

from benchmarks import events
from benchmarks.figures import REPEATS, median, report, seconds, sizes
from benchmarks.library import Library
from benchmarks.spine import Nodes, Spine

WINDOW = 2000
GOAL = 0.7


class BareLoop:
    """The floor: bodies ready in memory, published as fast as the socket takes them, each confirmed."""

    def __init__(self, url: str, bodies: list[bytes]) -> None:
        self._bodies = bodies
        self._confirmed = 0
        self._sent = 0
        self.seconds = 0.0
        self._connection = SelectConnection(pika.URLParameters(url), on_open_callback=self._opened)

    def run(self) -> float:
        """Seconds from the open channel to the last confirm."""
        self._connection.ioloop.start()
        return self.seconds

    def _opened(self, connection: Any) -> None:
        connection.channel(on_open_callback=self._ready)

    def _ready(self, channel: Any) -> None:
        self._channel = channel
        channel.confirm_delivery(self._confirm, callback=lambda _frame: self._begin())

    def _begin(self) -> None:
        self._begun = time.perf_counter()
        self._send()

    def _send(self) -> None:
        properties = pika.BasicProperties(content_type="application/cloudevents+json", delivery_mode=2)
        window = self._bodies[self._sent : self._sent + WINDOW]
        for body in window:
            self._channel.basic_publish("events", events.TYPE, body, properties, mandatory=True)
        self._sent += len(window)

    def _confirm(self, frame: Any) -> None:
        self._confirmed = frame.method.delivery_tag
        if self._confirmed == len(self._bodies):
            self.seconds = time.perf_counter() - self._begun
            self._connection.close()
            self._connection.ioloop.add_callback_threadsafe(self._connection.ioloop.stop)
        elif self._sent - self._confirmed < WINDOW and self._sent < len(self._bodies):
            self._send()


def bare_publish(spine: Spine, bodies: list[bytes]) -> float:
    """Seconds of the floor, into empty queues; leaves the messages there."""
    spine.empty_queues()
    return BareLoop(spine.system.settings.broker_url, bodies).run()


def relayed(spine: Spine) -> float:
    """Seconds of the relay over the same events, into empty queues; leaves the messages there."""
    relay = spine.relay("loans")
    # Its connection is open before the clock starts, as a living worker's is, and the floor's.
    events.put_back(spine, only_one=True)
    relay.drain()
    spine.empty_queues()
    events.put_back(spine)
    spent = seconds(relay.drain)
    relay.close()
    return spent


def measure(nodes: Nodes) -> None:
    spine = Spine.create(nodes, "relay", "loans", "notify")
    for size in sizes():
        count = events.make(spine, Library(size))
        bodies = events.bodies(spine)
        floors, ours = [], []
        for _ in range(REPEATS):
            floors.append(bare_publish(spine, bodies))
            ours.append(relayed(spine))
        floor, found = median(floors), median(ours)
        report("relay", size, count / found, "messages/s", against=count / floor, ratio=floor / found,
               at_least=GOAL)  # fmt: skip
    spine.close()
