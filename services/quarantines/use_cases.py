"""What the service can do; each takes a session and never commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from services.quarantines import calendars, decisions, queries, tree
from services.quarantines.decisions import Decision
from services.quarantines.models import Base, Branch, ClosedBranch, Quarantine, QuarantineVersion, StepReport
from services.quarantines.steps import ACTING, NO_RUN
from shared import clock, outbox
from shared.auth import caller
from shared.problems import invalid

BRANCH_FIELDS = ("name", "parent_id", "time_zone", "opening_hours", "phone")


def add_branch(session: Session, data: Mapping[str, Any]) -> Branch:
    """A new branch under a parent that exists. Raises a 422 problem naming the field."""
    caller().require_branches("admin", [data["parent_id"] or data["id"]])
    if session.get(Branch, data["id"]):
        raise invalid("id", "This already exists: {id}.", id=data["id"])
    _require_place(session, data["id"], data["parent_id"])
    branch = new_branch(data)
    session.add(branch)
    announce(session, [branch])
    return branch


def new_branch(data: Mapping[str, Any]) -> Branch:
    """Not announced yet: version 0."""
    return Branch(**data, version=0, calendar_until=clock.today(data["time_zone"]), changed_at=clock.now())


def change_branch(session: Session, branch: Branch, data: Mapping[str, Any]) -> Branch:
    """What is the same changes nothing. Raises a 422 problem for a parent that is unknown or lies below the branch."""
    caller().require_branches("admin", [branch.id, *filter(None, [data.get("parent_id")])])
    _require_place(session, branch.id, data.get("parent_id", branch.parent_id))
    announce_changes(session, {branch.id: put(branch, data)})
    return branch


def _require_place(session: Session, branch_id: str, parent_id: str | None) -> None:
    parents = queries.parents(session)
    if parent_id is not None and parent_id not in parents:
        raise invalid("parent_id", "Unknown branch: {branch_id}.", branch_id=parent_id)
    if tree.would_circle(branch_id, parent_id, parents):
        raise invalid("parent_id", "The branch would lie below itself: {branch_id}.", branch_id=branch_id)


def put(branch: Branch, data: Mapping[str, Any]) -> set[str]:
    """Writes what is new; returns the names of the fields that changed."""
    new = {name for name in BRANCH_FIELDS if name in data and data[name] != getattr(branch, name)}
    for name in new:
        setattr(branch, name, data[name])
    return new


def announce_changes(session: Session, changed: Mapping[str, set[str]]) -> None:
    """`changed`: branch id -> changed fields. With its place, a branch changes the path of all below it."""
    moved = [branch_id for branch_id, fields in changed.items() if "parent_id" in fields]
    session.flush()
    below = tree.with_all_below(moved, queries.parents(session)) if moved else []
    told = {*below, *(branch_id for branch_id, fields in changed.items() if fields)}
    branches = queries.all_branches(session) if told else {}
    announce(session, [branches[branch_id] for branch_id in sorted(told)])


def announce(session: Session, branches: Iterable[Branch]) -> None:
    """Tells the other services all they need of branches, each in a new version."""
    parents = queries.parents(session)
    for branch in branches:
        days = calendars.present_calendar(session, branch)
        branch.version += 1
        branch.calendar_until, branch.changed_at = days.last, clock.now()
        data = {
            "branch_id": branch.id,
            "version": branch.version,
            "name": branch.name,
            "parent_id": branch.parent_id,
            "path": tree.path_of(branch.id, parents),
            "time_zone": branch.time_zone,
            "opening_hours": branch.opening_hours,
            "phone": branch.phone,
            "open_days": days.to_json(),
        }
        outbox.add(session, "branch.changed.v1", branch.id, data)
    session.flush()


def declare(session: Session, body: Mapping[str, Any]) -> Quarantine:
    """Declares a quarantine: its first version, and the steps it causes."""
    decision = decisions.declare(session, body)
    declared = {"declared_at": clock.now(), "declared_by": caller().name or caller().subject}
    quarantine = Quarantine(id=decision.quarantine_id, **declared)
    session.add(quarantine)
    return _record(session, quarantine, decision)


def decide(session: Session, quarantine: Quarantine, decision: str, body: Mapping[str, Any]) -> Quarantine:
    """Changes, lifts or cancels a quarantine whose row the caller has locked; `decision` names which."""
    return _record(session, quarantine, decisions.LATER_DECISIONS[decision](session, quarantine, body))


def _record(session: Session, quarantine: Quarantine, decision: Decision) -> Quarantine:
    now = datetime.fromisoformat(decision.data["decided_at"])
    for name, value in decision.terms.items():
        setattr(quarantine, name, value)
    quarantine.version, quarantine.state = decision.version, decision.state
    quarantine.decided_at, quarantine.decided_by = now, caller().name or caller().subject
    session.flush()
    _replace(session, ClosedBranch, quarantine.id, [{"branch_id": each} for each in decision.branch_ids])
    _replace(session, StepReport, quarantine.id, [_waiting(quarantine, *step) for step in ACTING])
    version = QuarantineVersion(quarantine_id=quarantine.id, version=decision.version, data=decision.data)
    version.decided_at, version.note = now, decision.note
    version.decided_by, version.decider_name = caller().subject, caller().name
    session.add(version)
    outbox.add(session, f"quarantine.{decision.state}.v1", quarantine.id, decision.data)
    return quarantine


def _replace(session: Session, table: type[Base], quarantine_id: str, rows: Sequence[dict[str, Any]]) -> None:
    columns = table.__table__.c
    session.execute(delete(table).where(columns.quarantine_id == quarantine_id))
    session.execute(insert(table), [{"quarantine_id": quarantine_id} | row for row in rows])


def _waiting(quarantine: Quarantine, service: str, step: str) -> dict[str, Any]:
    counts = {"done": 0, "total": 0, "failed": 0}
    name = {"version": quarantine.version, "service": service, "step": step, "run_id": NO_RUN}
    times = dict.fromkeys(("said_at", "moved_at"), quarantine.decided_at)
    return name | counts | times | {"state": "waiting"}
