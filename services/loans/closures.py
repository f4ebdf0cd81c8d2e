"""The closures of branches as the rule needs them, and the locks of whoever computes a due date.

Order of locks, everywhere: the run's row, then branches by id, then closures by branch and quarantine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.loans import models
from services.loans.due_dates import Decision, due_date
from services.loans.families import NO_DAYS, Asked, FamilyDays, Rules, family_days, household_of
from services.loans.placing import place_joining
from shared import clock
from shared.calendar import Closure, ClosureRule, OpenDays
from shared.database import is_sqlite

__all__ = ["Asked", "KnownBranch", "decide", "household_of", "lock_branches", "rules_for"]


class KnownBranch(NamedTuple):
    """A branch as loans has heard of it."""

    id: str
    time_zone: str
    open_days: OpenDays

    @property
    def today(self) -> date:
        return clock.today(self.time_zone)


def lock_branches(session: Session, branch_ids: Iterable[str], *, exclusive: bool = False) -> dict[str, KnownBranch]:
    """Locks the branches' rows by id order until the transaction ends; returns those we have heard of.

    Shared for whoever computes a due date, exclusive for whoever changes what it is computed from.
    """
    table = models.Branch.__table__
    wanted = select(table.c.id, table.c.time_zone, table.c.open_days)
    wanted = wanted.where(table.c.id.in_(set(branch_ids))).order_by(table.c.id)
    if not is_sqlite(session):
        wanted = wanted.with_for_update(read=not exclusive)
    rows = session.execute(wanted)
    return {row.id: KnownBranch(row.id, row.time_zone, OpenDays.from_json(row.open_days)) for row in rows}


def rules_for(
    session: Session, branch_ids: Iterable[str], would_be: Sequence[Mapping[str, Any]] = (), instead_of: str = ""
) -> dict[str, ClosureRule]:
    """The rule of each branch, to be asked for after `lock_branches`.

    `would_be`: rows of `closures` that are looked at before they are recorded, `instead_of` that quarantine's.
    """
    branches = models.Branch.__table__
    zones = select(branches.c.id, branches.c.time_zone).where(branches.c.id.in_(set(branch_ids)))
    zone_of = {row.id: row.time_zone for row in session.execute(zones)}
    closures = models.Closure.__table__
    rows = session.execute(select(closures).where(closures.c.branch_id.in_(zone_of))).mappings()
    standing = [dict(row) for row in rows if row["quarantine_id"] != instead_of]
    found: dict[str, list[Closure]] = {branch_id: [] for branch_id in branch_ids}
    for row in (*standing, *would_be):
        found[row["branch_id"]].append(_closure(row, zone_of[row["branch_id"]]))
    return {branch_id: ClosureRule(closures) for branch_id, closures in found.items()}


def _closure(row: Mapping[str, Any], time_zone: str) -> Closure:
    """A row of `closures`, begun or not by today's date in that zone."""
    return Closure(
        id=row["quarantine_id"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        open_days=OpenDays.from_json(row["open_days"]),
        grace_days=row["grace_days"],
        include_overdue=row["include_overdue"],
        begun=row["starts_on"] <= clock.today(time_zone),
        has_slots=row["returns_per_day"] is not None,
        shifts={date.fromisoformat(shut): date.fromisoformat(to) for shut, to in row["shifts"].items()},
    )


def decide(session: Session, asked: Sequence[Asked | tuple[str, date, date, str]]) -> list[Decision]:
    """The dates of loans about to be written, in their order; a family without a day yet gets one.

    `asked`: (branch, original date, day lent or renewed, household). Call it after `lock_branches`, in the
    same transaction.
    """
    loans = [Asked(*loan) for loan in asked]
    families = {(loan.branch_id, loan.household) for loan in loans}
    rules = rules_for(session, {loan.branch_id for loan in loans})
    days = family_days(session, rules, families)
    decisions = [_decision(loan, rules, days) for loan in loans]
    joining = [
        (decision.slots_of, loan)
        for loan, decision in zip(loans, decisions, strict=True)
        if decision.slots_of and decision.slots_of not in days.get((loan.branch_id, loan.household), NO_DAYS)
    ]
    if not joining:
        return decisions
    place_joining(session, rules, joining)
    days = family_days(session, rules, families)
    return [_decision(loan, rules, days) for loan in loans]


def _decision(loan: Asked, rules: Rules, days: Mapping[tuple[str, str], FamilyDays]) -> Decision:
    family = days.get((loan.branch_id, loan.household), NO_DAYS)
    return due_date(loan.original_due_on, loan.anchor, rules[loan.branch_id], family)
