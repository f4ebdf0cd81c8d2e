"""A small service for tests of the kernel: notes that it keeps, tells of, hears of, and copies in runs."""

OWNS = ["notes"]
EMITS = ["reader.erased.v1", "work.changed.v1"]
LISTENS_TO = ["reader.erased.v1", "loans.due_dates_changed.v1"]
