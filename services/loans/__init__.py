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
LISTENS_TO: list[str] = []
