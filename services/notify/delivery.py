"""Delivery: claims what is due, sends it outside any transaction, records what came of it; until nothing is due."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from weakref import WeakKeyDictionary

from prometheus_client import Gauge
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from services.notify import claims, outcomes, pace
from services.notify.channels import ADAPTERS, Channel
from services.notify.claims import Claimed
from services.notify.models import Delivery
from services.notify.results import WAIT_FOR_SERVER, Result, Retry
from shared import clock
from shared.database import Database, is_down
from shared.observability import log
from shared.retries import describe
from shared.service import Context

BATCH = 200
# A turn ends well before the tick's lease does, and sending well before the claims come back.
TURN_SECONDS = 5.0
SENDING_SECONDS = 20.0
RECORDING_TRIES = 20
WAITING = Gauge("kitaphana_deliveries_waiting", "Deliveries queued or being sent", ["channel"])
NOT_IN_TIME = Retry("not sent in time for its claim", after=timedelta(), counts=False)


class Deliverer:
    """One worker: its connections stay open between batches."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.paces = pace.rates(database.settings.send_rate, database.settings.domain_rate)
        self.channels: dict[str, Channel] = {}
        self.away: dict[str, float] = {}

    def turn(self) -> bool:
        """Delivers for some seconds. True when there may be more to do at once."""
        ends = time.monotonic() + TURN_SECONDS
        while self.batch():
            if time.monotonic() > ends:
                return True
        return False

    def batch(self) -> bool:
        """One batch: claim, send, record. False when nothing more is due, or nothing more may go now."""
        room = min((each.room(clock.now(), BATCH) for each in self.paces.values()), default=BATCH)
        if room < 1:
            return False
        resting = self._resting()
        with self.database.transaction() as session:
            batch = claims.claim(session, self.paces, room, without=resting)
        if batch.claimed:
            self._record(self._send_all(batch.claimed))
        return batch.looked_at == room

    def _resting(self) -> set[str]:
        """Channels whose server was not reached: nothing is claimed for them until it answers again."""
        for name, until in list(self.away.items()):
            if time.monotonic() >= until:
                del self.away[name]
                if not self._channel(name).ready():
                    self._rest(name)
        return set(self.away)

    def _rest(self, name: str) -> None:
        self.away[name] = time.monotonic() + WAIT_FOR_SERVER.total_seconds()

    def _send_all(self, claimed: Sequence[Claimed]) -> list[Claimed]:
        """Each with its result. A server that is not reached, or too slow, gets no more of this batch."""
        ends = time.monotonic() + SENDING_SECONDS
        done = []
        for each in claimed:
            result = each.result or self._in_time(each, ends)
            if isinstance(result, Retry) and not result.counts and result is not NOT_IN_TIME:
                self._rest(each.channel)
            done.append(replace(each, result=result))
        return done

    def _in_time(self, claimed: Claimed, ends: float) -> Result:
        if time.monotonic() > ends:
            return NOT_IN_TIME
        if claimed.channel in self.away:
            return Retry("its server was not reached", counts=False)
        if each := self.paces.get(claimed.channel):
            each.spend()
        return self._send(claimed)

    def _send(self, claimed: Claimed) -> Result:
        assert claimed.parcel is not None
        try:
            return self._channel(claimed.channel).send(claimed.parcel)
        except Exception as error:
            log.exception("a channel broke", channel=claimed.channel, notice_id=claimed.notice_id)
            return Retry(describe(error))

    def _channel(self, name: str) -> Channel:
        if name not in self.channels:
            self.channels[name] = ADAPTERS[name](self.database.settings)
        return self.channels[name]

    def _record(self, done: Sequence[Claimed]) -> None:
        """What was accepted must be written down: a database that is away is waited for, as long as the claims hold."""
        for tries_left in reversed(range(RECORDING_TRIES)):
            try:
                with self.database.transaction() as session:
                    return outcomes.record(session, done)
            except OperationalError as error:
                if not tries_left or not is_down(error):
                    raise
                log.warning("what was delivered waits for the database", count=len(done))
                time.sleep(1.0)

    def close(self) -> None:
        for channel in self.channels.values():
            channel.close()


_deliverers: WeakKeyDictionary[Database, Deliverer] = WeakKeyDictionary()


def deliver(context: Context) -> bool:
    """The tick."""
    return _deliverers.setdefault(context.database, Deliverer(context.database)).turn()


def measure(context: Context) -> None:
    """The tick that keeps the gauge of what waits, by channel."""
    with context.database.reading() as session:
        waiting = select(Delivery.channel, func.count()).where(Delivery.state.in_(("queued", "sending")))
        counts = session.execute(waiting.group_by(Delivery.channel)).all()
    for channel in ADAPTERS:
        WAITING.labels(channel).set(0)
    for channel, count in counts:
        WAITING.labels(channel).set(count)
