"""What the other services are told of a reader, one by one and by the chunk."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from services.accounts.models import Reader
from shared import clock, observability, outbox, tables
from shared.bulk import insert_rows

REGISTERED = "reader.registered.v1"
CHANGED = "reader.changed.v1"
AS_KEPT = (
    "version",
    "card_number",
    "household",
    "family_name",
    "given_name",
    "language",
    "email",
    "phone",
    "telegram",
    "kind",
    "school",
    "school_class",
)


def data_of(reader: Mapping[str, Any]) -> dict[str, Any]:
    """The event's data from a reader's row (column -> value)."""
    return {name: reader[name] for name in AS_KEPT} | {
        "reader_id": reader["id"],
        "birth_date": _iso(reader["birth_date"]),
        "home_branch_id": reader["home_branch_id"] or None,
        "card_expires_on": _iso(reader["card_expires_on"]),
        "blocked": bool(reader["blocked"]),
        "guardian": _guardian(reader),
    }


def _guardian(reader: Mapping[str, Any]) -> dict[str, Any] | None:
    guardian = {name: reader[f"guardian_{name}"] for name in ("card_number", "name", "language", "phone", "email")}
    named = (guardian["card_number"], guardian["name"], guardian["phone"], guardian["email"])
    return guardian if any(named) else None


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None


def row_of(reader: Reader) -> dict[str, Any]:
    return {column.name: getattr(reader, column.key) for column in Reader.__table__.columns}


def tell(session: Session, kind: str, reader: Reader) -> None:
    outbox.add(session, kind, reader.id, data_of(row_of(reader)))


def event_row(kind: str, subject: str, data: dict[str, Any]) -> dict[str, Any]:
    """One line for `write_events`."""
    return {"event_id": str(uuid.uuid4()), "type": kind, "subject": subject, "data": data}


def write_events(session: Session, events: Sequence[dict[str, Any]]) -> None:
    """Writes the events of a chunk in one statement."""
    common = observability.trail() | {"time": clock.now()}
    insert_rows(session, tables.outbox, [event | common for event in events])
    if events:
        outbox.mark_written(session)
