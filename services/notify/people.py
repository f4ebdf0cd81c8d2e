"""Readers as accounts tells them, and who is written to for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from services.notify.models import (
    Book,
    DateLine,
    Move,
    Notice,
    NoticeCard,
    Person,
    Preference,
    Unmoved,
    Unsubscribed,
)
from shared import clock
from shared.bulk import dump_rows, insert_rows
from shared.database import rows_table
from shared.events import Event
from shared.problems import not_found
from shared.retries import NotYet

ZONE = "Asia/Almaty"
INSTITUTION = "institution"
NEWER = (
    "ON CONFLICT (card_number) DO UPDATE SET "
    + ", ".join(
        f"{name} = excluded.{name}"
        for name in (column.name for column in Person.__table__.columns)
        if name != "card_number"
    )
    + " WHERE excluded.version > people.version"
)


def on_readers(session: Session, events: Sequence[Event]) -> None:
    """reader.registered, reader.changed: the newest version of each stays."""
    newest: dict[str, Mapping[str, Any]] = {}
    for event in events:
        card = event.data["card_number"]
        if card not in newest or newest[card]["version"] < event.data["version"]:
            newest[card] = event.data
    today = clock.today(ZONE)
    age = session.info["settings"].consent_age
    rows = [person_row(data, today, age) for _card, data in sorted(newest.items())]
    insert_rows(session, Person.__table__, rows, then=NEWER)  # type: ignore[arg-type]


def person_row(data: Mapping[str, Any], today: date, consent_age: int) -> dict[str, Any]:
    plain = ("card_number", "version", "reader_id", "household", "family_name", "given_name", "language", "birth_date")
    optional = ("email", "phone", "telegram", "school", "school_class", "home_branch_id", "guardian")
    row = {name: data[name] for name in plain} | {name: data.get(name) for name in optional}
    return row | {"kind": data["kind"], "addressee": addressee_of(data, today, consent_age), "erased": False}


def addressee_of(reader: Mapping[str, Any], today: date, consent_age: int) -> str:
    """Who is written to: the family of a child with a guardian, otherwise the card itself.

    The household of a child is named after the guardian ("card:…" or "contact:…"), so that one notice holds the
    guardian's own books and those of all the children.
    """
    born = reader.get("birth_date")
    if reader.get("guardian") and is_child(reader["kind"], born and date.fromisoformat(born), today, consent_age):
        return str(reader["household"])
    return f"card:{reader['card_number']}"


def is_child(kind: str, born: date | None, today: date, consent_age: int) -> bool:
    """Under the age of consent; an institution has no age, whatever stands on its card."""
    return kind != INSTITUTION and born is not None and years_between(born, today) < consent_age


def without_guardian(reader: Mapping[str, Any], consent_age: int) -> bool:
    """A child (a row of people) for whom no guardian is on record."""
    child = is_child(reader["kind"], reader["birth_date"], clock.today(ZONE), consent_age)
    return child and not reader["guardian"]


def years_between(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def come_of_age(session: Session) -> int:
    """Readers who have reached the age of consent are written to themselves from now on. Returns how many."""
    today = clock.today(ZONE)
    age = session.info["settings"].consent_age
    born_by = _years_before(today, age)
    grown = update(Person).where(
        Person.birth_date <= born_by, Person.addressee != text("'card:' || card_number"), Person.erased.is_(False)
    )
    changed = session.execute(grown.values(addressee=text("'card:' || card_number")))
    return int(changed.rowcount)  # type: ignore[attr-defined]


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def on_erased(session: Session, events: Sequence[Event]) -> None:
    """Nothing of the person stays; that notices were sent stays countable."""
    cards = [event.data["card_number"] for event in events]
    newest = {event.data["card_number"]: event.data for event in sorted(events, key=lambda each: each.data["version"])}
    rows = [tombstone(data) for _card, data in sorted(newest.items())]
    insert_rows(session, Person.__table__, rows, then=NEWER)  # type: ignore[arg-type]
    about = select(NoticeCard.notice_id).where(NoticeCard.card_number.in_(cards))
    gone: dict[str, Any] = {"recipient": "", "content": {}, "subject": None, "body": None, "about": []}
    session.execute(update(Notice).where(Notice.id.in_(about), Notice.state != "queued").values(gone))
    for table in (Book, Move, DateLine, Unmoved):
        session.execute(delete(table).where(table.card_number.in_(cards)))
    own = [f"card:{card}" for card in cards]
    for wishes in (Preference, Unsubscribed):
        session.execute(delete(wishes).where(wishes.addressee.in_(own)))


def tombstone(erased: Mapping[str, Any]) -> dict[str, Any]:
    """Keeps the card's place, so that an older event arriving late brings nobody back; a newer one may."""
    card = erased["card_number"]
    kept = {name: erased[name] for name in ("card_number", "version", "reader_id")}
    blank = dict.fromkeys(column.name for column in Person.__table__.columns)
    names = {"family_name": "", "given_name": "", "language": "kk", "kind": "person", "erased": True}
    return blank | kept | names | {"household": f"card:{card}", "addressee": f"card:{card}"}


def require_person(session: Session, card_number: str) -> Person:
    """Raises a 404 problem for a card nobody has told of."""
    person = session.get(Person, card_number)
    if person is None or person.erased:
        raise not_found()
    return person


def require_known(session: Session, cards: set[str]) -> None:
    """Raises NotYet naming a card that accounts has not told of: nobody is told in a guessed language."""
    source = rows_table(session, "cards", {"card": "text"})
    asked = text(f"SELECT card FROM {source} WHERE NOT EXISTS (SELECT 1 FROM people WHERE card_number = card)")  # noqa: S608
    unknown = session.scalars(asked, {"cards": dump_rows(session, [{"card": card} for card in cards])}).all()
    if unknown:
        raise NotYet(f"reader {min(unknown)} is not known yet")
