"""Consumer (inbox, handler, commit, ack) against a bare kombu consumer that acks message by message."""

from __future__ import annotations

import threading
from typing import Any

from kombu import Consumer as KombuConsumer
from sqlalchemy import func, select, text

from benchmarks.figures import REPEATS, Nodes, median, report, seconds
from benchmarks.relay_floor import EVENTS, empty_queue, events, fill, system
from shared.tables import inbox
from tests.support.eventually import eventually
from tests.support.sample import Sample

GOAL = 0.5
PREFETCH = 800


def bare(sample: Sample) -> None:
    left = EVENTS

    def take(delivery: Any) -> None:
        nonlocal left
        delivery.ack()
        left -= 1

    with sample.broker.open() as connection:
        queue = sample.broker.queue("sample_service")
        consumer = KombuConsumer(
            connection.channel(), [queue], on_message=take, auto_declare=False, prefetch_count=PREFETCH
        )
        with consumer:
            while left:
                connection.drain_events(timeout=10)


def ours(sample: Sample) -> None:
    stop = threading.Event()
    loop = threading.Thread(target=sample.consumer().run, args=(stop,), daemon=True)
    loop.start()
    eventually(lambda: sample.count(inbox) == EVENTS, 120)
    stop.set()
    loop.join(20)


def load_queue(sample: Sample, rows: list[dict[str, Any]]) -> None:
    empty_queue(sample)
    with sample.context.database.transaction() as session:
        session.connection().exec_driver_sql("TRUNCATE inbox, heard, lines")
        fill(session, rows)
    relay = sample.relay()
    relay.drain()
    relay.close()


def measure(nodes: Nodes) -> None:
    sample = system(nodes, "consumer")
    rows = events(EVENTS)
    floors, found = [], []
    for _ in range(REPEATS):
        load_queue(sample, rows)
        floors.append(EVENTS / seconds(lambda: bare(sample)))
        load_queue(sample, rows)
        found.append(EVENTS / seconds(lambda: ours(sample)))
    with sample.context.database.reading() as session:
        assert session.execute(select(func.count()).select_from(text("heard"))).scalar_one() == EVENTS
    report("consumer", EVENTS, median(found), "messages/s", median(floors), GOAL)
    sample.system.close()
