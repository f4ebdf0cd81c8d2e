"""Books due soon or overdue: what loans says of each, gathered into one notice for each person and day."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from services.notify import channels_of, closures, people, writing
from services.notify.channels_of import Recipient
from services.notify.closures import Closures
from services.notify.models import Notice, NoticeCard, Person
from services.notify.occasions import DueBook, DueSection, Reminder, ReminderKind, worth_saying
from services.notify.stored import from_json
from services.notify.writing import Draft
from shared import clock
from shared.bulk import insert_rows
from shared.events import Event

SPACE = uuid.UUID("2f7e3f0a-5a51-4b7b-8f5e-6f0f6c1f0b11")
# Long enough for the books of one person to come together, short enough for a reminder to be of today.
GATHERED_FOR = timedelta(seconds=60)
# A server that was away for days must not let out a heap of yesterday's reminders.
STALE_AFTER = timedelta(days=2)
KINDS: Mapping[str, ReminderKind] = {"loan.due_soon.v1": "due_soon", "loan.overdue.v1": "overdue"}


@dataclass(frozen=True)
class Due:
    """One book to remind of, by the reader's card."""

    card_number: str
    book: DueBook


def on_reminders(session: Session, events: Sequence[Event]) -> None:
    """loan.due_soon, loan.overdue: the books of branches that a closure has shut by now are left out."""
    people.require_known(session, {event.data["card_number"] for event in events})
    standing = closures.standing(session)
    found: dict[tuple[str, ReminderKind, date], list[Due]] = defaultdict(list)
    addressee_of = _addressees(session, {event.data["card_number"] for event in events})
    for event in events:
        loan, kind = event.data, KINDS[event.type]
        day = date.fromisoformat(loan["day"])
        book = _book(loan, standing, day)
        # Erased people are nobody's readers any more.
        if loan["card_number"] in addressee_of and worth_saying(kind, [book], day):
            found[addressee_of[loan["card_number"]], kind, day].append(Due(loan["card_number"], book))
    _remind(session, found)


def _addressees(session: Session, cards: set[str]) -> dict[str, str]:
    asked = select(Person.card_number, Person.addressee).where(
        Person.card_number.in_(bindparam("cards", expanding=True)), Person.erased.is_(False)
    )
    return {row.card_number: row.addressee for row in session.execute(asked, {"cards": sorted(cards)})}


def _book(loan: Mapping[str, Any], standing: Closures, day: date) -> DueBook:
    branch_id = loan["branch_id"]
    return DueBook(
        title=loan["title"],
        due=date.fromisoformat(loan["due_on"]) if loan["due_on"] else None,
        author=loan.get("author") or "",
        branch=standing.names.get(branch_id, {}),
        closed=branch_id in standing.rules and standing.rules[branch_id].shuts(day),
    )


def _remind(session: Session, found: Mapping[tuple[str, ReminderKind, date], Sequence[Due]]) -> None:
    ids = {key: notice_id_of(*key) for key in found}
    begun = _begun(session, list(ids.values()))
    families = writing.families(session, {addressee for addressee, _, _ in found})
    recipients = writing.recipients(session, families)
    drafts = []
    for (addressee, kind, day), due in sorted(found.items()):
        notice_id = ids[addressee, kind, day]
        if notice_id in begun and begun[notice_id].claimed_at is not None:
            # The notice of that day has gone: what comes later must still be said, once.
            notice_id = notice_id_of(addressee, kind, day, sorted(each.book.title for each in due))
        elif notice_id in begun:
            _add_to(session, begun[notice_id], families[addressee], due)
            continue
        drafts.append(_draft(notice_id, addressee, recipients[addressee], kind, day, families[addressee], due))
    writing.write(session, drafts)


def notice_id_of(addressee: str, kind: str, day: date, more: Sequence[str] = ()) -> str:
    """The same person, kind and day give the same notice."""
    return str(uuid.uuid5(SPACE, "\n".join((addressee, kind, day.isoformat(), *more))))


def _begun(session: Session, ids: Sequence[str]) -> dict[str, Notice]:
    chosen = select(Notice).where(Notice.id.in_(bindparam("ids", expanding=True))).with_for_update()
    return {notice.id: notice for notice in session.scalars(chosen, {"ids": ids})}


def _draft(
    notice_id: str,
    addressee: str,
    to: Recipient,
    kind: ReminderKind,
    day: date,
    family: Sequence[Mapping[str, Any]],
    due: Sequence[Due],
) -> Draft:
    words = Reminder(to.language, to.name, day, sections(family, due), kind)
    about = [each.card_number for each in due]
    ends = (clock.now() + STALE_AFTER).isoformat()
    return Draft(notice_id, kind, addressee, to, about, words, hold=GATHERED_FOR, extra={"expires_at": ends})


def sections(family: Sequence[Mapping[str, Any]], due: Iterable[Due]) -> tuple[DueSection, ...]:
    """Each reader's books under their name, earliest first."""
    books: dict[str, list[DueBook]] = defaultdict(list)
    for each in due:
        books[each.card_number].append(each.book)
    return tuple(
        DueSection(channels_of.full_name(reader), tuple(_in_order(books[reader["card_number"]])))
        for reader in family
        if reader["card_number"] in books
    )


def _in_order(books: Iterable[DueBook]) -> list[DueBook]:
    return sorted(books, key=lambda book: (book.due or date.max, book.title))


def _add_to(session: Session, notice: Notice, family: Sequence[Mapping[str, Any]], due: Sequence[Due]) -> None:
    """Puts later books into a notice that still waits, under their readers' names."""
    words = from_json(Reminder, notice.content["data"])
    more = sections(family, due)
    names = list(dict.fromkeys(section.name for section in (*words.readers, *more)))
    merged = tuple(DueSection(name, _merged(name, words.readers, more)) for name in names)
    new = Reminder(words.language, words.name, words.written_on, merged, words.kind)
    notice.content = {**notice.content, **writing.content_of(new)}
    notice.about = sorted({*notice.about, *(each.card_number for each in due)})
    cards = [{"card_number": card, "notice_id": notice.id} for card in notice.about]
    insert_rows(session, NoticeCard.__table__, cards, then="ON CONFLICT DO NOTHING")  # type: ignore[arg-type]


def _merged(name: str, *sides: Sequence[DueSection]) -> tuple[DueBook, ...]:
    books = [book for side in sides for section in side if section.name == name for book in section.books]
    return tuple(_in_order({repr(book): book for book in books}.values()))
