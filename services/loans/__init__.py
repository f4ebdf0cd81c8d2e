"""Loans and holds: when a book is due, and why."""

OWNS = ["loans", "renewals", "calendars", "works"]
EMITS = [
    "work.changed.v1",
    "loan.checked_out.v1",
    "loan.renewed.v1",
    "loan.returned.v1",
    "loan.lost.v1",
    "loan.due_soon.v1",
    "loan.overdue.v1",
    "loans.due_dates_changed.v1",
    "step.progressed.v1",
]
LISTENS_TO = [
    "quarantine.declared.v1",
    "quarantine.changed.v1",
    "quarantine.lifted.v1",
    "quarantine.cancelled.v1",
    "branch.changed.v1",
    "reader.registered.v1",
    "reader.changed.v1",
    "reader.erased.v1",
    "notice.sent.v1",
]
