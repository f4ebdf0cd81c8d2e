"""Waiting for a state with a deadline: tests poll what they wait for instead of sleeping."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def eventually(holds: Callable[[], object], seconds: float = 30, describe: Callable[[], object] | None = None) -> None:
    """Returns as soon as `holds()` is true; fails the test after `seconds`, saying what was the case instead."""
    ends = time.monotonic() + seconds
    pause = threading.Event()
    while not holds():
        if time.monotonic() > ends:
            raise AssertionError(f"not the case within {seconds} s: {describe() if describe else holds}")
        pause.wait(0.02)
