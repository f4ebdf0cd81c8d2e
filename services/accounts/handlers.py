"""Events in: branches, and the decisions that move the day a card expires."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.accounts.expiry import Decision, lock_branches
from services.accounts.models import Branch, Closure
from services.accounts.models import Decision as KeptDecision
from services.accounts.runs import CARDS
from shared import runs
from shared.database import is_sqlite
from shared.events import Event
from shared.handlers import each


def _insert(session: Session, table: type[Any]) -> Any:
    return (sqlite.insert if is_sqlite(session) else postgresql.insert)(table)


def branch_changed(session: Session, event: Event) -> None:
    statement = _insert(session, Branch).values(id=event.data["branch_id"], version=event.data["version"])
    new = statement.excluded.version
    session.execute(
        statement.on_conflict_do_update(index_elements=["id"], set_={"version": new}, where=Branch.version < new)
    )


def decided(session: Session, event: Event) -> None:
    """Records the decision and starts the run that moves the cards; an older version arriving late does nothing."""
    decision = Decision.of(event.data)
    scope = decision.ever_closed(session)
    _make_known(session, scope)
    lock_branches(session, scope, exclusive=True)
    if not _record(session, decision):
        return
    key = f"{decision.quarantine_id}:{decision.version}"
    runs.end_older(session, CARDS, f"{decision.quarantine_id}:", but=key)
    ever = decision.ever_closed(session)
    args = {"quarantine_id": decision.quarantine_id, "version": decision.version, "branch_ids": sorted(ever)}
    runs.start(session, CARDS, key, args)


def _make_known(session: Session, branch_ids: set[str]) -> None:
    """Rows to lock for branches that only the decision has named so far."""
    rows = [{"id": branch_id, "version": 0} for branch_id in sorted(branch_ids)]
    session.execute(_insert(session, Branch).on_conflict_do_nothing(), rows)


def _record(session: Session, decision: Decision) -> bool:
    values = {"version": decision.version, "branch_ids": sorted(decision.ever_closed(session))}
    statement = _insert(session, KeptDecision).values(quarantine_id=decision.quarantine_id, **values)
    newer = statement.on_conflict_do_update(
        index_elements=["quarantine_id"], set_=values, where=KeptDecision.version < decision.version
    )
    if session.execute(newer.returning(KeptDecision.version)).first() is None:
        return False
    session.execute(delete(Closure).where(Closure.quarantine_id == decision.quarantine_id))
    rows = [
        {"quarantine_id": decision.quarantine_id, "branch_id": branch_id, **closure}
        for branch_id, closure in decision.closures.items()
    ]
    if rows:
        session.execute(insert(Closure), rows)
    return True


HANDLERS = {
    "branch.changed.v1": each(branch_changed),
    "quarantine.declared.v1": each(decided),
    "quarantine.changed.v1": each(decided),
    "quarantine.lifted.v1": each(decided),
    "quarantine.cancelled.v1": each(decided),
}
