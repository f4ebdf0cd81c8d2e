"""The days on which families return what a closure moved: what the table of placements says and when it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.loans import models
from services.loans.due_dates import first_return_day
from shared.bulk import dump_rows
from shared.calendar import Closure, ClosureRule
from shared.database import rows_table

FamilyDays = Mapping[str, date | None]
NO_DAYS: FamilyDays = {}

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


def comes_by_arrangement(household: str) -> bool:
    """An institution: outside the families' days, it brings its books from the first return day on."""
    return household.startswith("institution:")


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
    holding: dict[str, list[str]] = {}
    for quarantine_id, branch_id in standing(session, rules):
        holding.setdefault(branch_id, []).append(quarantine_id)
    wanted = [
        {"quarantine_id": quarantine_id, "branch_id": branch_id, "household": household}
        for branch_id, household in families
        for quarantine_id in holding.get(branch_id, ())
    ]
    found: dict[tuple[str, str], dict[str, date | None]] = {}
    for row in _placed(session, wanted) if wanted else ():
        found.setdefault((row.branch_id, row.household), {})[row.quarantine_id] = row.day
    return dict(found)


def _placed(session: Session, wanted: Sequence[Mapping[str, str]]) -> Iterable[Any]:
    source = rows_table(session, "d", {"quarantine_id": "uuid", "branch_id": "text", "household": "text"})
    same = " AND ".join(f"p.{name} = d.{name}" for name in ("quarantine_id", "branch_id", "household"))
    statement = f"SELECT p.branch_id, p.household, p.quarantine_id, p.day FROM {source} JOIN placements p ON {same}"  # noqa: S608
    table = models.Placement
    typed = text(statement).columns(table.branch_id, table.household, table.quarantine_id, table.day)
    return session.execute(typed, {"d": dump_rows(session, wanted)})
