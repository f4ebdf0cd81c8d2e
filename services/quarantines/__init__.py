"""Branches and closures: declares, changes, lifts and cancels quarantines."""
