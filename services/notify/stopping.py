"""Stop messages: a release that has not begun waits until somebody lets it begin.

The decision's row is locked by whoever stops and by whoever starts a release, so neither misses the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.notify.models import Decision, Stop
from shared import clock
from shared.auth import caller
from shared.problems import Problem, not_found
from shared.tables import runs

NEVER = datetime(9000, 1, 1, tzinfo=UTC)
BEGUN = "The messages have begun already."


def begins_at(session: Session, decision: Decision, planned: datetime) -> datetime:
    """When a release of this version may begin; the caller holds the decision's row."""
    return NEVER if session.get(Stop, (decision.quarantine_id, decision.version)) else planned


def state(session: Session, quarantine_id: str) -> dict[str, Any]:
    """`gathering` (books still move), `held` until `starts_at`, `stopped`, `begun`, or `none` when nothing is known."""
    decision = session.get(Decision, quarantine_id)
    if decision is None:
        return {"version": None, "state": "none"}
    stop = session.get(Stop, (quarantine_id, decision.version))
    found = {"version": decision.version, "state": "gathering"}
    if stop:
        return found | {"state": "stopped", "stopped_by": stop.by, "stopped_at": stop.at}
    releases = _releases(session, decision)
    waiting = [each.next_at for each in releases if each.state == "waiting" and each.next_at > clock.now()]
    if waiting:
        return found | {"state": "held", "starts_at": min(waiting)}
    return found | ({"state": "begun"} if releases else {})


def stop(session: Session, quarantine_id: str) -> None:
    """Raises 404, and 409 once messages of this version have begun."""
    decision = _locked(session, quarantine_id)
    held = _move(session, decision, NEVER)
    if not held and _releases(session, decision):
        raise Problem(409, BEGUN)
    if session.get(Stop, (quarantine_id, decision.version)) is None:
        who = caller().name or caller().subject
        session.add(Stop(quarantine_id=quarantine_id, version=decision.version, by=who, at=clock.now()))


def let_begin(session: Session, quarantine_id: str) -> None:
    """At once, whether stopped or held. Raises a 404 problem."""
    decision = _locked(session, quarantine_id)
    if stopped := session.get(Stop, (quarantine_id, decision.version)):
        session.delete(stopped)
    _move(session, decision, clock.now())


def _locked(session: Session, quarantine_id: str) -> Decision:
    decision = session.get(Decision, quarantine_id, with_for_update=True)
    if decision is None:
        raise not_found()
    caller().require_branches("operator", [branch["branch_id"] for branch in decision.data["branches"]])
    return decision


def _move(session: Session, decision: Decision, to: datetime) -> bool:
    """Waiting releases begin at that time; a first chunk under way holds its row, and is running when it is let go."""
    waiting = update(runs).where(*_of(decision), runs.c.state == "waiting").values(next_at=to)
    return bool(session.execute(waiting).rowcount)  # type: ignore[attr-defined]


def _releases(session: Session, decision: Decision) -> Sequence[Any]:
    return session.execute(select(runs.c.state, runs.c.next_at).where(*_of(decision))).all()


def _of(decision: Decision) -> tuple[Any, ...]:
    prefix = f"{decision.quarantine_id}:{decision.version}:"
    return runs.c.kind == "release", runs.c.key.startswith(prefix, autoescape=True)
