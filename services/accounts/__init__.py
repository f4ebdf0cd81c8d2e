"""Readers, guardians, staff: who someone is, may do, and has agreed to; sign-in tokens."""

OWNS = ["tokens", "readers", "staff"]
EMITS = [
    "reader.registered.v1",
    "reader.changed.v1",
    "reader.erased.v1",
    "reader.code_requested.v1",
    "accounts.dates_changed.v1",
    "session.ended.v1",
    "step.progressed.v1",
]
LISTENS_TO = [
    "branch.changed.v1",
    "quarantine.declared.v1",
    "quarantine.changed.v1",
    "quarantine.lifted.v1",
    "quarantine.cancelled.v1",
]
