"""The last day of a quiz: as agreed, moved by the closures of its branch; of the whole library where it has none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from services.quizzes.models import DRAFT, NO_BRANCH, OPEN, Attempt, Closure, Quiz
from services.quizzes.models import Decision as KeptDecision
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


@dataclass(frozen=True)
class Decision:
    """A quarantine as its event tells it, seen from the quizzes: one closure a branch, none when cancelled."""

    quarantine_id: str
    version: int
    reason: Mapping[str, str | None]
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
        closures = {branch_id: period | {"open_days": days} for branch_id, days in scope.items()} if stands else {}
        return cls(data["quarantine_id"], data["version"], data["reason"], frozenset(scope), closures)

    def ever_closed(self, session: Session) -> set[str]:
        """Every branch that any version so far, or this one, closes: those whose quizzes it may move."""
        before = session.scalar(select(KeptDecision.branch_ids).where(KeptDecision.quarantine_id == self.quarantine_id))
        return {*self.named, *(before or ())}


@dataclass(frozen=True)
class LastDay:
    """`day`: in force, none for "until we reopen"; `because_of`: the quarantine that moved it."""

    day: date | None
    because_of: str | None = None


class DeadlineRule:
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

    def in_force(self, branch_id: str, agreed: date | None) -> LastDay:
        """Raises OutsideCalendar when the closures leave no open day in the calendar kept with them."""
        if agreed is None:
            return LastDay(None)
        moved = self._rules[branch_id].moved(agreed)
        return LastDay(moved.day, moved.because_of)


def _closure(
    quarantine_id: str, starts_on: date, ends_on: date | None, grace_days: int, open_days: Mapping[str, Any]
) -> ClosureOfRule:
    return ClosureOfRule(quarantine_id, starts_on, ends_on, OpenDays.from_json(open_days), grace_days)


def in_force(session: Session, branch_id: str | None, agreed: date | None) -> tuple[date | None, Any]:
    """The last day in force for a day agreed just now, and why where it is another one: the reason's texts.

    As agreed where the closures leave no open day: a quiz must not be refused for that.
    """
    branch_id = branch_id or NO_BRANCH
    lock_branches(session, [branch_id], exclusive=False)
    try:
        found = DeadlineRule(session, [branch_id]).in_force(branch_id, agreed)
    except OutsideCalendar:
        return agreed, None
    return found.day, reasons(session, [found]).get(found.because_of or "")


def reasons(session: Session, days: Iterable[LastDay]) -> dict[str, Any]:
    """Quarantine -> its reason in three languages."""
    named = sorted({each.because_of for each in days if each.because_of})
    if not named:
        return {}
    chosen = select(KeptDecision.quarantine_id, KeptDecision.reason).where(KeptDecision.quarantine_id.in_(named))
    return {row.quarantine_id: row.reason for row in session.execute(chosen)}


@dataclass(frozen=True)
class Move:
    """A quiz whose last day becomes another one."""

    quiz_id: str
    state: str
    was: date | None
    now: LastDay


@dataclass(frozen=True)
class Moves:
    """`without_a_day`: how many quizzes the closures leave no open day for; they stay as they are."""

    moves: Sequence[Move]
    without_a_day: int = 0

    @property
    def deadlines(self) -> int:
        """Those that readers know of."""
        return sum(move.state != DRAFT for move in self.moves)


def moves(session: Session, branch_ids: Iterable[str], pretended: Decision | None = None) -> Moves:
    """What the closures change on the quizzes of these branches, in the order of their ids."""
    scope = set(branch_ids)
    rule = DeadlineRule(session, scope, pretended)
    place = func.coalesce(Quiz.branch_id, NO_BRANCH)
    chosen = select(Quiz.id, Quiz.state, place, Quiz.original_closes_on, Quiz.closes_on).where(
        place.in_(scope), Quiz.original_closes_on.is_not(None)
    )
    found, without_a_day = [], 0
    quiz: Any
    for quiz in session.execute(chosen.order_by(Quiz.id)):
        quiz_id, state, branch_id, agreed, was = quiz
        try:
            now = rule.in_force(branch_id, agreed)
        except OutsideCalendar:
            without_a_day += 1
            continue
        if now.day != was:
            found.append(Move(quiz_id, state, was, now))
    return Moves(found, without_a_day)


def readers_in(session: Session, quiz_ids: Collection[str]) -> int:
    """How many readers have an unfinished attempt at one of these quizzes."""
    unfinished = select(func.count(Attempt.card_number.distinct())).where(
        Attempt.state == OPEN, Attempt.card_number.is_not(None), Attempt.quiz_id.in_(quiz_ids)
    )
    return session.scalar(unfinished) or 0
