"""The decisions that move the last day of quizzes, as quarantines tells of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.quizzes.deadline_run import DEADLINES
from services.quizzes.deadlines import Decision, lock_branches
from services.quizzes.models import Branch, Closure
from services.quizzes.models import Decision as KeptDecision
from shared import runs
from shared.database import is_sqlite
from shared.events import Event


def decided(session: Session, event: Event) -> None:
    """Records the decision and starts the run that moves the days; an older version arriving late does nothing."""
    decision = Decision.of(event.data)
    scope = decision.ever_closed(session)
    _make_known(session, {branch["branch_id"]: branch["time_zone"] for branch in event.data["branches"]})
    lock_branches(session, scope, exclusive=True)
    if not _record(session, decision):
        return
    key = f"{decision.quarantine_id}:{decision.version}"
    runs.end_older(session, DEADLINES, f"{decision.quarantine_id}:", but=key)
    ever = decision.ever_closed(session)
    args = {"quarantine_id": decision.quarantine_id, "version": decision.version, "branch_ids": sorted(ever)}
    runs.start(session, DEADLINES, key, args)


def _insert(session: Session, table: type[Any]) -> Any:
    return (sqlite.insert if is_sqlite(session) else postgresql.insert)(table)


def _make_known(session: Session, zones: dict[str, str]) -> None:
    """Rows to lock for branches that only the decision has named so far."""
    rows = [{"id": branch_id, "version": 0, "time_zone": zone} for branch_id, zone in sorted(zones.items())]
    if rows:
        session.execute(_insert(session, Branch).on_conflict_do_nothing(), rows)


def _record(session: Session, decision: Decision) -> bool:
    values = {
        "version": decision.version,
        "branch_ids": sorted(decision.ever_closed(session)),
        "reason": dict(decision.reason),
    }
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
