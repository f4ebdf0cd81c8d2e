"""When a message may go: send rates as token buckets, and quiet hours. Pure decisions on plain state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

NOT_BOUND = frozenset({"email", "inbox"})
EMERGENCY = 0


@dataclass(frozen=True)
class Bucket:
    """Holds the tokens of one second at most, one at least; a rate of 0 is no limit. `last`: when last looked at."""

    rate: float
    tokens: float
    last: datetime

    @classmethod
    def full(cls, rate: float, now: datetime) -> Bucket:
        return cls(rate, max(rate, 1.0), now)

    def at(self, now: datetime) -> Bucket:
        gained = max(0.0, (now - self.last).total_seconds()) * self.rate
        return replace(self, tokens=min(max(self.rate, 1.0), self.tokens + gained), last=max(now, self.last))

    def ready(self) -> int:
        # A token earned to within rounding is earned.
        return int(self.tokens + 1e-6)

    def take(self) -> Bucket:
        return replace(self, tokens=self.tokens - 1)


@dataclass
class Pace:
    """One channel's state: a bucket for all, one for each domain, and up to when each domain is promised."""

    rate: float
    domain_rate: float
    all: Bucket | None = None
    domains: dict[str, Bucket] = field(default_factory=dict)
    promised: dict[str, datetime] = field(default_factory=dict)

    def room(self, now: datetime, most: int) -> int:
        """How many may go at once, `most` at most."""
        if not self.rate:
            return most
        self.all = (self.all or Bucket.full(self.rate, now)).at(now)
        return min(most, self.all.ready())

    def spend(self) -> None:
        """One has gone."""
        if self.all:
            self.all = self.all.take()

    def due(self, address: str, now: datetime) -> datetime:
        """`now` when a message to that address may go now (its token is taken), else when to ask again."""
        if not self.domain_rate:
            return now
        domain = address.rpartition("@")[2].casefold()
        bucket = self.domains.get(domain, Bucket.full(self.domain_rate, now)).at(now)
        if bucket.ready():
            self.domains[domain] = bucket.take()
            return now
        self.domains[domain] = bucket
        self.promised[domain] = max(self.promised.get(domain, now), now) + timedelta(seconds=1 / self.domain_rate)
        return self.promised[domain]


def quiet_until(channel: str, local: datetime, quiet_hours: str, lane: int, emergency_may: bool = False) -> datetime:
    """`local` itself when the channel may be used then, else the end of the quiet hours ("22:00-08:00", local time)."""
    if not quiet_hours or channel in NOT_BOUND or (emergency_may and lane == EMERGENCY):
        return local
    begins, ends = (time.fromisoformat(part.strip()) for part in quiet_hours.split("-"))
    if not _within(local.time(), begins, ends):
        return local
    end = local.replace(hour=ends.hour, minute=ends.minute, second=0, microsecond=0)
    return end if end > local else end + timedelta(days=1)


def _within(moment: time, begins: time, ends: time) -> bool:
    if begins <= ends:
        return begins <= moment < ends
    return moment >= begins or moment < ends


def rates(send_rate: float, domain_rate: float) -> Mapping[str, Pace]:
    """The rates set are those of mail; other channels have their own when they come."""
    return {"email": Pace(send_rate, domain_rate)}
