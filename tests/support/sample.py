"""The sample service put together: in this process, or as processes of its own (`python -m tests.support.sample`)."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from shared import clock, outbox
from shared.broker import Broker
from shared.commands import make
from shared.consumer import Consumer
from shared.relay import Relay
from shared.service import Context, load
from shared.settings import Settings
from shared.settings import load as load_settings
from shared.system import System
from shared.tables import inbox, kept_events
from shared.tables import outbox as outbox_table
from tests.support.eventually import eventually
from tests.support.sample_service.models import heard

SAMPLE = load("tests.support.sample_service")
NAME = SAMPLE.name


def erased(session: Session, card: str, version: int = 1) -> str:
    """An event that the sample service listens to; `card` tells its handler what to do."""
    data = {"reader_id": card, "version": version, "card_number": card}
    return outbox.add(session, "reader.erased.v1", card, data)


def unheard(session: Session) -> str:
    data = {"work_id": "w", "version": 1, "title": "Абай жолы", "isbns": []}
    return outbox.add(session, "work.changed.v1", "w", data)


@dataclass
class Sample:
    """One sample system. `running(loop)` keeps a loop in a thread; a loop that fails fails the test."""

    environment: Mapping[str, str]
    settings: Settings
    system: System
    failures: list[BaseException] = field(default_factory=list)

    @classmethod
    def create(cls, environment: Mapping[str, str], **more: str) -> Sample:
        variables = {"KITAPHANA_POLL_SECONDS": "0.05", **environment, **more}
        settings = load_settings(variables)
        system = System.create([SAMPLE], settings)
        system.migrate()
        return cls(variables, settings, system)

    @property
    def context(self) -> Context:
        return self.system.contexts[NAME]

    @property
    def broker(self) -> Broker:
        return self.context.broker

    def tell(self, *cards: str) -> list[str]:
        with self.context.database.transaction() as session:
            return [erased(session, card) for card in cards]

    def relay(self) -> Relay:
        return Relay(self.context.database, self.broker)

    def consumer(self) -> Consumer:
        return Consumer(self.context.database, self.broker, SAMPLE.handlers)

    @contextmanager
    def running(self, *parts: Any) -> Iterator[None]:
        stop = threading.Event()
        threads = [threading.Thread(target=self._run, args=(part, stop), daemon=True) for part in parts]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(20)
        assert not [thread for thread in threads if thread.is_alive()]
        assert not self.failures, self.failures

    def _run(self, part: Any, stop: threading.Event) -> None:
        try:
            part.run(stop)
        except BaseException as error:
            self.failures.append(error)

    def read(self, table: Table, *where: Any) -> list[Any]:
        with self.context.database.reading() as session:
            return list(session.execute(select(table).where(*where).order_by(*table.primary_key.columns)))

    def count(self, table: Table, *where: Any) -> int:
        with self.context.database.reading() as session:
            return session.execute(select(func.count()).select_from(table).where(*where)).scalar_one()

    def heard(self) -> list[str]:
        """The cards handled, in the order of handling."""
        return [row.card_number for row in self.read(heard)]

    def kept(self) -> list[Any]:
        return self.read(kept_events)

    def unsent(self) -> int:
        return self.count(outbox_table, outbox_table.c.sent_at.is_(None))

    def taken(self) -> int:
        return self.count(inbox)

    def eventually_heard(self, count: int, seconds: float = 30) -> list[str]:
        eventually(lambda: len(self.heard()) >= count, seconds, lambda: f"{len(self.heard())} of {count} heard")
        return self.heard()

    def publish(self, *bodies: bytes, key: str = "reader.erased.v1") -> None:
        """Messages straight to the broker, past any outbox."""
        from shared.broker import Message

        publisher = self.broker.publisher()
        try:
            publisher.begin([Message(str(number), key, body) for number, body in enumerate(bodies)]).result(20)
        finally:
            publisher.close()

    def spawn(self, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        """A process of the command line over the sample service."""
        root = Path(__file__).parents[2]
        import os

        return subprocess.Popen(
            [sys.executable, "-m", "tests.support.sample", *arguments],
            cwd=root,
            env={**os.environ, **self.environment, **more},
            stdout=subprocess.PIPE,
            stderr=(self.settings.home / "spawned.log").open("ab"),
        )


class SetClock:
    """A clock that tests move; put back at the end."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "clock"
        self._offset = 0.0

    def forward(self, seconds: float) -> None:
        self._offset += seconds
        self.path.write_text(str(self._offset))

    @contextmanager
    def ruling(self) -> Iterator[SetClock]:
        clock.shift_by_file(str(self.path))
        try:
            yield self
        finally:
            clock.shift_by_file("")


def add_rows(session: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    session.execute(insert(table), rows)


main = make([SAMPLE], lambda system: None)

if __name__ == "__main__":
    main(prog_name="sample")
