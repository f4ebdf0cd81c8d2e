"""Events in: branches, and the decisions that move the day a card expires."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.accounts.expiry import KEPT
from services.accounts.models import Branch
from services.accounts.runs import CARDS
from shared.database import is_sqlite
from shared.events import Event
from shared.handlers import each


def branch_changed(session: Session, event: Event) -> None:
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    statement = insert(Branch).values(id=event.data["branch_id"], version=event.data["version"])
    new = statement.excluded.version
    session.execute(
        statement.on_conflict_do_update(index_elements=["id"], set_={"version": new}, where=Branch.version < new)
    )


def decided(session: Session, event: Event) -> None:
    KEPT.decided(session, event, CARDS)


HANDLERS = {
    "branch.changed.v1": each(branch_changed),
    "quarantine.declared.v1": each(decided),
    "quarantine.changed.v1": each(decided),
    "quarantine.lifted.v1": each(decided),
    "quarantine.cancelled.v1": each(decided),
}
