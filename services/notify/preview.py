"""Whom a decision would write to, in which language, over which channel; writes nothing."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from services.notify import announcements, channels_of, lines, people, release
from services.notify.models import Notice, Person
from shared.bulk import dump_rows
from shared.database import rows_table

NOBODY = str(uuid.UUID(int=0))


def preview(session: Session, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Counts for what the services would move (`preview_schemas.PreviewAsked`), as `Previewed` there says them.

    What a release would put into digests is counted: who knows the day already is written nothing.
    """
    quarantine = asked["quarantine"] | {"quarantine_id": asked["quarantine"]["quarantine_id"] or NOBODY}
    families = _families(session, _cards(session, quarantine["quarantine_id"], asked))
    return {
        "notices": len(families),
        "households": len(families),
        **_reached(session, families),
        "no_guardian": _without_guardian(session, families),
        "already_told": _already_told(session, quarantine["quarantine_id"]),
        "announcements": announcements.foresee(session, quarantine, families),
    }


def _cards(session: Session, quarantine_id: str, asked: Mapping[str, Any]) -> list[str]:
    """The readers with a line in a digest."""
    books = lines.cards_with_books(asked["again"], lines.unsettled_books(session, quarantine_id))
    dates = lines.cards_with_dates(asked["dates"], lines.unsettled_dates(session, quarantine_id))
    return sorted({*asked["cards"], *books, *dates})


def _reached(session: Session, families: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """In which language and over which channel each family would be written to."""
    known = {reader["card_number"]: reader for family in families.values() for reader in family}
    known |= release.people_of(session, sorted(_guardians(families) - known.keys()))
    blocked = release.suppressed(session)
    recipients = [channels_of.recipient_of(addressee, family, known) for addressee, family in families.items()]
    languages = Counter(recipient.language for recipient in recipients)
    chains = [recipient.channels(blocked) for recipient in recipients]
    channels = Counter(chain[0][0] for chain in chains if chain)
    return {
        "by_language": {language: languages[language] for language in ("kk", "ru", "en")},
        "by_channel": dict(sorted(channels.items())),
        "unreachable": len(chains) - channels.total(),
    }


def _families(session: Session, cards: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
    source = rows_table(session, "cards", {"card": "text"})
    chosen = select(Person.__table__).where(
        Person.erased.is_(False),
        text(f"card_number IN (SELECT card FROM {source})"),  # noqa: S608
    )
    families: dict[str, list[Mapping[str, Any]]] = {}
    for row in session.execute(chosen, {"cards": dump_rows(session, [{"card": card} for card in cards])}):
        families.setdefault(row.addressee, []).append(row._mapping)  # type: ignore[arg-type]
    return families


def _guardians(families: Mapping[str, Any]) -> set[str]:
    return {addressee.removeprefix("card:") for addressee in families if addressee.startswith("card:")}


def _without_guardian(session: Session, families: Mapping[str, Sequence[Mapping[str, Any]]]) -> int:
    age = session.info["settings"].consent_age
    return sum(people.without_guardian(reader, age) for family in families.values() for reader in family)


def _already_told(session: Session, quarantine_id: str) -> int:
    told = select(func.count(func.distinct(Notice.addressee))).where(
        Notice.quarantine_id == quarantine_id, Notice.claimed_at.is_not(None)
    )
    return session.execute(told).scalar_one()
