"""Notices other than digests: to whom they go, and their rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from services.notify import channels_of, preferences, release, stored
from services.notify.channels_of import Recipient
from services.notify.models import Delivery, Notice, NoticeCard, Person
from shared import clock, outbox
from shared.bulk import insert_rows

EMERGENCY, ORDINARY = 0, 1


@dataclass(frozen=True)
class Draft:
    """A notice to be queued. `words`: the plain data it is worded from; `extra`: what is kept beside them;
    `hold`: how long it waits for more of its kind.
    """

    id: str
    kind: str
    addressee: str
    to: Recipient
    about: Sequence[str]
    words: Any
    lane: int = ORDINARY
    quarantine_id: str | None = None
    version: int | None = None
    in_inbox: bool = True
    hold: timedelta = timedelta()
    extra: dict[str, Any] = field(default_factory=dict)


def families(session: Session, addressees: Iterable[str]) -> dict[str, list[Mapping[str, Any]]]:
    """The readers each addressee is written to for, by card number."""
    chosen = select(Person.__table__).where(Person.addressee.in_(bindparam("keys", expanding=True)))
    chosen = chosen.where(Person.erased.is_(False)).order_by(Person.card_number)
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in session.execute(chosen, {"keys": sorted(set(addressees))}):
        found[row.addressee].append(row._mapping)  # type: ignore[arg-type]
    return found


def recipients(session: Session, of: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Recipient]:
    """Who is written to for each addressee with its readers."""
    holders = sorted(key.removeprefix("card:") for key in of if key.startswith("card:"))
    known = release.people_of(session, holders)
    return {addressee: channels_of.recipient_of(addressee, readers, known) for addressee, readers in of.items()}


def write(session: Session, drafts: Sequence[Draft]) -> set[str]:
    """Queues the notices in a handful of statements; returns the ids of new ones, others are left as they are."""
    known = set(session.scalars(select(Notice.id).where(Notice.id.in_([draft.id for draft in drafts]))))
    fresh = [draft for draft in drafts if draft.id not in known]
    if not fresh:
        return set()
    blocked = release.suppressed(session)
    off = preferences.unwanted(session, {draft.addressee for draft in fresh}, preferences.OPTIONAL)
    reachable = {draft.id: draft.to.channels(blocked) for draft in fresh}
    chains = {
        draft.id: preferences.wished(reachable[draft.id], off.get((draft.addressee, draft.kind), frozenset()))
        for draft in fresh
    }
    notices = [_notice(draft, _state(reachable[draft.id], chains[draft.id])) for draft in fresh]
    insert_rows(session, Notice.__table__, notices)  # type: ignore[arg-type]
    cards = [{"card_number": card, "notice_id": draft.id} for draft in fresh for card in sorted(set(draft.about))]
    insert_rows(session, NoticeCard.__table__, cards)  # type: ignore[arg-type]
    deliveries = [row for draft in fresh for row in _deliveries(draft, chains[draft.id])]
    insert_rows(session, Delivery.__table__, deliveries)  # type: ignore[arg-type]
    outbox.mark_written(session)
    return {draft.id for draft in fresh}


def _state(reachable: Sequence[Any], chain: Sequence[Any]) -> str:
    """What somebody wants over no channel waits in their inbox; nothing has failed."""
    if chain:
        return "queued"
    return "sent" if reachable else "failed"


def _deliveries(draft: Draft, chain: Sequence[tuple[str, str]]) -> Iterable[dict[str, Any]]:
    rows = release.deliveries(draft.id, chain, clock.now(), draft.lane)
    for row in rows if draft.in_inbox else rows[1:]:
        due = row["next_try_at"]
        yield row | {"next_try_at": due + draft.hold if due else None}


def _notice(draft: Draft, state: str) -> dict[str, Any]:
    return {
        "id": draft.id,
        "kind": draft.kind,
        "lane": draft.lane,
        "quarantine_id": draft.quarantine_id,
        "version": draft.version,
        "addressee": draft.addressee,
        "card_number": draft.to.card_number,
        "recipient": draft.to.name,
        "about": sorted(set(draft.about)),
        "language": draft.to.language,
        "content": content_of(draft.words) | draft.extra,
        "state": state,
        "created_at": clock.now(),
    }


def content_of(words: Any) -> dict[str, Any]:
    """How a notice keeps what it is worded from."""
    return {"form": type(words).__name__, "data": stored.to_json(words)}
