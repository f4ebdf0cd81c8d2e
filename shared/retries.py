"""What to do with an event that failed: a pure decision."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_TRIES = 8
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=30)


class NeverWorks(Exception):
    """Raised by a handler for an event that no later try can save; the text is the reason."""


class NotYet(Exception):
    """Raised by a handler for an event that names something not heard of yet."""


@dataclass(frozen=True)
class TryAgain:
    at: datetime


@dataclass(frozen=True)
class Park:
    reason: str


def decide(error: BaseException, tries: int, now: datetime, chance: float | None = None) -> TryAgain | Park:
    """`tries` counts the failed ones, this one included; `chance` (0-1) is the jitter, random when not given."""
    if isinstance(error, NeverWorks):
        return Park(str(error))
    if tries >= MOST_TRIES:
        return Park(f"failed {tries} times: {describe(error)}")
    wait = min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
    jitter = random.random() if chance is None else chance
    return TryAgain(now + wait * (0.75 + jitter / 2))


def describe(error: BaseException) -> str:
    """One line about an error, for people; the first line only: the rest may hold a row's values."""
    first = str(error).splitlines()[0] if str(error) else ""
    return f"{type(error).__name__}: {first}"[:500]
