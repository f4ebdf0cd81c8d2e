"""What never changes once written, kept in this process so that a saved answer costs one statement."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """The newest `most` values by key; `fetch` brings those that are not here."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[K, V] = {}
        self._guard = threading.Lock()

    def get(self, keys: Collection[K], fetch: Callable[[Collection[K]], Mapping[K, V]]) -> dict[K, V]:
        """The values of those keys that there are."""
        found = {key: self._held[key] for key in keys if key in self._held}
        if len(found) < len(keys):
            new = fetch([key for key in keys if key not in found])
            self._keep(new)
            found.update(new)
        return found

    def _keep(self, new: Mapping[K, V]) -> None:
        with self._guard:
            self._held.update(new)
            for key in list(self._held)[: max(0, len(self._held) - self._most)]:
                self._held.pop(key, None)

    def forget(self) -> None:
        with self._guard:
            self._held.clear()
