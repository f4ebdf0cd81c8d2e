"""Consumer (inbox, notify's handler, commit, ack) against a bare kombu consumer that acks message by message."""

from __future__ import annotations

import threading
from typing import Any

from kombu import Consumer as KombuConsumer
from sqlalchemy import text

from benchmarks import events
from benchmarks.figures import REPEATS, median, report, seconds, sizes, until
from benchmarks.library import Library, fill_people
from benchmarks.relay_floor import relayed
from benchmarks.spine import Nodes, Spine, vacuum

GOAL = 0.5
PREFETCH = 800
WRITTEN = ("inbox", "books", "moves", "unmoved", "gatherings")


def bare_consume(spine: Spine, count: int) -> float:
    """Seconds of the floor for `count` messages that wait in notify's queue."""
    return seconds(lambda: _bare(spine, count))


def _bare(spine: Spine, count: int) -> None:
    left = count

    def take(delivery: Any) -> None:
        nonlocal left
        delivery.ack()
        left -= 1

    broker = spine.context("notify").broker
    with broker.open() as connection:
        channel, queues = connection.channel(), [broker.queue("notify")]
        consumer = KombuConsumer(channel, queues, on_message=take, auto_declare=False, prefetch_count=PREFETCH)
        with consumer:
            while left:
                connection.drain_events(timeout=10)


def _ours(spine: Spine, count: int) -> float:
    _forget(spine)
    stop = threading.Event()
    loop = threading.Thread(target=spine.consumer("notify").run, args=(stop,), daemon=True)

    def work() -> None:
        loop.start()
        until(lambda: _heard(spine) == count)

    spent = seconds(work)
    stop.set()
    loop.join(20)
    return spent


def _heard(spine: Spine) -> int:
    with spine.database("notify").reading() as session:
        return int(session.execute(text("SELECT coalesce(sum(heard), 0) FROM gatherings")).scalar_one())


def _forget(spine: Spine) -> None:
    database = spine.database("notify")
    with database.transaction() as session:
        session.execute(text(f"TRUNCATE {', '.join(WRITTEN)}"))
    vacuum(database, *WRITTEN, "people")


def measure(nodes: Nodes) -> None:
    spine = Spine.create(nodes, "consumer", "loans", "notify")
    for size in sizes():
        library = Library(size)
        count = events.make(spine, library)
        with spine.database("notify").transaction() as session:
            fill_people(session, library)
        floors, ours = [], []
        for _ in range(REPEATS):
            relayed(spine)
            floors.append(bare_consume(spine, count))
            relayed(spine)
            ours.append(_ours(spine, count))
        floor, found = median(floors), median(ours)
        report("consumer", size, count / found, "messages/s", against=count / floor, ratio=floor / found,
               at_least=GOAL)  # fmt: skip
    spine.close()
