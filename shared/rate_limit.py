"""How often something may be tried: counted in a table, so that it holds across processes and restarts."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import case, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared import clock
from shared.database import Database, is_sqlite
from shared.problems import too_many_tries
from shared.tables import rate_limits


def count_try(database: Database, what: str, who: str, *, at_most: int, within: timedelta) -> None:
    """Counts one try of `what` by `who`, in a transaction of its own: a try that fails counts too.

    Raises a 429 problem from the try after `at_most` until `within` has passed since the first.
    """
    with database.transaction() as session:
        count, until = _count(session, _key(what, who), clock.now(), within)
    if count > at_most:
        seconds = max(1, ceil((until - clock.now()).total_seconds()))
        raise too_many_tries(seconds)


def _key(what: str, who: str) -> str:
    """Neither addresses nor card numbers are kept."""
    return hashlib.sha256(f"{what}\n{who}".encode()).hexdigest()


def _count(session: Session, key: str, now: datetime, within: timedelta) -> tuple[int, datetime]:
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    over = rate_limits.c.until <= now
    counted = insert(rate_limits).values(key=key, count=1, until=now + within)
    again = {
        "count": case((over, 1), else_=rate_limits.c.count + 1),
        "until": case((over, counted.excluded.until), else_=rate_limits.c.until),
    }
    counted = counted.on_conflict_do_update(index_elements=["key"], set_=again)
    count, until = session.execute(counted.returning(rate_limits.c.count, rate_limits.c.until)).one()
    return count, until


def forget(session: Session) -> int:
    """Deletes the counts whose time has passed; returns how many."""
    return int(session.execute(delete(rate_limits).where(rate_limits.c.until <= clock.now())).rowcount)  # type: ignore[attr-defined]
