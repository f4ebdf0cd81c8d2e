"""Wake-ups make things quick; polling makes them sure. Nothing is lost when a wake-up is."""

from __future__ import annotations

import threading
from collections import defaultdict

import psycopg
from psycopg import sql

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


def listen(service: str, database_url: str, stop: threading.Event) -> None:
    """Wakes this process whenever another one of the service has written something (PostgreSQL's NOTIFY)."""
    address = database_url.replace("+psycopg", "", 1)
    while not stop.is_set():
        try:
            with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
                connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel(service))))
                wake(service)
                while not stop.is_set():
                    if any(True for _ in connection.notifies(timeout=1.0, stop_after=1)):
                        wake(service)
        except psycopg.OperationalError:
            stop.wait(1.0)


def wake(service: str) -> None:
    with _guard:
        for event in _signals[service]:
            event.set()
