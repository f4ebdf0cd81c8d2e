"""When a card expires: the day agreed, moved by the closures of the reader's home branch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, column, func, select, text
from sqlalchemy.orm import Session

from services.accounts.models import Branch, Closure, Decision, Reader
from shared.calendar import OutsideCalendar
from shared.database import dump_json, is_sqlite, rows_table
from shared.heard_decisions import NO_BRANCH, Kept
from shared.heard_decisions import Decision as Heard

KEPT = Kept(Branch, Decision, Closure)


def unknown_branches(session: Session, branch_ids: Collection[str]) -> set[str]:
    known = select(Branch.id).where(Branch.id.in_(branch_ids), Branch.version > 0)
    return set(branch_ids) - set(session.scalars(known)) - {NO_BRANCH}


class ExpiryRule:
    """`in_force(branch, agreed)` for the closures as they stand, or as they would with `pretended` decided."""

    def __init__(self, session: Session, branch_ids: Collection[str], pretended: Heard | None = None) -> None:
        self._rules = KEPT.rules(session, branch_ids, pretended)
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


def moves(session: Session, branch_ids: Iterable[str], pretended: Heard | None = None) -> Moves:
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


_DAYS = {"branch_id": "text", "agreed": "date", "was": "date", "now": "date"}


def moving(session: Session, columns: str) -> str:
    """SELECT of readers whose card moves, beside `moves.was` and `moves.now`; bind `moves` with `as_rows`."""
    same_day = "IS" if is_sqlite(session) else "IS NOT DISTINCT FROM"
    return (
        f"SELECT {columns} FROM readers JOIN {rows_table(session, 'moves', _DAYS)} "  # noqa: S608
        "ON readers.home_branch_id = moves.branch_id AND readers.original_card_expires_on = moves.agreed "
        f"AND readers.card_expires_on {same_day} moves.was"
    )


def as_rows(found: Iterable[Move]) -> str:
    return dump_json([{name: getattr(move, name) for name in _DAYS} for move in found])


def cards_moving(session: Session, found: Sequence[Move]) -> Sequence[Row[str, date | None, date | None]]:
    """(card number, day in force, day to come) of each of these moves."""
    if not found:
        return []
    expires_on = Reader.__table__.c.card_expires_on.type
    chosen = text(moving(session, "readers.card_number, moves.was AS was, moves.now AS now"))
    typed = chosen.columns(Reader.card_number, column("was", expires_on), column("now", expires_on))
    return session.execute(typed, {"moves": as_rows(found)}).all()
