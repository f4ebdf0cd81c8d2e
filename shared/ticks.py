"""Small work that comes back by the clock: each tick on one process at a time, by lease."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared import ended_sessions, idempotency, inbox, kept, leases, observability, outbox, rate_limit, wakeup
from shared.database import is_down
from shared.handlers import Handlers
from shared.observability import log

if TYPE_CHECKING:
    from shared.service import Context


@dataclass(frozen=True)
class Tick:
    """`work(context)` opens its own transactions and returns True when there is more to do at once.

    `woken`: also runs as soon as the service has written something. `alone`: on one process at a time.
    """

    name: str
    every: float
    work: Callable[[Context], bool | None]
    woken: bool = False
    alone: bool = True


LEASE_SECONDS = 10.0


class Ticker:
    """The lease is renewed while a turn lasts, and kept until the next one is due: a killed holder is replaced
    after ten seconds, and turns do not come more often because there are more processes.
    """

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
        # Embedded, there is no other process to keep apart from.
        if not self.tick.alone or self.context.settings.embedded:
            return bool(self.tick.work(self.context))
        if not self._hold(LEASE_SECONDS):
            return False
        over = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(over,), name=f"{self.tick.name} lease", daemon=True)
        renewing.start()
        try:
            return bool(self.tick.work(self.context))
        finally:
            over.set()
            renewing.join()
            self._hold(self.tick.every)

    def _hold(self, seconds: float) -> bool:
        longest = max(self.tick.every, LEASE_SECONDS)
        with self.context.database.transaction() as session:
            return leases.hold(session, f"tick {self.tick.name}", self.holder, seconds, longest)

    def _renew(self, over: threading.Event) -> None:
        while not over.wait(LEASE_SECONDS / 4):
            try:
                self._hold(LEASE_SECONDS)
            except Exception as error:
                if not is_down(error):
                    raise


def try_kept(handlers: Handlers) -> Callable[[Context], bool]:
    def work(context: Context) -> bool:
        return kept.try_due(context.database, handlers)

    return work


def forget_old(context: Context) -> bool:
    """Retention: sent events, ids of handled ones, kept answers, ended sign-ins, counts of tries."""
    settings = context.settings
    with context.database.transaction() as session:
        ended_sessions.forget(session)
        rate_limit.forget(session)
        gone = (
            outbox.forget(session, settings.outbox_days),
            inbox.forget(session, settings.inbox_days),
            idempotency.forget(session, settings.answer_days),
        )
    return any(gone)


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
        Tick("measure", 5.0, measure, alone=False),
    )
