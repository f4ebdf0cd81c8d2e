"""Which lines a digest has: of what a decision moved, the days that are not the ones last told.

The release reads the lines as they are; the preview, which changes nothing, as they would be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Executable, Select, and_, case, exists, false, literal, not_, or_, select
from sqlalchemy.orm import Session

from services.notify.models import Book, DateLine, Move, Notice, Person

CARD = "card"


def not_begun(quarantine_id: str) -> tuple[ColumnElement[bool], ...]:
    """Notices of a decision that nobody has claimed for sending, or could be sent: the next one takes them back."""
    return (
        Notice.quarantine_id == quarantine_id,
        Notice.state.in_(("queued", "failed")),
        Notice.claimed_at.is_(None),
        Notice.told_at.is_(None),
    )


def last_told(taken_back: Select[str] | None = None) -> ColumnElement[date | None]:
    """The day that a book's reader was last told.

    A notice that waits in the queue tells its day; only once it is taken back is the day before it the last told
    again. `taken_back`: ids of notices to be counted as taken back.
    """
    back = false() if taken_back is None else Book.queued_by.in_(taken_back)
    return case((or_(Book.queued_by.is_(None), back), Book.told_on), else_=Book.queued_on)


def _told_of(kind: str, day: date | None) -> bool:
    """A card without an end simply stays valid: nothing to tell until it has a day again."""
    return not (kind == CARD and day is None)


def _told_of_in_sql() -> ColumnElement[bool]:
    return not_(and_(DateLine.kind == CARD, DateLine.day.is_(None)))


def book_lines(quarantine_id: str, after: str, last: str) -> Executable:
    """By addressee, of those in (after, last]: a row for each book, `was` last told and `now` in force."""
    return (
        select(
            Person.addressee,
            Book.loan_id,
            Book.card_number,
            Book.title,
            Book.author,
            Book.branch_id,
            Book.told_on.label("was"),
            Book.due_on.label("now"),
            Book.told_by.is_not(None).label("told_before"),
        )
        .join(Move, Move.card_number == Person.card_number)
        .join(Book, Book.loan_id == Move.loan_id)
        .where(Move.quarantine_id == quarantine_id, Book.out, Book.due_on.is_distinct_from(last_told()))
        .where(Person.addressee > after, Person.addressee <= last, Person.erased.is_(False))
        .order_by(Person.addressee, Book.card_number, Book.due_on, Book.title, Book.loan_id)
    )


def date_lines(quarantine_id: str, after: str, last: str) -> Executable:
    """By addressee, of those in (after, last]: a row for each other day that moved."""
    columns = (DateLine.card_number, DateLine.service, DateLine.item_id, DateLine.kind, DateLine.title)
    return (
        select(Person.addressee, *columns, DateLine.told_on.label("was"), DateLine.day.label("now"))
        .join(DateLine, DateLine.card_number == Person.card_number)
        .where(DateLine.quarantine_id == quarantine_id, DateLine.queued_by.is_(None))
        .where(DateLine.day.is_distinct_from(DateLine.told_on), _told_of_in_sql())
        .where(Person.addressee > after, Person.addressee <= last, Person.erased.is_(False))
        .order_by(Person.addressee, DateLine.card_number, DateLine.service, DateLine.item_id)
    )


class UnsettledBook(NamedTuple):
    """A book whose reader knows another day than the one in force. `moved`: by the decision looked at, before."""

    card_number: str
    due_on: date | None
    told_on: date | None
    moved: bool


class UnsettledDate(NamedTuple):
    kind: str
    day: date | None
    told_on: date | None


UnsettledDates = Mapping[tuple[str, str, str], UnsettledDate]
"""(card, service, item) -> the day in force and the other one that its reader knows; a reader's own card is item ""."""


def unsettled_books(session: Session, quarantine_id: str) -> dict[str, UnsettledBook]:
    """By loan, once what this decision has not begun to send is taken back."""
    told = last_told(select(Notice.id).where(*not_begun(quarantine_id)))
    moved = exists().where(
        Move.quarantine_id == quarantine_id, Move.card_number == Book.card_number, Move.loan_id == Book.loan_id
    )
    chosen = select(Book.loan_id, Book.card_number, Book.due_on, told, moved)
    rows = session.execute(chosen.where(Book.out, Book.due_on.is_distinct_from(told)))
    return {row[0]: UnsettledBook(*row[1:]) for row in rows}


def unsettled_dates(session: Session, quarantine_id: str) -> dict[tuple[str, str, str], UnsettledDate]:
    item = case((DateLine.kind == CARD, literal("")), else_=DateLine.item_id)
    key = (DateLine.card_number, DateLine.service, item)
    chosen = select(*key, DateLine.kind, DateLine.day, DateLine.told_on)
    mine = chosen.where(DateLine.quarantine_id == quarantine_id, DateLine.day.is_distinct_from(DateLine.told_on))
    return {(row[0], row[1], row[2]): UnsettledDate(*row[3:]) for row in session.execute(mine)}


def cards_with_books(again: Sequence[Mapping[str, Any]], unsettled: Mapping[str, UnsettledBook]) -> set[str]:
    """Whose books would stand in the digest.

    `again`: groups `{now, loans, cards}` of loans that the decision would move to that day. Whoever is in `unsettled`
    knows another day than the one in force, everybody else that one, which is not `now`.
    """
    found: set[str] = set()
    for group in again:
        found.update(
            card
            for loan_id, card in zip(group["loans"], group["cards"], strict=True)
            if loan_id not in unsettled or unsettled[loan_id].told_on != group["now"]
        )
    moving = {loan_id for group in again for loan_id in group["loans"]} if unsettled else set()
    return found | {book.card_number for loan_id, book in unsettled.items() if book.moved and loan_id not in moving}


def cards_with_dates(groups: Iterable[Mapping[str, Any]], unsettled: UnsettledDates) -> set[str]:
    """Whose other days would stand in the digest.

    `groups`: `{service, kind, id, now, cards}`, without an id where it is their own cards that move.
    """
    found: set[str] = set()
    moving: set[tuple[str, str, str]] = set()
    for group in groups:
        keys = [(card, group["service"], group["id"] or "") for card in group["cards"]]
        moving.update(keys)
        if _told_of(group["kind"], group["now"]):
            found.update(key[0] for key in keys if not _knows(unsettled.get(key), group["now"]))
    return found | _left_alone(moving, unsettled)


def _knows(line: UnsettledDate | None, day: date | None) -> bool:
    return line is not None and line.told_on == day


def _left_alone(moving: Collection[tuple[str, str, str]], unsettled: UnsettledDates) -> set[str]:
    return {key[0] for key, line in unsettled.items() if key not in moving and _told_of(line.kind, line.day)}
