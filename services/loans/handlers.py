"""Events in: one table, event type -> function."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from services.loans import decisions, hours, protection, readers
from shared.events import Event
from shared.handlers import Handlers, each


def decided(session: Session, event: Event) -> None:
    decisions.record(session, event.data)


def branch_changed(session: Session, event: Event) -> None:
    hours.record(session, event.data)


def readers_changed(session: Session, events: list[Event]) -> None:
    readers.record(session, [event.data for event in events])


def reader_erased(session: Session, event: Event) -> None:
    readers.erase(session, event.data)


def notice_sent(session: Session, events: list[Event]) -> None:
    nearer = [line for event in events for line in event.data.get("nearer") or []]
    protection.protect(session, {line["loan_id"]: date.fromisoformat(line["sent_on"]) for line in nearer})


HANDLERS: Handlers = {
    "quarantine.declared.v1": each(decided),
    "quarantine.changed.v1": each(decided),
    "quarantine.lifted.v1": each(decided),
    "quarantine.cancelled.v1": each(decided),
    "branch.changed.v1": each(branch_changed),
    "reader.registered.v1": readers_changed,
    "reader.changed.v1": readers_changed,
    "reader.erased.v1": each(reader_erased),
    "notice.sent.v1": notice_sent,
}
