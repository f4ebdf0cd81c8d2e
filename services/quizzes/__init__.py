"""Quizzes: online tests on books, with every item in three languages."""

OWNS = ["quizzes"]
EMITS = [
    "quiz.published.v1",
    "quiz.closed.v1",
    "attempt.graded.v1",
    "quizzes.dates_changed.v1",
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
]
