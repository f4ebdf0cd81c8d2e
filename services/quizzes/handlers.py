"""Events in: one table, event type -> function."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.quizzes import branches, readers
from services.quizzes.deadline_run import DEADLINES
from services.quizzes.deadlines import KEPT
from shared.events import Event
from shared.handlers import Handlers, each


def decided(session: Session, event: Event) -> None:
    KEPT.decided(session, event, DEADLINES)


def branch_changed(session: Session, event: Event) -> None:
    branches.record(session, event.data)


def readers_changed(session: Session, events: list[Event]) -> None:
    readers.record(session, [event.data for event in events])


def reader_erased(session: Session, event: Event) -> None:
    readers.erase(session, event.data)


HANDLERS: Handlers = {
    "quarantine.declared.v1": each(decided),
    "quarantine.changed.v1": each(decided),
    "quarantine.lifted.v1": each(decided),
    "quarantine.cancelled.v1": each(decided),
    "branch.changed.v1": each(branch_changed),
    "reader.registered.v1": readers_changed,
    "reader.changed.v1": readers_changed,
    "reader.erased.v1": each(reader_erased),
}
