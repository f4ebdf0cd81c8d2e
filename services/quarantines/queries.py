"""Reads for lists and pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from services.quarantines import calendars
from services.quarantines.models import Branch, ClosedBranch, Quarantine, QuarantineVersion, StepReport
from services.quarantines.steps import Step, progress
from shared import clock
from shared.calendar import Closure, ClosureRule, NoOpenDay, OpenDays
from shared.folding import fold
from shared.problems import not_found
from shared.tables import Key, Moment

_NEWEST = tuple_(Quarantine.declared_at, Quarantine.id)


def branches(session: Session, after: str | None, limit: int) -> Sequence[Branch]:
    """Branches by code, after that one."""
    chosen = select(Branch).order_by(Branch.id).limit(limit)
    return session.scalars(chosen.where(Branch.id > after) if after else chosen).all()


def branch(session: Session, branch_id: str, *, to_change: bool = False) -> Branch:
    """Raises a 404 problem."""
    found = session.get(Branch, branch_id, with_for_update=to_change) if "\0" not in branch_id else None
    if found is None:
        raise not_found()
    return found


def all_branches(session: Session) -> dict[str, Branch]:
    return {each.id: each for each in session.scalars(select(Branch).order_by(Branch.id))}


def parents(session: Session) -> dict[str, str | None]:
    return {row.id: row.parent_id for row in session.execute(select(Branch.id, Branch.parent_id))}


def time_zones(session: Session) -> dict[str, str]:
    return {row.id: row.time_zone for row in session.execute(select(Branch.id, Branch.time_zone))}


def closures_of(session: Session, asked: Sequence[Branch]) -> dict[str, dict[str, Any]]:
    """Branch id -> `closed` (today; until when, by which quarantine, when it opens again) and `ahead`, each or none."""
    standing = _standing(session, [each.id for each in asked])
    return {each.id: _closures(session, each, standing[each.id]) for each in asked}


def _standing(session: Session, branch_ids: Sequence[str]) -> dict[str, list[Quarantine]]:
    yesterday = clock.now().date() - timedelta(days=1)
    chosen = (
        select(ClosedBranch.branch_id, Quarantine)
        .join(Quarantine, Quarantine.id == ClosedBranch.quarantine_id)
        .where(ClosedBranch.branch_id.in_(branch_ids), Quarantine.state != "cancelled")
        .where(Quarantine.ends_on.is_(None) | (Quarantine.ends_on >= yesterday))
    )
    found: dict[str, list[Quarantine]] = defaultdict(list)
    for branch_id, quarantine in session.execute(chosen):
        found[branch_id].append(quarantine)
    return found


def _closures(session: Session, branch: Branch, standing: Sequence[Quarantine]) -> dict[str, Any]:
    if not standing:
        return {"closed": None, "ahead": None}
    today = clock.today(branch.time_zone)
    calendar = calendars.present_calendar(session, branch)
    rule = ClosureRule([Closure(each.id, each.starts_on, each.ends_on, calendar) for each in standing])
    now = [each for each in standing if each.starts_on <= today and (each.ends_on is None or today <= each.ends_on)]
    longest = max(now, key=lambda each: each.ends_on or date.max, default=None)
    after = longest.ends_on if longest else today
    coming = [each for each in standing if each.starts_on > today and after and (each.ends_on or date.max) > after]
    following = min(coming, key=lambda each: (each.starts_on, each.id), default=None)
    return {
        "closed": _said(longest, _first_open(rule, calendar, today)) if longest else None,
        "ahead": following
        and _said(following, _first_open(rule, calendar, following.starts_on)) | {"starts_on": following.starts_on},
    }


def _said(quarantine: Quarantine, reopens_on: date | None) -> dict[str, Any]:
    return {
        "quarantine_id": quarantine.id,
        "kind": quarantine.kind,
        "state": quarantine.state,
        "decided_at": quarantine.decided_at,
        "until": quarantine.ends_on,
        "reopens_on": reopens_on,
        "reason": quarantine.reason,
    }


def _first_open(rule: ClosureRule, calendar: OpenDays, today: date) -> date | None:
    try:
        return next(rule.open_from(calendar, today), None)
    except NoOpenDay:
        return None


def quarantine(session: Session, quarantine_id: str, *, to_decide: bool = False) -> Quarantine:
    """Raises a 404 problem. `to_decide` locks it: one decision at a time."""
    found = session.get(Quarantine, quarantine_id, with_for_update=to_decide)
    if found is None:
        raise not_found()
    return found


def quarantines(
    session: Session,
    state: str | None,
    branch_id: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
    search: str = "",
) -> Sequence[Quarantine]:
    """The newest first, after the one declared then with that id. `search`: words of the reason, the order, a name."""
    chosen = select(Quarantine).order_by(Quarantine.declared_at.desc(), Quarantine.id.desc())
    if state:
        chosen = chosen.where(Quarantine.state == state)
    if branch_id:
        closing = select(ClosedBranch.quarantine_id).where(ClosedBranch.branch_id == branch_id)
        chosen = chosen.where(Quarantine.id.in_(closing))
    if after:
        chosen = chosen.where(tuple_(literal(after[0], Moment), literal(after[1], Key)) > _NEWEST)
    if not (words := fold(search).split()):
        return session.scalars(chosen.limit(limit)).all()
    # A library has some hundreds of them in its life; texts in three languages are compared folded.
    found = (each for each in session.scalars(chosen) if all(word in _said_of(each) for word in words))
    return list(islice(found, limit))


def closing_between(session: Session, since: date, until: date) -> Sequence[Quarantine]:
    """Those that stand and close a day from `since` to `until`, the newest first."""
    chosen = select(Quarantine).where(Quarantine.state != "cancelled", Quarantine.starts_on <= until)
    chosen = chosen.where(Quarantine.ends_on.is_(None) | (Quarantine.ends_on >= since))
    return session.scalars(chosen.order_by(Quarantine.declared_at.desc(), Quarantine.id.desc())).all()


def _said_of(quarantine: Quarantine) -> str:
    said = [*quarantine.reason.values(), *(quarantine.basis or {}).values(), quarantine.declared_by]
    return fold(" ".join(text for text in said if text))


def scope_of(session: Session, quarantine_id: str) -> list[str]:
    return scopes(session, [quarantine_id])[quarantine_id]


def scopes(session: Session, quarantine_ids: Iterable[str]) -> dict[str, list[str]]:
    """Quarantine id -> ids of the branches its present version closes."""
    chosen = select(ClosedBranch).where(ClosedBranch.quarantine_id.in_(quarantine_ids)).order_by(ClosedBranch.branch_id)
    found: dict[str, list[str]] = defaultdict(list)
    for each in session.scalars(chosen):
        found[each.quarantine_id].append(each.branch_id)
    return found


def ends_of_others(session: Session, quarantine_id: str) -> Sequence[date]:
    """Last days of the other quarantines that stand."""
    others = select(Quarantine.ends_on).where(Quarantine.id != quarantine_id, Quarantine.state != "cancelled")
    return [day for day in session.scalars(others) if day is not None]


def history(session: Session, quarantine_id: str) -> Sequence[QuarantineVersion]:
    """Every decision on a quarantine, the first one first."""
    chosen = select(QuarantineVersion).where(QuarantineVersion.quarantine_id == quarantine_id)
    return session.scalars(chosen.order_by(QuarantineVersion.version)).all()


def decisions(
    session: Session, query: Mapping[str, Any], after: tuple[datetime, str] | None, limit: int
) -> Sequence[QuarantineVersion]:
    """Every decision on any quarantine, the newest first. `query`: since, until, who, state, search."""
    newest = (QuarantineVersion.decided_at, QuarantineVersion.quarantine_id)
    chosen = select(QuarantineVersion).order_by(*(each.desc() for each in newest))
    if query.get("since"):
        chosen = chosen.where(QuarantineVersion.decided_at >= query["since"])
    if query.get("until"):
        chosen = chosen.where(QuarantineVersion.decided_at < query["until"])
    if query.get("who"):
        chosen = chosen.where(QuarantineVersion.decided_by == query["who"])
    if after:
        chosen = chosen.where(tuple_(literal(after[0], Moment), literal(after[1], Key)) > tuple_(*newest))
    words, state = fold(query["search"]).split(), query.get("state")
    if not words and not state:
        return session.scalars(chosen.limit(limit)).all()
    # As with quarantines: some hundreds in a library's life, and their texts are compared folded.
    found = (each for each in session.scalars(chosen) if state in (None, each.data["state"]))
    return list(islice((each for each in found if all(word in _said_at(each) for word in words)), limit))


def _said_at(version: QuarantineVersion) -> str:
    said = [*version.data["reason"].values(), version.decider_name, version.note]
    return fold(" ".join(text for text in said if text))


def progress_of(session: Session, versions: Mapping[str, int]) -> dict[str, list[Step]]:
    """Quarantine id -> the steps of that version of it."""
    reports: dict[str, list[StepReport]] = {quarantine_id: [] for quarantine_id in versions}
    for report in session.scalars(select(StepReport).where(StepReport.quarantine_id.in_(versions))):
        if report.version == versions[report.quarantine_id]:
            reports[report.quarantine_id].append(report)
    hold = timedelta(minutes=session.info["settings"].notice_hold)
    return {quarantine_id: progress(each, clock.now(), hold) for quarantine_id, each in reports.items()}
