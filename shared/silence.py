"""Which peers did not answer just now: whoever reads does not wait for one again, whoever acts knocks first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SKIPPED_SECONDS = 5.0


class Silence:
    """Of one process, for all its threads. `now` gives seconds of a steady clock."""

    def __init__(self, now: Callable[[], float] = time.monotonic, seconds: float = SKIPPED_SECONDS) -> None:
        self._now = now
        self._seconds = seconds
        self._until: dict[str, float] = {}
        self._guard = threading.Lock()

    def may_ask(self, service: str) -> bool:
        """No while its time lasts; afterwards one caller finds out for all, and the others go on without."""
        with self._guard:
            until = self._until.get(service)
            if until is None:
                return True
            if self._now() < until:
                return False
            self._until[service] = self._now() + self._seconds
            return True

    def is_last_word(self, service: str) -> bool:
        """That it did not answer is the last that was heard of it, however long ago."""
        return service in self._until

    def fell_silent(self, service: str) -> None:
        with self._guard:
            self._until[service] = self._now() + self._seconds

    def answered(self, service: str) -> None:
        # Read before the lock: with every peer well, calls must not wait for each other.
        if service in self._until:
            with self._guard:
                self._until.pop(service, None)
