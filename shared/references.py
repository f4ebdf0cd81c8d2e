"""Names of things another service knows already: looked for again for a while before they are refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FIRST_WAIT = 0.05
LONGEST_WAIT = 0.5


def wait_until_known(missing: Callable[[], set[str]], seconds: float) -> set[str]:
    """Asks `missing` again until it names nothing or the time is up; returns what stays unknown.

    Called before any transaction is opened: what is awaited arrives in another one.
    """
    ends = time.monotonic() + seconds
    wait = FIRST_WAIT
    pause = threading.Event()
    while (unknown := missing()) and time.monotonic() < ends:
        pause.wait(min(wait, max(0.0, ends - time.monotonic())))
        wait = min(wait * 2, LONGEST_WAIT)
    return unknown


class Patience:
    """The time one request or file may spend waiting, all its lines together."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        return max(0.0, self._ends - time.monotonic())
