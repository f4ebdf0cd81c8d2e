"""What the service can do; each takes a session and never commits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from services.quarantines import queries
from services.quarantines.models import Branch
from shared import clock, outbox
from shared.calendar import open_days
from shared.problems import invalid


def add_branch(session: Session, data: dict[str, Any]) -> Branch:
    """A new branch under a parent that exists. Raises a 422 problem naming the field."""
    if session.get(Branch, data["id"]):
        raise invalid("id", "This already exists: {id}.", id=data["id"])
    if data["parent_id"] and not session.get(Branch, data["parent_id"]):
        raise invalid("parent_id", "Unknown branch: {branch_id}.", branch_id=data["parent_id"])
    branch = Branch(**data, version=1, changed_at=clock.now())
    session.add(branch)
    session.flush()
    announce(session, branch)
    return branch


def announce(session: Session, branch: Branch) -> None:
    """Tells the other services all they need of a branch."""
    today = clock.today(branch.time_zone)
    first, last = today - timedelta(days=366), today + timedelta(days=1096)
    days = open_days(branch.opening_hours, first, last, session.info["settings"].country)
    data = {
        "branch_id": branch.id,
        "version": branch.version,
        "name": branch.name,
        "parent_id": branch.parent_id,
        "path": queries.path_of(session, branch.id),
        "time_zone": branch.time_zone,
        "opening_hours": branch.opening_hours,
        "open_days": days.to_json(),
    }
    outbox.add(session, "branch.changed.v1", branch.id, data)
