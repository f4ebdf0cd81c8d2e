"""The last day of a quiz: as agreed, moved by the closures of its branch; of the whole library where it has none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.quizzes.models import DRAFT, OPEN, Attempt, Branch, Closure, Decision, Quiz
from shared.calendar import OutsideCalendar
from shared.heard_decisions import NO_BRANCH, Kept, lock_branches
from shared.heard_decisions import Decision as Heard

KEPT = Kept(Branch, Decision, Closure, of_branch=("time_zone",), of_decision=("reason",))


@dataclass(frozen=True)
class LastDay:
    """`day`: in force, none for "until we reopen"; `because_of`: the quarantine that moved it."""

    day: date | None
    because_of: str | None = None


class DeadlineRule:
    """`in_force(branch, agreed)` for the closures as they stand, or as they would with `pretended` decided."""

    def __init__(self, session: Session, branch_ids: Collection[str], pretended: Heard | None = None) -> None:
        self._rules = KEPT.rules(session, branch_ids, pretended)

    def in_force(self, branch_id: str, agreed: date | None) -> LastDay:
        """Raises OutsideCalendar when the closures leave no open day in the calendar kept with them."""
        if agreed is None:
            return LastDay(None)
        moved = self._rules[branch_id].moved(agreed)
        return LastDay(moved.day, moved.because_of)


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
    chosen = select(Decision.quarantine_id, Decision.reason).where(Decision.quarantine_id.in_(named))
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


def moves(session: Session, branch_ids: Iterable[str], pretended: Heard | None = None) -> Moves:
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


def unfinished(session: Session, quiz_ids: Collection[str]) -> dict[str, list[str]]:
    """Quiz -> the cards of readers with an unfinished attempt at it."""
    chosen = select(Attempt.quiz_id, Attempt.card_number).distinct()
    chosen = chosen.where(Attempt.state == OPEN, Attempt.card_number.is_not(None), Attempt.quiz_id.in_(quiz_ids))
    found: dict[str, list[str]] = {quiz_id: [] for quiz_id in quiz_ids}
    for quiz_id, card_number in session.execute(chosen):
        found[quiz_id].append(str(card_number))
    return found


def preview(session: Session, decision: Heard) -> dict[str, Any]:
    """Which last days a decision would move, and whose unfinished attempts that concerns."""
    found = moves(session, KEPT.ever_closed(session, decision), decision)
    cards = unfinished(session, [move.quiz_id for move in found.moves])
    return {
        "deadlines": found.deadlines,
        "readers": len(set[str]().union(*cards.values())),
        "changes": [
            {"id": move.quiz_id, "was": move.was, "now": move.now.day, "cards": cards[move.quiz_id]}
            for move in found.moves
            if cards[move.quiz_id]
        ],
    }
