"""What came of one try on one channel, and what to do next: pure decisions."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_TRIES = 10
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=4)
WAIT_FOR_SERVER = timedelta(seconds=15)


@dataclass(frozen=True)
class Sent:
    """Accepted by the channel."""


@dataclass(frozen=True)
class Retry:
    """May work later. `after`: the channel said how long to wait. `counts`: False when nobody was reached at all."""

    reason: str
    after: timedelta | None = None
    counts: bool = True


@dataclass(frozen=True)
class Failed:
    """Will never work on this channel. `dead_address`: nor will anything else to this address."""

    reason: str
    dead_address: bool = False


Result = Sent | Retry | Failed


@dataclass(frozen=True)
class Next:
    """The delivery's next state (sent, queued or failed), its count of tries, and when it is due again."""

    state: str
    tries: int
    error: str | None = None
    due: datetime | None = None


def decide(result: Result, tries: int, now: datetime, chance: float | None = None) -> Next:
    """`tries`: the ones counted before this one; `chance` (0-1) is the jitter, random when not given."""
    match result:
        case Sent():
            return Next("sent", tries + 1)
        case Failed(reason):
            return Next("failed", tries + 1, reason)
        case Retry(reason, _, True) if tries + 1 >= MOST_TRIES:
            return Next("failed", tries + 1, f"{reason} ({tries + 1} tries)")
        case Retry(reason, after, counts):
            counted = tries + counts
            return Next("queued", counted, reason, now + (_wait(counted, counts, chance) if after is None else after))


def _wait(tries: int, counts: bool, chance: float | None) -> timedelta:
    usual = min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT) if counts else WAIT_FOR_SERVER
    return usual * (0.75 + (random.random() if chance is None else chance) / 2)
