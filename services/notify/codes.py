"""One-time codes for whoever has no PIN: sent at once, kept nowhere in plain."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from math import ceil

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.notify import people, writing
from services.notify.models import Delivery, Notice, NoticeCard, Person
from services.notify.occasions import SignInCode
from services.notify.rendering import CODE
from services.notify.writing import Draft
from shared import clock
from shared.events import Event

SPACE = uuid.UUID("86fa2b6e-2f0c-4a53-8c5b-1a1b36d5a0de")


def on_code_requested(session: Session, events: Sequence[Event]) -> None:
    """reader.code_requested: to the contact on record; an older code still waiting is not sent any more."""
    people.require_known(session, {event.data["card_number"] for event in events})
    newest = {event.data["card_number"]: event for event in sorted(events, key=lambda each: each.data["expires_at"])}
    _forget_older(session, list(newest))
    writing.write(session, [draft for event in newest.values() if (draft := _draft(session, event))])


def _draft(session: Session, event: Event) -> Draft | None:
    card, expires = event.data["card_number"], datetime.fromisoformat(event.data["expires_at"])
    minutes = ceil((expires - clock.now()).total_seconds() / 60)
    person = session.get(Person, card)
    if minutes < 1 or person is None or person.erased:
        return None
    family = writing.families(session, [person.addressee])
    to = writing.recipients(session, family)[person.addressee]
    words = SignInCode(to.language, event.data["sealed_code"], minutes)
    return Draft(
        id=str(uuid.uuid5(SPACE, event.id)),
        kind=CODE,
        addressee=person.addressee,
        to=to,
        about=[card],
        words=words,
        lane=writing.EMERGENCY,
        in_inbox=False,
        extra={"expires_at": expires.isoformat()},
    )


def _forget_older(session: Session, cards: Sequence[str]) -> None:
    about = select(NoticeCard.notice_id).where(NoticeCard.card_number.in_(cards))
    waiting = update(Notice).where(Notice.kind == CODE, Notice.state == "queued", Notice.claimed_at.is_(None))
    replaced = session.scalars(waiting.where(Notice.id.in_(about)).values(state="replaced").returning(Notice.id)).all()
    untried = update(Delivery).where(Delivery.notice_id.in_(replaced), Delivery.state.in_(("queued", "waiting")))
    session.execute(untried.values(state="replaced", next_try_at=None))
