"""What a decision would do to the cards of readers: the run's own computation, writing nothing."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from services.accounts.expiry import KEPT, cards_moving, moves
from shared.fields import Texts
from shared.heard_decisions import Decision


class PreviewRequest(Schema):
    """`quarantine`: the event's data as it would be."""

    quarantine = fields.Dict(required=True)
    decision = fields.String()
    cards = fields.List(fields.String())


class DaysOfCards(Schema):
    """Cards that would expire on another day: the day they have, and the day they get."""

    was = fields.Date(allow_none=True)
    now = fields.Date(allow_none=True)
    cards = Texts()


class Preview(Schema):
    cards = fields.Integer(metadata={"description": "cards whose day of expiry moves"})
    changes = fields.List(fields.Nested(DaysOfCards))


def preview(session: Session, decision: Decision) -> dict[str, Any]:
    """See `Preview`."""
    found = moves(session, KEPT.ever_closed(session, decision), decision)
    by_days: dict[tuple[date | None, date | None], list[str]] = defaultdict(list)
    for card_number, was, now in cards_moving(session, found.moves):
        by_days[was, now].append(card_number)
    changes = [{"was": was, "now": now, "cards": cards} for (was, now), cards in by_days.items()]
    return {"cards": found.cards, "changes": changes}
