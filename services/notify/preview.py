"""Whom a decision would write to, in which language, over which channel; writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from services.notify import channels_of, people, release
from services.notify.models import Notice, Person
from shared import clock
from shared.bulk import dump_rows
from shared.database import rows_table


def preview(session: Session, quarantine_id: str | None, cards: Sequence[str]) -> dict[str, Any]:
    """Counts for those cards: see `schemas.Previewed`; `unknown`: cards nothing is known of."""
    families = _families(session, cards)
    known = {reader["card_number"]: reader for family in families.values() for reader in family}
    known |= release.people_of(session, sorted(_guardians(families) - known.keys()))
    blocked = release.suppressed(session)
    languages: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    for addressee, family in families.items():
        recipient = channels_of.recipient_of(addressee, family, known)
        chain = recipient.channels(blocked)
        languages[recipient.language] += 1
        channels[chain[0][0] if chain else "none"] += 1
    return {
        "notices": len(families),
        "households": len(families),
        "by_language": {language: languages[language] for language in ("kk", "ru", "en")},
        "by_channel": {name: count for name, count in sorted(channels.items()) if name != "none"},
        "unreachable": channels["none"],
        "no_guardian": _without_guardian(session, families),
        "already_told": _already_told(session, quarantine_id),
        "unknown": len(cards) - sum(len(family) for family in families.values()),
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
    today = clock.today(people.ZONE)
    age = session.info["settings"].consent_age
    readers = (reader for family in families.values() for reader in family)
    return sum(
        1
        for reader in readers
        if reader["birth_date"] and people.years_between(reader["birth_date"], today) < age and not reader["guardian"]
    )


def _already_told(session: Session, quarantine_id: str | None) -> int:
    if quarantine_id is None:
        return 0
    told = select(func.count(func.distinct(Notice.addressee))).where(
        Notice.quarantine_id == quarantine_id, Notice.claimed_at.is_not(None)
    )
    return session.execute(told).scalar_one()
