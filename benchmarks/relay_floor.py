"""Relay (outbox -> confirmed -> marked) against a bare pipelined pika loop: same broker, queue and bodies."""

from __future__ import annotations

import random
import uuid
from typing import Any

import pika
from pika.adapters.select_connection import SelectConnection
from sqlalchemy.orm import Session

from benchmarks.figures import REPEATS, Nodes, median, report, seconds
from shared import clock
from shared.bulk import insert_rows
from shared.tables import outbox
from tests.support.sample import Sample

EVENTS = 30_000
TYPE = "loans.due_dates_changed.v1"
WINDOW = 2000
GOAL = 0.7


def events(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Outbox rows of a run: one reader each, one to five books, bodies of some 600 to 900 bytes."""
    chance = random.Random(seed)
    run_id, quarantine_id = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
    rows = []
    for number in range(count):
        changes = [
            {
                "loan_id": f"L{number:07d}-{book}",
                "loan_version": 2,
                "title": chance.choice(["Абай жолы", "Менің атым Қожа", "Винни-Пух и все-все-все", "Momo"]),
                "branch_id": f"b{number % 20:02d}",
                "from": "2026-03-16",
                "to": "2026-05-04",
            }
            for book in range(chance.randint(2, 4))
        ]
        data = {
            "run_id": run_id,
            "quarantine_id": quarantine_id,
            "version": 1,
            "card_number": f"KZ{number:07d}",
            "unchanged": [],
            "changes": changes,
        }
        rows.append(
            {
                "event_id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
                "type": TYPE,
                "subject": f"KZ{number:07d}",
                "time": clock.now(),
                "data": data,
                "correlation_id": run_id,
                "causation_id": run_id,
            }
        )
    return rows


def fill(session: Session, rows: list[dict[str, Any]]) -> None:
    session.connection().exec_driver_sql("TRUNCATE outbox")
    for begin in range(0, len(rows), 5000):
        insert_rows(session, outbox, rows[begin : begin + 5000])


def system(nodes: Nodes, name: str) -> Sample:
    variables = {
        "KITAPHANA_FOOTING": "real",
        "KITAPHANA_HOME": str(nodes.folder / name),
        "KITAPHANA_DATABASE_URL": nodes.database(name),
        "KITAPHANA_BROKER_URL": nodes.vhost(name),
    }
    made = Sample.create(variables)
    made.broker.declare()
    return made


def empty_queue(sample: Sample) -> None:
    with sample.broker.open() as connection:
        connection.channel().queue_purge("sample_service")


class BareLoop:
    """The floor: bodies ready in memory, published as fast as the socket takes them, each confirmed."""

    def __init__(self, url: str, bodies: list[bytes]) -> None:
        self._bodies = bodies
        self._confirmed = 0
        self._sent = 0
        self._connection = SelectConnection(pika.URLParameters(url), on_open_callback=self._opened)

    def run(self) -> None:
        self._connection.ioloop.start()

    def _opened(self, connection: Any) -> None:
        connection.channel(on_open_callback=self._ready)

    def _ready(self, channel: Any) -> None:
        self._channel = channel
        channel.confirm_delivery(self._confirm, callback=lambda _frame: self._send())

    def _send(self) -> None:
        properties = pika.BasicProperties(content_type="application/cloudevents+json", delivery_mode=2)
        window = self._bodies[self._sent : self._sent + WINDOW]
        for body in window:
            self._channel.basic_publish("events", TYPE, body, properties, mandatory=True)
        self._sent += len(window)

    def _confirm(self, frame: Any) -> None:
        self._confirmed = frame.method.delivery_tag
        if self._confirmed == len(self._bodies):
            self._connection.close()
            self._connection.ioloop.add_callback_threadsafe(self._connection.ioloop.stop)
        elif self._sent - self._confirmed < WINDOW and self._sent < len(self._bodies):
            self._send()


def measure(nodes: Nodes) -> None:
    sample = system(nodes, "relay")
    rows = events(EVENTS)
    bodies = [message.body for _id, message in _messages(sample, rows)]
    floors, ours = [], []
    for _ in range(REPEATS):
        empty_queue(sample)
        floors.append(EVENTS / seconds(BareLoop(sample.settings.broker_url, bodies).run))
        empty_queue(sample)
        with sample.context.database.transaction() as session:
            fill(session, rows)
        ours.append(_relayed(sample))
    report("relay", EVENTS, median(ours), "messages/s", median(floors), GOAL)
    sample.system.close()


def _messages(sample: Sample, rows: list[dict[str, Any]]) -> list[Any]:
    with sample.context.database.transaction() as session:
        fill(session, rows)
    relay, after, found = sample.relay(), 0, []
    while window := relay._fetch(after):
        found += window
        after = window[-1][0]
    return found


def _relayed(sample: Sample) -> float:
    relay = sample.relay()
    spent = seconds(relay.drain)
    relay.close()
    return EVENTS / spent
