"""When a card expires: the day agreed, moved by the closures of the reader's home branch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from services.accounts.models import NO_BRANCH, Branch, Closure, Reader
from services.accounts.models import Decision as KeptDecision
from shared.calendar import ALL_DAYS, ClosureRule, OpenDays, OutsideCalendar
from shared.calendar import Closure as ClosureOfRule
from shared.database import is_sqlite


def lock_branches(session: Session, branch_ids: Collection[str], *, exclusive: bool) -> None:
    """Locks the branches' rows in the order of their ids; SQLite's one writer needs no row locks."""
    if is_sqlite(session) or not branch_ids:
        return
    lock = "UPDATE" if exclusive else "SHARE"
    statement = text(f"SELECT id FROM branches WHERE id IN :ids ORDER BY id FOR {lock}")  # noqa: S608
    session.execute(statement.bindparams(bindparam("ids", expanding=True)), {"ids": sorted(branch_ids)})


def unknown_branches(session: Session, branch_ids: Collection[str]) -> set[str]:
    known = select(Branch.id).where(Branch.id.in_(branch_ids), Branch.version > 0)
    return set(branch_ids) - set(session.scalars(known)) - {NO_BRANCH}


@dataclass(frozen=True)
class Decision:
    """A quarantine as its event tells it, seen from the cards: one closure a branch, none when cancelled."""

    quarantine_id: str
    version: int
    named: frozenset[str]
    closures: Mapping[str, dict[str, Any]]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Decision:
        scope = {each["branch_id"]: each["open_days"] for each in data["branches"]}
        if data["everywhere"]:
            scope[NO_BRANCH] = ALL_DAYS.to_json()
        ends_on = date.fromisoformat(data["ends_on"]) if data["ends_on"] else None
        starts_on = date.fromisoformat(data["starts_on"])
        # Lifted before its first day, a closure shuts nothing.
        stands = data["state"] != "cancelled" and (ends_on is None or ends_on >= starts_on)
        period = {"starts_on": starts_on, "ends_on": ends_on, "grace_days": data["grace_days"]}
        closures = {branch_id: period | {"open_days": days} for branch_id, days in scope.items()}
        return cls(data["quarantine_id"], data["version"], frozenset(scope), closures if stands else {})

    def ever_closed(self, session: Session) -> set[str]:
        """Every branch that any version so far, or this one, closes: those whose cards it may move."""
        before = session.scalar(select(KeptDecision.branch_ids).where(KeptDecision.quarantine_id == self.quarantine_id))
        return {*self.named, *(before or ())}


class ExpiryRule:
    """`in_force(branch, agreed)` for the closures as they stand, or as they would with `pretended` decided."""

    def __init__(self, session: Session, branch_ids: Collection[str], pretended: Decision | None = None) -> None:
        found: dict[str, list[ClosureOfRule]] = {branch_id: [] for branch_id in branch_ids}
        for row in session.scalars(select(Closure).where(Closure.branch_id.in_(branch_ids))):
            if pretended is None or row.quarantine_id != pretended.quarantine_id:
                found[row.branch_id].append(
                    _closure(row.quarantine_id, row.starts_on, row.ends_on, row.grace_days, row.open_days)
                )
        if pretended:
            for branch_id in set(found) & set(pretended.closures):
                found[branch_id].append(_closure(pretended.quarantine_id, **pretended.closures[branch_id]))
        self._rules = {branch_id: ClosureRule(closures) for branch_id, closures in found.items()}
        self._known: dict[tuple[str, date], date | None] = {}

    def in_force(self, branch_id: str, agreed: date | None) -> date | None:
        """Raises OutsideCalendar when the closures leave no open day in the calendar kept with them."""
        if agreed is None:
            return None
        key = (branch_id, agreed)
        if key not in self._known:
            self._known[key] = self._rules[branch_id].moved(agreed).day
        return self._known[key]

    def in_force_or_agreed(self, branch_id: str, agreed: date | None) -> date | None:
        """As agreed where the closures leave no open day: a card must not be refused for that."""
        try:
            return self.in_force(branch_id, agreed)
        except OutsideCalendar:
            return agreed


def _closure(
    quarantine_id: str, starts_on: date, ends_on: date | None, grace_days: int, open_days: Mapping[str, Any]
) -> ClosureOfRule:
    return ClosureOfRule(quarantine_id, starts_on, ends_on, OpenDays.from_json(open_days), grace_days)


@dataclass(frozen=True)
class Move:
    """All cards of one home branch with one agreed day and one day in force, and the day they get."""

    branch_id: str
    agreed: date
    was: date | None
    now: date | None
    cards: int


@dataclass(frozen=True)
class Moves:
    moves: Sequence[Move]
    without_a_day: int

    @property
    def cards(self) -> int:
        return sum(move.cards for move in self.moves)


def moves(session: Session, branch_ids: Iterable[str], pretended: Decision | None = None) -> Moves:
    """What the closures change on the cards of these branches: a few hundred distinct days, however many cards."""
    scope = set(branch_ids)
    rule = ExpiryRule(session, scope, pretended)
    dates = (Reader.home_branch_id, Reader.original_card_expires_on, Reader.card_expires_on)
    groups = select(*dates, func.count()).where(
        Reader.home_branch_id.in_(scope), Reader.original_card_expires_on.is_not(None)
    )
    found, without_a_day = [], 0
    group: Any
    for group in session.execute(groups.group_by(*dates)):
        branch_id, agreed, was, cards = group
        try:
            now = rule.in_force(branch_id, agreed)
        except OutsideCalendar:
            without_a_day += cards
            continue
        if now != was:
            found.append(Move(branch_id, agreed, was, now, cards))
    return Moves(found, without_a_day)
