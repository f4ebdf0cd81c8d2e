"""Small work that comes back by the clock: each tick on one process at a time, by lease."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared import ended_sessions, inbox, kept, leases, observability, outbox, rate_limit, wakeup
from shared.database import is_down
from shared.handlers import Handlers
from shared.observability import log

if TYPE_CHECKING:
    from shared.service import Context


@dataclass(frozen=True)
class Tick:
    """`work(context)` opens its own transactions and returns True when there is more to do at once.

    `woken`: also runs as soon as the service has written something.
    """

    name: str
    every: float
    work: Callable[[Context], bool | None]
    woken: bool = False


class Ticker:
    def __init__(self, context: Context, tick: Tick) -> None:
        self.context = context
        self.tick = tick
        self.holder = str(uuid.uuid4())
        self._woken = wakeup.signal(context.service.name) if tick.woken else threading.Event()

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._woken.clear()
            try:
                more = self._once()
            except Exception as error:
                if not is_down(error):
                    raise
                log.warning("tick waits for its database", service=self.context.service.name, tick=self.tick.name)
                more = False
            if not more:
                self._woken.wait(self.tick.every) if self.tick.woken else stop.wait(self.tick.every)

    def _once(self) -> bool:
        with self.context.database.transaction() as session:
            # The lease outlives the longest sensible turn; a killed holder is replaced after that.
            if not leases.hold(session, f"tick {self.tick.name}", self.holder, seconds=max(self.tick.every * 2, 30)):
                return False
        return bool(self.tick.work(self.context))


def try_kept(handlers: Handlers) -> Callable[[Context], None]:
    def work(context: Context) -> None:
        kept.try_due(context.database, handlers)

    return work


def forget_old(context: Context) -> bool:
    """Retention: outbox, inbox, ended sign-ins, counts of tries."""
    settings = context.settings
    with context.database.transaction() as session:
        ended_sessions.forget(session)
        rate_limit.forget(session)
        gone = outbox.forget(session, settings.outbox_days) + inbox.forget(session, settings.inbox_days)
    return gone > 0


def measure(context: Context) -> None:
    """Gauges of the backlog, read here because only a worker's process keeps them."""
    with context.database.reading() as session:
        waiting, oldest = outbox.backlog(session)
        observability.BACKLOG.labels(context.service.name).set(waiting)
        observability.OLDEST.labels(context.service.name).set(oldest)
        observability.PARKED_NOW.labels(context.service.name).set(kept.count_parked(session))


def standard(handlers: Handlers) -> Sequence[Tick]:
    return (
        Tick("kept events", 1.0, try_kept(handlers)),
        Tick("retention", 3600.0, forget_old),
        Tick("measure", 5.0, measure),
    )
