"""What a decision would make of a quarantine: the same for the preview and for the deed. Writes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from services.quarantines import calendars, queries, tree
from services.quarantines.models import Branch, Quarantine
from services.quarantines.periods import Period, calendar_span, settle
from shared import clock
from shared.auth import caller
from shared.calendar import OpenDays, never_opens
from shared.problems import Problem, invalid, say

Body = Mapping[str, Any]
Terms = Mapping[str, Any]
"""What a version says, by the names of the columns of `Quarantine`."""

TERMS = (
    "kind",
    "basis",
    "named",
    "starts_on",
    "ends_on",
    "reopens_on",
    "grace_days",
    "returns_per_day",
    "include_overdue",
    "reason",
    "announce",
)
PERIOD = {"ends_on", "reopens_on"}
CHANGEABLE = {*PERIOD, "grace_days", "returns_per_day", "reason", "basis"}
REASONS: Mapping[str, Mapping[str, str]] = {
    "quarantine": {"kk": "Карантин", "ru": "Карантин", "en": "Quarantine"},
    "repair": {"kk": "Жөндеу жұмыстары", "ru": "Ремонт", "en": "Repair works"},
}
NO_REASON = {"kk": "Кітапхана уақытша жабық", "ru": "Библиотека временно закрыта", "en": "The library is closed"}


@dataclass(frozen=True)
class Decision:
    """One version. `data`: the whole quarantine as the event says it."""

    quarantine_id: str
    version: int
    state: str
    terms: Terms
    branch_ids: Sequence[str]
    data: dict[str, Any]
    note: str | None


def declare(session: Session, body: Body) -> Decision:
    """Raises 422 problems for a scope, period or limit that cannot be, and 403 where the caller is no operator."""
    named = None if body["branch_ids"] == "all" else sorted(set(body["branch_ids"]))
    terms = {name: body.get(name) for name in TERMS} | {"named": named}
    terms["reason"] = body["reason"] or dict(REASONS.get(body["kind"], NO_REASON))
    return _decision(session, str(uuid.uuid4()), 1, "declared", terms, body, new_period=True)


def change(session: Session, quarantine: Quarantine, body: Body) -> Decision:
    """Longer, shorter, to or from open-ended; also how books come back, and why it was closed."""
    given = {name: body[name] for name in CHANGEABLE & set(body)}
    if not given:
        raise invalid("ends_on", "Say what changes.")
    _require_state(quarantine, "declared", "changed")
    new_period = bool(PERIOD & set(given))
    if new_period:
        given = dict.fromkeys(PERIOD) | given
    return _next(session, quarantine, "changed", given, body, new_period)


def lift(session: Session, quarantine: Quarantine, body: Body) -> Decision:
    """The doors open on `reopens_on`, after the first closed day; it may be ahead."""
    _require_state(quarantine, "declared", "changed")
    period = {"ends_on": None, "reopens_on": body["reopens_on"]}
    return _next(session, quarantine, "lifted", period, body, new_period=True)


def cancel(session: Session, quarantine: Quarantine, body: Body) -> Decision:
    """It should never have been."""
    _require_state(quarantine, "declared", "changed", "lifted")
    return _next(session, quarantine, "cancelled", {}, body, new_period=False)


LATER_DECISIONS: Mapping[str, Callable[[Session, Quarantine, Body], Decision]] = {
    "change": change,
    "lift": lift,
    "cancel": cancel,
}


def those_possible(
    session: Session, quarantine: Quarantine, bodies: Mapping[str, Body], left: Sequence[str]
) -> dict[str, Decision]:
    """By name; one that would be refused for its fields, as for a branch that never opens, is left out."""
    found: dict[str, Decision] = {}
    for name in left:
        try:
            found |= {name: LATER_DECISIONS[name](session, quarantine, bodies[name])} if name in bodies else {}
        except Problem as problem:
            if problem.status != 422:
                raise
    return found


def _require_state(quarantine: Quarantine, *states: str) -> None:
    if quarantine.state not in states:
        raise Problem(409, "This is not possible in the present state: {state}.", state=_said(quarantine.state))


def _said(state: str) -> str:
    names = {"declared": say("declared"), "changed": say("changed"), "lifted": say("lifted")}
    return names.get(state, say("cancelled"))


def _next(session: Session, quarantine: Quarantine, state: str, given: Terms, body: Body, new_period: bool) -> Decision:
    caller().require_branches("operator", queries.scope_of(session, quarantine.id))
    terms = {name: getattr(quarantine, name) for name in TERMS} | dict(given)
    terms["reason"] = terms["reason"] or quarantine.reason
    return _decision(session, quarantine.id, quarantine.version + 1, state, terms, body, new_period)


def _decision(
    session: Session, quarantine_id: str, version: int, state: str, terms: Terms, body: Body, new_period: bool
) -> Decision:
    scope = _scope(session, terms["named"])
    caller().require_branches("operator", [branch.id for branch in scope])
    if "returns_per_day" in body:
        _check_returns(body["returns_per_day"], scope)
    period = Period(terms["starts_on"], terms["ends_on"], terms["reopens_on"])
    if new_period:
        period.check_order()
    kept = _calendars(session, quarantine_id, period, scope)
    if new_period:
        _require_open_days(period, kept)
        period = settle(period, list(kept.values()))
    terms = {**terms, "ends_on": period.ends_on, "reopens_on": period.reopens_on}
    data = _event_data(quarantine_id, version, state, terms, scope, kept)
    return Decision(quarantine_id, version, state, terms, [branch.id for branch in scope], data, body.get("note"))


def _scope(session: Session, named: Sequence[str] | None) -> list[Branch]:
    """The branches a scope means today, in order of id. Raises a 422 problem naming those unknown."""
    branches = queries.all_branches(session)
    if named is None:
        if not branches:
            raise invalid("branch_ids", "There is no branch yet. Add branches first.")
        return list(branches.values())
    if unknown := [branch_id for branch_id in named if branch_id not in branches]:
        raise invalid("branch_ids", "Unknown branch: {branch_id}.", branch_id=", ".join(unknown))
    parents = {branch.id: branch.parent_id for branch in branches.values()}
    return [branches[branch_id] for branch_id in tree.with_all_below(named, parents)]


def _check_returns(returns_per_day: Any, scope: Sequence[Branch]) -> None:
    limits = returns_per_day if isinstance(returns_per_day, Mapping) else {}
    if foreign := sorted(set(limits) - {branch.id for branch in scope}):
        names = ", ".join(foreign)
        raise invalid("returns_per_day", "Not among the branches that close: {branch_id}.", branch_id=names)


def _calendars(session: Session, quarantine_id: str, period: Period, scope: Sequence[Branch]) -> dict[str, OpenDays]:
    today = min(clock.today(zone) for zone in {branch.time_zone for branch in scope})
    others_end = queries.ends_of_others(session, quarantine_id)
    first, last = calendar_span(period.starts_on, period.last_closed_day, today, others_end)
    return {branch.id: calendars.calendar_of(session, branch, first, last) for branch in scope}


def _require_open_days(period: Period, kept: Mapping[str, OpenDays]) -> None:
    ends_on = period.last_closed_day
    if ends_on is None:
        return
    if shut := [branch_id for branch_id, calendar in kept.items() if never_opens(calendar, ends_on)]:
        raise invalid(
            "branch_ids",
            "Never open in the two years after the closure: {branch_id}. Check its opening hours.",
            branch_id=", ".join(shut),
        )


def _event_data(
    quarantine_id: str,
    version: int,
    state: str,
    terms: Terms,
    scope: Sequence[Branch],
    kept: Mapping[str, OpenDays],
) -> dict[str, Any]:
    said = {name: _plain(terms[name]) for name in TERMS if name not in ("named", "returns_per_day")}
    return said | {
        "quarantine_id": quarantine_id,
        "version": version,
        "state": state,
        "everywhere": terms["named"] is None,
        "branches": [
            {
                "branch_id": branch.id,
                "time_zone": branch.time_zone,
                "open_days": kept[branch.id].to_json(),
                "returns_per_day": _limit_at(terms["returns_per_day"], branch.id),
            }
            for branch in scope
        ],
        "decided_at": clock.now().isoformat(),
        "decided_by": caller().subject,
    }


def _limit_at(returns_per_day: Any, branch_id: str) -> int | None:
    if isinstance(returns_per_day, Mapping):
        return returns_per_day.get(branch_id)
    return int(returns_per_day) if returns_per_day else None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
