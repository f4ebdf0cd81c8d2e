"""How far the notices of a decision's version are, as `step.progressed` of step "notices"."""

from __future__ import annotations

import uuid

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from services.notify.models import Delivery, Notice
from shared import outbox, runs
from shared.database import is_sqlite
from shared.tables import runs as runs_table

STEP = "notices"
KINDS_OF_RUN = ("release", "announcement")
SPACE = uuid.UUID("6d1c8c5e-0d0a-4b43-9d5c-0e3d7a1f3a55")
ON_ITS_WAY = ("queued", "sending", "waiting")


def report(session: Session, quarantine_id: str, version: int, *, released: bool | None = None) -> None:
    """Emits the step as it stands. `released`: whether the release has ended; looked up when not given."""
    session.flush()
    _one_at_a_time(session, quarantine_id)
    total, told, failed = _counts(session, quarantine_id, version)
    if released is None:
        released = not _releasing(session, quarantine_id, version)
    done = released and not _still_queued(session, quarantine_id, version)
    data = {
        "quarantine_id": quarantine_id,
        "version": version,
        "run_id": str(uuid.uuid5(SPACE, f"{quarantine_id}:{version}")),
        "service": session.info["service"],
        "step": STEP,
        "state": "done" if done else "running",
        "done": told,
        "total": total,
        "failed": failed,
        "events": 0,
    }
    outbox.add(session, "step.progressed.v1", quarantine_id, data)


def _one_at_a_time(session: Session, quarantine_id: str) -> None:
    """Two that count at once would each miss what the other has not committed, and neither would say "done"."""
    if not is_sqlite(session):
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"notices {quarantine_id}"))))


def _counts(session: Session, quarantine_id: str, version: int) -> tuple[int, int, int]:
    def count(state: str) -> object:
        return func.coalesce(func.sum(case((Notice.state == state, 1), else_=0)), 0)

    mine = (Notice.quarantine_id == quarantine_id) & (Notice.version == version)
    states = select(count("queued"), count("sent"), count("failed")).where(mine)  # type: ignore[call-overload]
    queued, sent, failed = session.execute(states).one()
    return queued + sent + failed, sent, failed


def _releasing(session: Session, quarantine_id: str, version: int) -> bool:
    mine = runs_table.c.key.startswith(f"{quarantine_id}:{version}:", autoescape=True)
    still = select(runs_table.c.id).where(runs_table.c.kind.in_(KINDS_OF_RUN), mine, runs_table.c.state.in_(runs.OPEN))
    return session.execute(still.limit(1)).first() is not None


def _still_queued(session: Session, quarantine_id: str, version: int) -> bool:
    mine = select(Notice.id).where(
        Notice.quarantine_id == quarantine_id, Notice.version == version, Notice.state == "queued"
    )
    queued = select(Delivery.id).where(Delivery.notice_id.in_(mine), Delivery.state.in_(ON_ITS_WAY))
    return session.execute(queued.limit(1)).first() is not None
