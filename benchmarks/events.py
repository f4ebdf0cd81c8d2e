"""The events of a real run, kept so that relay and consumer can be given the same ones again and again."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.library import Library, closed, fill_branches, fill_loans
from benchmarks.runs import the_run
from benchmarks.spine import Spine, vacuum
from shared.broker import Message

TYPE = "loans.due_dates_changed.v1"


def make(spine: Spine, library: Library) -> int:
    """Lets a run write them; returns how many."""
    database = spine.database("loans")
    with database.transaction() as session:
        session.execute(text("TRUNCATE branches"))
        fill_branches(session, library)
        fill_loans(session, library)
    the_run(database, closed(database, library))
    with database.transaction() as session:
        return keep(session)


def keep(session: Session) -> int:
    """Those that stand in the outbox of loans; returns how many."""
    session.execute(text("DROP TABLE IF EXISTS outbox_master"))
    session.execute(text(f"CREATE TABLE outbox_master AS SELECT * FROM outbox WHERE type = '{TYPE}'"))
    session.execute(text("UPDATE outbox_master SET sent_at = NULL"))
    return int(session.execute(text("SELECT count(*) FROM outbox_master")).scalar_one())


def put_back(spine: Spine, only_one: bool = False) -> None:
    """All of them unsent, as the run left them; or the first alone."""
    database = spine.database("loans")
    with database.transaction() as session:
        session.execute(text("TRUNCATE outbox"))
        some = " ORDER BY id LIMIT 1" if only_one else ""
        session.execute(text(f"INSERT INTO outbox SELECT * FROM outbox_master{some}"))
    vacuum(database, "outbox")


def messages(spine: Spine) -> list[Message]:
    """As the relay would send them."""
    put_back(spine)
    relay = spine.relay("loans")
    after, found = 0, list[Message]()
    while window := relay._fetch(after):
        found += [message for _, message in window]
        after = window[-1][0]
    return found


def bodies(spine: Spine) -> list[bytes]:
    return [message.body for message in messages(spine)]
