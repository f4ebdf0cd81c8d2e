"""How the embedded broker, which forgets on exit, loses nothing.

Whenever all queues are empty and nothing is in hand, each outbox's position is noted; at start the relay sends again
only what is newer, and the inbox drops what was seen.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects import sqlite

from shared import outbox
from shared.consumer import Consumer
from shared.service import Context
from shared.tables import outbox as outbox_table
from shared.tables import positions

SECONDS = 2.0
NAME = "settled"


class Keeper:
    def __init__(self, contexts: Sequence[Context], consumers: Sequence[Consumer]) -> None:
        self._contexts = contexts
        self._consumers = consumers
        self._seen: dict[str, int] = {}
        self._noted: dict[str, int] = {}

    def run(self, stop: threading.Event) -> None:
        while not stop.wait(SECONDS):
            self.note()

    def note(self) -> None:
        """Notes the positions seen a turn ago if all was quiet then and is now.

        Positions are read before the queues are looked at; two turns, because a message on its way from a queue into
        a consumer's hands is in neither for a moment.
        """
        sent = {context.service.name: _sent_up_to(context) for context in self._contexts}
        if not self._quiet():
            self._seen = {}
            return
        for context in self._contexts:
            name = context.service.name
            if name in self._seen and self._noted.get(name) != self._seen[name]:
                _write(context, self._seen[name])
                self._noted[name] = self._seen[name]
        self._seen = sent

    def _quiet(self) -> bool:
        waiting = any(self._contexts[0].broker.depths().values())
        return not waiting and not any(consumer.in_hand for consumer in self._consumers)


def _sent_up_to(context: Context) -> int:
    """The last position before which everything has been sent."""
    with context.database.reading() as session:
        unsent = session.execute(select(func.min(outbox_table.c.id)).where(outbox_table.c.sent_at.is_(None))).scalar()
        return unsent - 1 if unsent else outbox.last_position(session)


def _write(context: Context, position: int) -> None:
    row = sqlite.insert(positions).values(name=NAME, value=position)
    with context.database.transaction() as session:
        session.execute(row.on_conflict_do_update(index_elements=[positions.c.name], set_={"value": position}))


def rewind(context: Context) -> None:
    """At start: what was sent after the noted position is sent again."""
    with context.database.transaction() as session:
        noted = session.execute(select(positions.c.value).where(positions.c.name == NAME)).scalar() or 0
        outbox.replay(session, after=noted)
