"""How long a login rests after failed tries: a pure decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Patience:
    """`free` tries cost nothing; each further one doubles the wait, from `first` to `longest`; after `forget`
    without a try the count begins anew."""

    free: int
    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=15)
    forget: timedelta = timedelta(hours=24)


LOGIN = Patience(free=5)
ADDRESS = Patience(free=100, forget=timedelta(hours=1))
CODE_FOR_CARD = Patience(free=3, first=timedelta(minutes=1), longest=timedelta(hours=1))
CODE_FROM_ADDRESS = Patience(free=30, first=timedelta(minutes=1), forget=timedelta(hours=1))


def counted(patience: Patience, count: int, last_at: datetime, now: datetime) -> int:
    """How many of the earlier tries still count."""
    return 0 if now - last_at >= patience.forget else count


def wait(patience: Patience, count: int, last_at: datetime, now: datetime) -> timedelta:
    """What is left of the wait before the next try; zero when it may be made."""
    over = counted(patience, count, last_at, now) - patience.free
    if over < 0:
        return timedelta()
    full = min(patience.first * 2.0 ** min(over, 30), patience.longest)
    return max(timedelta(), last_at + full - now)
