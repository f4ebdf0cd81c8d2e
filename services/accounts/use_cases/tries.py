"""Tries counted by what was tried, before it is known whether they succeed."""

from __future__ import annotations

import math
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.accounts.hashing import keyed
from services.accounts.lockout import Patience, counted, wait
from services.accounts.models import Tries
from shared import clock
from shared.database import is_sqlite
from shared.settings import secret_of


def key_of(session: Session, what: str, value: str) -> str:
    return keyed(secret_of(session.info["settings"]), f"tries {what}", value)


def count(session: Session, patience: Patience, key: str) -> int:
    """Counts one more try; returns the seconds still to wait instead when it comes too early (0: go on)."""
    now = clock.now()
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    session.execute(insert(Tries).values(key=key, count=0, last_at=now).on_conflict_do_nothing())
    tried = session.execute(
        select(Tries.count.label("before"), Tries.last_at).where(Tries.key == key).with_for_update()
    ).one()
    before: int = tried.before
    if left := wait(patience, before, tried.last_at, now):
        return math.ceil(left.total_seconds())
    again = counted(patience, before, tried.last_at, now) + 1
    session.execute(update(Tries).where(Tries.key == key).values(count=again, last_at=now))
    return 0


def forget(session: Session, key: str) -> None:
    session.execute(delete(Tries).where(Tries.key == key))


def take_back(session: Session, key: str) -> None:
    """One try less: it was a good one."""
    session.execute(update(Tries).where(Tries.key == key, Tries.count > 0).values(count=Tries.count - 1))


def forget_old(session: Session, age: timedelta) -> None:
    session.execute(delete(Tries).where(Tries.last_at < clock.now() - age))
