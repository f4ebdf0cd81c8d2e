"""Notices written to people: the rows of a notice, whom it is about, and its chain of channels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from services.notify import stored
from services.notify.addressees import Addressee
from services.notify.channels import CHAIN
from services.notify.models import Delivery, Notice, NoticeCard
from shared import clock, outbox
from shared.bulk import insert_rows

LANES = {"code": 0, "newsletter": 2}
ORDINARY = 1


@dataclass(frozen=True)
class Draft:
    """A notice to be queued. `words`: the plain data it is worded from; `extra`: what is kept beside them;
    `hold`: how long it waits for more of its kind.
    """

    id: str
    kind: str
    to: Addressee
    about: Sequence[str]
    words: Any
    quarantine_id: str | None = None
    version: int | None = None
    in_inbox: bool = True
    hold: timedelta = timedelta()
    extra: dict[str, Any] = field(default_factory=dict)


def write(session: Session, drafts: Sequence[Draft]) -> None:
    """Queues the notices in a handful of statements; one whose id exists already is left as it is."""
    if not drafts:
        return
    now = clock.now()
    chains = {draft.id: list(chain(draft, now)) for draft in drafts}
    new = _insert_new(session, [_notice(draft, chains[draft.id], now) for draft in drafts])
    fresh = [draft for draft in drafts if draft.id in new]
    cards = [{"card_number": card, "notice_id": draft.id} for draft in fresh for card in sorted(set(draft.about))]
    insert_rows(session, NoticeCard.__table__, cards, then="ON CONFLICT DO NOTHING")  # type: ignore[arg-type]
    deliveries = [delivery for draft in fresh for delivery in chains[draft.id]]
    insert_rows(session, Delivery.__table__, deliveries)  # type: ignore[arg-type]
    outbox.mark_written(session)


def chain(draft: Draft, now: datetime) -> Iterable[dict[str, Any]]:
    """The inbox, written at once; then each channel by which the addressee can be reached, the first one queued."""
    if draft.in_inbox:
        yield _delivery(draft, 0, "inbox", None, "sent", None, now)
    reachable = [(channel, getattr(draft.to, part)) for channel, part in CHAIN.items() if getattr(draft.to, part)]
    for place, (channel, address) in enumerate(reachable, start=1):
        first = place == 1
        yield _delivery(
            draft, place, channel, address, "queued" if first else "waiting", now + draft.hold if first else None, None
        )


def _delivery(
    draft: Draft,
    place: int,
    channel: str,
    address: str | None,
    state: str,
    due: datetime | None,
    sent_at: datetime | None,
) -> dict[str, Any]:
    return {
        "notice_id": draft.id,
        "place": place,
        "channel": channel,
        "address": address,
        "state": state,
        "lane": LANES.get(draft.kind, ORDINARY),
        "tries": 0,
        "next_try_at": due,
        "sent_at": sent_at,
    }


def _notice(draft: Draft, deliveries: Sequence[dict[str, Any]], now: datetime) -> dict[str, Any]:
    reachable = any(delivery["place"] for delivery in deliveries)
    return {
        "id": draft.id,
        "kind": draft.kind,
        "lane": LANES.get(draft.kind, ORDINARY),
        "quarantine_id": draft.quarantine_id,
        "version": draft.version,
        "addressee": draft.to.key,
        "card_number": draft.to.card_number,
        "recipient": draft.to.name,
        "about": sorted(set(draft.about)),
        "language": draft.to.language,
        "content": {"form": type(draft.words).__name__, "data": stored.to_json(draft.words), **draft.extra},
        "state": "queued" if reachable else "failed",
        "created_at": now,
    }


def _insert_new(session: Session, rows: Sequence[dict[str, Any]]) -> set[str]:
    known = _existing(session, [row["id"] for row in rows])
    new = [row for row in rows if row["id"] not in known]
    insert_rows(session, Notice.__table__, new, then="ON CONFLICT DO NOTHING")  # type: ignore[arg-type]
    return {row["id"] for row in new}


def _existing(session: Session, ids: Sequence[str]) -> set[str]:
    from sqlalchemy import select

    return set(session.scalars(select(Notice.id).where(Notice.id.in_(ids))))
