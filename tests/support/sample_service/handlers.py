"""What the sample service does with an event is written on the card it names."""

from __future__ import annotations

import os

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from shared import observability
from shared.bulk import insert_rows
from shared.events import Event
from shared.retries import NeverWorks, NotYet
from tests.support.sample_service.models import heard, lines, notes


def hear(session: Session, events: list[Event]) -> None:
    for event in events:
        _behave(session, event.data["card_number"])
    session.execute(
        insert(heard),
        [
            {
                "event_id": event.id,
                "card_number": event.data["card_number"],
                "correlation_id": event.correlation_id or observability.correlation_id(),
            }
            for event in events
        ],
    )


def _behave(session: Session, card: str) -> None:
    if card == "poison":
        raise ValueError("this one fails")
    if card == "never":
        raise NeverWorks("a card of that kind is not taken")
    if card == "killer":
        os._exit(9)
    if card.startswith("after ") and session.scalar(select(notes.c.id).where(notes.c.id == card[6:])) is None:
        raise NotYet(f"nothing is known of {card[6:]}")


def move(session: Session, events: list[Event]) -> None:
    """Two set-based inserts: the readers, and the lines told to them."""
    session.execute(
        insert(heard),
        [{"event_id": e.id, "card_number": e.data["card_number"], "correlation_id": e.correlation_id} for e in events],
    )
    rows = [
        {
            "loan_id": change["loan_id"],
            "card_number": event.data["card_number"],
            "due_on": change["to"],
            "version": event.data["version"],
        }
        for event in events
        for change in event.data["changes"]
    ]
    newer = "ON CONFLICT (loan_id) DO UPDATE SET due_on = excluded.due_on, version = excluded.version"
    insert_rows(session, lines, rows, f"{newer} WHERE excluded.version > lines.version")


HANDLERS = {"reader.erased.v1": hear, "loans.due_dates_changed.v1": move}
