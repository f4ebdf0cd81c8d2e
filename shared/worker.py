"""The `work` role: relay, consumer, runs and ticks of services as threads. A loop that dies takes its process down."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shared import positions, ticks, wakeup
from shared.broker import Broker
from shared.consumer import Consumer
from shared.dead_letters import DeadLetters
from shared.observability import log
from shared.relay import Relay
from shared.runs import Runner
from shared.service import Context

Loop = Callable[[threading.Event], None]


@dataclass
class Worker:
    """Threads of one process. `start()`, then `stop()` ends them cleanly."""

    contexts: Sequence[Context]
    stopping: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)
    consumers: list[Consumer] = field(default_factory=list)

    def start(self) -> None:
        declare_when_up(self.contexts[0].broker, self.stopping)
        for context in self.contexts:
            for name, loop in self._loops(context):
                self._spawn(f"{context.service.name} {name}", loop)
        if self.contexts[0].settings.embedded:
            self._spawn("positions", positions.Keeper(self.contexts, self.consumers).run)

    def _loops(self, context: Context) -> list[tuple[str, Loop]]:
        service = context.service
        if context.settings.embedded:
            positions.rewind(context)
        loops: list[tuple[str, Loop]] = [] if context.settings.embedded else [("wake-ups", listening(context))]
        loops.append(("relay", Relay(context.database, context.broker).run))
        if service.listens_to:
            consumer = Consumer(context.database, context.broker, service.handlers)
            self.consumers.append(consumer)
            loops.append(("consumer", consumer.run))
            if not context.settings.embedded:
                loops.append(("dead letters", DeadLetters(context.database, context.broker).run))
        if service.runs:
            loops.append(("runs", Runner(context.database, service.runs).run))
        for tick in (*ticks.standard(service.handlers), *service.ticks):
            loops.append((tick.name, ticks.Ticker(context, tick).run))
        return loops

    def _spawn(self, name: str, loop: Loop) -> None:
        thread = threading.Thread(target=self._guard, args=(name, loop), name=name, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _guard(self, name: str, loop: Loop) -> None:
        try:
            loop(self.stopping)
        except BaseException:
            log.exception("a loop died; the process ends so that it is started anew", loop=name)
            os._exit(1)
        if not self.stopping.is_set():
            log.error("a loop ended by itself; the process ends so that it is started anew", loop=name)
            os._exit(1)

    def stop(self, seconds: float = 20.0) -> None:
        self.stopping.set()
        ends = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, ends - time.monotonic()))

    def can_work(self) -> bool:
        """False while a consumer has no connection, or a loop has ended."""
        return all(c.consuming.is_set() for c in self.consumers) and all(t.is_alive() for t in self.threads)


def listening(context: Context) -> Loop:
    return lambda stop: wakeup.listen(context.service.name, context.settings.database_url, stop)


def declare_when_up(broker: Broker, stop: threading.Event) -> None:
    """Declares the topology; waits for the broker as long as it takes. Raises BrokerMismatch when it refuses."""
    while not stop.is_set():
        try:
            return broker.declare()
        except broker.errors as error:
            log.warning("waiting for the broker", error=str(error)[:200])
            broker.lost()
            stop.wait(1.0)
