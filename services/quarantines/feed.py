"""Progress as it happens: one reader of the database per process feeds every open stream."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from shared.observability import log

LASTS = 60.0
BREATH = 15.0
READ_EVERY = 0.5


@dataclass(frozen=True)
class Snapshot:
    """How far a quarantine is; the id says what is inside, so that it is the same in every process."""

    id: str
    body: bytes

    @classmethod
    def of(cls, progress: Mapping[str, Any]) -> Snapshot:
        body = orjson.dumps(progress)
        return cls(hashlib.sha256(body).hexdigest()[:16], body)


Read = Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]]


class Feed:
    """`read`: quarantine ids -> how far each is. `most`: streams at a time."""

    def __init__(self, read: Read, most: int, every: float = READ_EVERY) -> None:
        self._read = read
        self._every = every
        self._places = threading.BoundedSemaphore(most)
        self._watched: Counter[str] = Counter()
        self._snapshots: dict[str, Snapshot] = {}
        self._changed = threading.Condition()
        self._reader: threading.Thread | None = None

    def take_place(self) -> bool:
        """False when as many as may are streaming already. A place taken is given back once."""
        return self._places.acquire(blocking=False)

    def give_back(self) -> None:
        self._places.release()

    @contextmanager
    def watching(self, quarantine_id: str) -> Iterator[None]:
        with self._changed:
            self._watched[quarantine_id] += 1
            if self._reader is None:
                self._reader = threading.Thread(target=self._follow, name="progress feed", daemon=True)
                self._reader.start()
        try:
            yield
        finally:
            with self._changed:
                self._watched[quarantine_id] -= 1
                if not self._watched[quarantine_id]:
                    del self._watched[quarantine_id]
                    self._snapshots.pop(quarantine_id, None)
                self._changed.notify_all()

    def news(self, quarantine_id: str, seen: str, seconds: float) -> Snapshot | None:
        """The snapshot as soon as it is another than `seen`; None when it stays the same that long."""

        def other() -> Snapshot | None:
            snapshot = self._snapshots.get(quarantine_id)
            return snapshot if snapshot and snapshot.id != seen else None

        with self._changed:
            return self._changed.wait_for(other, seconds)

    def _follow(self) -> None:
        """Ends when nobody watches; the next to watch starts it again."""
        while True:
            with self._changed:
                ids = sorted(self._watched)
                if not ids:
                    self._reader = None
                    return
            self._publish(ids)
            with self._changed:
                self._changed.wait_for(lambda: set(self._watched) - set(ids) or not self._watched, self._every)  # noqa: B023

    def _publish(self, ids: Sequence[str]) -> None:
        try:
            found = self._read(ids)
        except Exception as error:
            # The streams stay open and say nothing; their pages ask anew when they end.
            log.warning("progress cannot be read", error=str(error)[:200])
            return
        with self._changed:
            for quarantine_id, progress in found.items():
                if quarantine_id in self._watched:
                    self._snapshots[quarantine_id] = Snapshot.of(progress)
            self._changed.notify_all()


def events(feed: Feed, quarantine_id: str, last_event_id: str, lasts: float = LASTS) -> Iterator[bytes]:
    """A text/event-stream that begins with what the browser has not seen, and ends after `lasts` seconds."""
    ends, seen = time.monotonic() + lasts, last_event_id
    yield b"retry: 1000\n\n"
    with feed.watching(quarantine_id):
        while (left := ends - time.monotonic()) > 0:
            snapshot = feed.news(quarantine_id, seen, min(left, BREATH))
            if snapshot is None:
                # A comment finds out whether the browser is still there.
                yield b": still the same\n\n"
                continue
            seen = snapshot.id
            yield b"id: %s\ndata: %s\n\n" % (snapshot.id.encode(), snapshot.body)
