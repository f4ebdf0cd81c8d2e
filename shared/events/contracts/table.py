"""Which contract holds for which type."""

from __future__ import annotations

from typing import Any

from shared.events.contracts.books import DueDatesChanged, Loan, LoanReminder, Work
from shared.events.contracts.closures import Branch, DatesChanged, Quarantine, StepProgressed
from shared.events.contracts.common import Contract
from shared.events.contracts.people import (
    AnnouncementPosted,
    CodeRequested,
    NoticeOutcome,
    Reader,
    ReaderErased,
    SessionEnded,
)
from shared.events.contracts.quizzes import AttemptGraded, Quiz

CONTRACTS: dict[str, type[Contract]] = {
    "quarantine.declared.v1": Quarantine,
    "quarantine.changed.v1": Quarantine,
    "quarantine.lifted.v1": Quarantine,
    "quarantine.cancelled.v1": Quarantine,
    "branch.changed.v1": Branch,
    "reader.registered.v1": Reader,
    "reader.changed.v1": Reader,
    "reader.erased.v1": ReaderErased,
    "reader.code_requested.v1": CodeRequested,
    "session.ended.v1": SessionEnded,
    "work.changed.v1": Work,
    "loan.checked_out.v1": Loan,
    "loan.renewed.v1": Loan,
    "loan.returned.v1": Loan,
    "loan.lost.v1": Loan,
    "loan.due_soon.v1": LoanReminder,
    "loan.overdue.v1": LoanReminder,
    "loans.due_dates_changed.v1": DueDatesChanged,
    "accounts.dates_changed.v1": DatesChanged,
    "quiz.published.v1": Quiz,
    "quiz.closed.v1": Quiz,
    "attempt.graded.v1": AttemptGraded,
    "quizzes.dates_changed.v1": DatesChanged,
    "step.progressed.v1": StepProgressed,
    "notice.sent.v1": NoticeOutcome,
    "notice.failed.v1": NoticeOutcome,
    "announcement.posted.v1": AnnouncementPosted,
}

_INSTANCES: dict[str, Contract] = {}


def contract_of(type: str) -> Contract:
    """The contract of an event type. Raises KeyError for a type that is not known."""
    if type not in _INSTANCES:
        _INSTANCES[type] = CONTRACTS[type]()
    return _INSTANCES[type]


def problems_of(type: str, data: Any) -> dict[str, Any]:
    """What is wrong with `data` as an event of that type; empty when nothing is."""
    return dict(contract_of(type).validate(data))
