"""Events in: one table, event type -> function."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from services.notify import codes, decisions, gathering, people, quizzes, reminders
from shared.events import Event
from shared.handlers import Handler, Handlers, each


def _then_release(handle: Callable[[Session, list[Event]], None]) -> Handler:
    """The last event heard of a decision, whichever it is, sets its release off."""

    def handle_and_release(session: Session, events: list[Event]) -> None:
        handle(session, events)
        session.flush()
        gathering.release_complete(session)

    return handle_and_release


_decided = _then_release(each(decisions.on_decision))

HANDLERS: Handlers = {
    "quarantine.declared.v1": _decided,
    "quarantine.changed.v1": _decided,
    "quarantine.lifted.v1": _decided,
    "quarantine.cancelled.v1": _decided,
    "branch.changed.v1": decisions.on_branches,
    "reader.registered.v1": people.on_readers,
    "reader.changed.v1": people.on_readers,
    "reader.erased.v1": people.on_erased,
    "reader.code_requested.v1": codes.on_code_requested,
    "loan.checked_out.v1": gathering.on_loan_agreed,
    "loan.renewed.v1": gathering.on_loan_agreed,
    "loan.returned.v1": gathering.on_loan_ended,
    "loan.lost.v1": gathering.on_loan_ended,
    "loan.due_soon.v1": reminders.on_reminders,
    "loan.overdue.v1": reminders.on_reminders,
    "loans.due_dates_changed.v1": _then_release(gathering.on_due_dates_changed),
    "accounts.dates_changed.v1": _then_release(gathering.on_dates_changed),
    "quizzes.dates_changed.v1": _then_release(gathering.on_dates_changed),
    quizzes.PUBLISHED: quizzes.on_quizzes,
    "quiz.closed.v1": quizzes.on_quizzes,
    "step.progressed.v1": _then_release(each(gathering.on_step_progressed)),
}
