"""Wake-ups make things quick; polling makes them sure. Nothing is lost when a wake-up is."""

from __future__ import annotations

import threading
from collections import defaultdict

_signals: dict[str, list[threading.Event]] = defaultdict(list)
_guard = threading.Lock()


def channel(service: str) -> str:
    """Name of the PostgreSQL NOTIFY channel of a service."""
    return f"kitaphana_{service}"


def signal(service: str) -> threading.Event:
    """A new event that is set whenever that service has written something in this process."""
    event = threading.Event()
    with _guard:
        _signals[service].append(event)
    return event


def wake(service: str) -> None:
    with _guard:
        for event in _signals[service]:
            event.set()
