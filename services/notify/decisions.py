"""Decisions as quarantines tells them: a newer version replaces or withdraws what has not gone out."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.notify import gathering
from services.notify.lines import not_begun
from services.notify.models import Book, Branch, DateLine, Decision, Delivery, Notice
from shared import runs
from shared.bulk import insert_rows
from shared.events import Event

NEWER_BRANCH = """ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = excluded.name,
    time_zone = excluded.time_zone, open_days = excluded.open_days WHERE excluded.version > branches.version"""
NEWER_DECISION = """ON CONFLICT (quarantine_id) DO UPDATE SET version = excluded.version, state = excluded.state,
    data = excluded.data WHERE excluded.version > decisions.version"""


def on_branches(session: Session, events: Sequence[Event]) -> None:
    newest = {}
    for event in sorted(events, key=lambda event: event.data["version"]):
        data = event.data
        row = {"id": data["branch_id"], "version": data["version"], "name": data["name"]}
        newest[data["branch_id"]] = row | {"time_zone": data["time_zone"], "open_days": data["open_days"]}
    insert_rows(session, Branch.__table__, list(newest.values()), then=NEWER_BRANCH)  # type: ignore[arg-type]


def on_decision(session: Session, event: Event) -> None:
    data = event.data
    known = session.get(Decision, data["quarantine_id"], with_for_update=True)
    if known is not None and known.version >= data["version"]:
        return
    row = {name: data[name] for name in ("quarantine_id", "version", "state")} | {"data": dict(data)}
    insert_rows(session, Decision.__table__, [row], then=NEWER_DECISION)  # type: ignore[arg-type]
    if known is not None:
        session.expire(known)
    runs.end_older(session, "release", f"{data['quarantine_id']}:")
    gathering.forget_overtaken(session, data["quarantine_id"], data["version"])
    take_back(session, data["quarantine_id"], "withdrawn" if data["state"] == "cancelled" else "replaced")


def take_back(session: Session, quarantine_id: str, state: str) -> int:
    """Notices of a decision that have not begun to be sent, or cannot be, are not. Returns how many."""
    queued = update(Notice).where(*not_begun(quarantine_id))
    taken = session.scalars(queued.values(state=state).returning(Notice.id)).all()
    if not taken:
        return 0
    back = select(Notice.id).where(Notice.quarantine_id == quarantine_id, Notice.state == state)
    open_ones = update(Delivery).where(Delivery.notice_id.in_(back), Delivery.state.in_(("queued", "waiting")))
    session.execute(open_ones.values(state=state, next_try_at=None))
    session.execute(update(Book).where(Book.queued_by.in_(back)).values(queued_by=None, queued_on=None))
    session.execute(update(DateLine).where(DateLine.queued_by.in_(back)).values(queued_by=None))
    return len(taken)
