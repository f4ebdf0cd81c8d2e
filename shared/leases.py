"""One holder at a time, by a row that has to be renewed: no connection or transaction is held meanwhile."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared import clock
from shared.database import is_sqlite
from shared.tables import leases


def hold(session: Session, name: str, holder: str, seconds: float = 5.0, longest: float = 0.0) -> bool:
    """Takes or renews the lease for `seconds`; False when another holds it.

    `longest` is the longest time anybody holds this lease for: one that reaches further was taken before the clock
    was set back, and nobody can wait for it.
    """
    now = clock.now()
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    statement = insert(leases).values(name=name, holder=holder, until=now + timedelta(seconds=seconds))
    beyond = now + timedelta(seconds=max(seconds, longest) * 2)
    taken = statement.on_conflict_do_update(
        index_elements=[leases.c.name],
        set_={"holder": statement.excluded.holder, "until": statement.excluded.until},
        where=or_(leases.c.holder == holder, leases.c.until < now, leases.c.until > beyond),
    ).returning(leases.c.name)
    return session.execute(taken).first() is not None


def release(session: Session, name: str, holder: str) -> None:
    free = update(leases).where(leases.c.name == name, leases.c.holder == holder)
    session.execute(free.values(until=clock.now() - timedelta(seconds=1)))
