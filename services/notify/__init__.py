"""Notices to readers and announcements to the public, over every channel."""

OWNS = ["notices", "announcements"]
EMITS = ["notice.sent.v1", "notice.failed.v1", "announcement.posted.v1", "step.progressed.v1"]
LISTENS_TO = [
    "quarantine.declared.v1",
    "quarantine.changed.v1",
    "quarantine.lifted.v1",
    "quarantine.cancelled.v1",
    "branch.changed.v1",
    "reader.registered.v1",
    "reader.changed.v1",
    "reader.erased.v1",
    "reader.code_requested.v1",
    "loan.checked_out.v1",
    "loan.renewed.v1",
    "loan.returned.v1",
    "loan.lost.v1",
    "loan.due_soon.v1",
    "loan.overdue.v1",
    "loans.due_dates_changed.v1",
    "accounts.dates_changed.v1",
    "quizzes.dates_changed.v1",
    "quiz.published.v1",
    "quiz.closed.v1",
    "step.progressed.v1",
]
