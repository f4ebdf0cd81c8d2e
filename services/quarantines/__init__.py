"""Branches, opening hours, closures; declares, changes, lifts, cancels; follows the work it caused."""

OWNS = ["branches", "quarantines"]
EMITS = [
    "branch.changed.v1",
    "quarantine.declared.v1",
    "quarantine.changed.v1",
    "quarantine.lifted.v1",
    "quarantine.cancelled.v1",
]
LISTENS_TO = ["step.progressed.v1"]
