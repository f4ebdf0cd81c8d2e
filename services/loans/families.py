"""The days on which families return what a closure moved: what the table of placements says and when it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from services.loans import models
from services.loans.due_dates import first_return_day
from shared.calendar import Closure, ClosureRule

FamilyDays = Mapping[str, date | None]
NO_DAYS: FamilyDays = {}
MOST_PARAMETERS = 400

Rules = Mapping[str, ClosureRule]
"""Branch -> its rule."""


class Asked(NamedTuple):
    """A loan whose date is wanted. `anchor`: the day lent or renewed."""

    branch_id: str
    original_due_on: date
    anchor: date
    household: str


def household_of(card_number: str, household: str | None) -> str:
    """The family of a card; a reader not heard of yet is a family alone."""
    return household or f"card:{card_number}"


def with_slots(rules: Rules) -> dict[str, list[Closure]]:
    """The branches where returns are limited per day, with the closures that say so."""
    found = {branch: [c for c in rule.closures if c.has_slots] for branch, rule in rules.items()}
    return {branch: closures for branch, closures in found.items() if closures}


def standing(session: Session, rules: Rules) -> set[tuple[str, str]]:
    """(quarantine, branch) whose families were placed from the day that the rule still gives as the first."""
    limited = with_slots(rules)
    if not limited:
        return set()
    table = models.Closure
    rows = session.execute(
        select(table.quarantine_id, table.branch_id, table.first_return_day).where(table.branch_id.in_(limited))
    )
    placed_from = {(row.quarantine_id, row.branch_id): row.first_return_day for row in rows}
    return {
        (closure.id, branch)
        for branch, closures in limited.items()
        for closure in closures
        if (first := first_return_day(closure, rules[branch])) and placed_from.get((closure.id, branch)) == first
    }


def family_days(
    session: Session, rules: Rules, families: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], FamilyDays]:
    """(branch, household) -> quarantine -> day; days placed from another first return day are left out."""
    limited = with_slots(rules)
    wanted = sorted({family for family in families if family[0] in limited})
    holding = standing(session, rules) if wanted else set()
    table = models.Placement
    columns = (table.branch_id, table.household, table.quarantine_id, table.day)
    found: dict[tuple[str, str], dict[str, date | None]] = {}
    for part in _parts(wanted, MOST_PARAMETERS) if holding else ():
        for row in session.execute(select(*columns).where(tuple_(table.branch_id, table.household).in_(part))):
            if (row.quarantine_id, row.branch_id) in holding:
                found.setdefault((row.branch_id, row.household), {})[row.quarantine_id] = row.day
    return dict(found)


def _parts(items: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))
