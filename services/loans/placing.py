"""Return slots over the loans that are out: which families a closure moves at a branch, and on which day each comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from sqlalchemy import Select, Table, delete, func, select, update
from sqlalchemy.orm import Session

from services.loans import models
from services.loans.due_dates import due_date, first_return_day, return_days
from services.loans.families import (
    NO_DAYS,
    Asked,
    FamilyDays,
    Rules,
    comes_by_arrangement,
    family_days,
    standing,
    with_slots,
)
from services.loans.return_slots import Family, place_families
from shared.bulk import insert_rows
from shared.calendar import Closure, ClosureRule
from shared.database import is_sqlite

PLACEMENTS = cast(Table, models.Placement.__table__)


@dataclass(frozen=True, slots=True)
class Books:
    """A family's books out at one branch that have one original date and one day lent or renewed."""

    household: str
    smallest_card_number: str
    original_due_on: date
    anchor: date
    books: int


@dataclass
class Placing:
    """The families' days at one branch, closure by closure in the rule's order.

    `kept`: closure -> days to keep, for closures whose first return day is still the same. `result`: closure ->
    household -> day, the families placed or kept that have something out.
    """

    rule: ClosureRule
    limits: Mapping[str, int]
    books: Sequence[Books]
    kept: Mapping[str, FamilyDays]
    result: dict[str, dict[str, date | None]] = field(default_factory=dict)

    def place_all(self) -> Placing:
        for closure in self.rule.closures:
            if closure.has_slots and first_return_day(closure, self.rule):
                self._place(closure)
        return self

    def family_days(self, household: str) -> dict[str, date | None]:
        return {closure: days[household] for closure, days in self.result.items() if household in days}

    def _place(self, closure: Closure) -> None:
        self.result[closure.id] = dict(self.kept.get(closure.id, {}))
        families, besides = self._sorted_out(closure)
        kept = self.kept.get(closure.id)
        days = return_days(closure, self.rule)
        placed = place_families(families, self.limits[closure.id], days, besides, kept)
        self.result[closure.id] = placed

    def _sorted_out(self, closure: Closure) -> tuple[list[Family], Counter[date]]:
        """The families this closure moves, and per day what else is due there."""
        moved: dict[str, Family] = {}
        besides = Counter[date]()
        for books in self.books:
            days = self.family_days(books.household)
            decision = due_date(books.original_due_on, books.anchor, self.rule, days)
            if decision.slots_of == closure.id:
                if comes_by_arrangement(books.household):
                    continue
                moved[books.household] = _with(moved.get(books.household), books)
            elif decision.due_on:
                besides[decision.due_on] += books.books
        return list(moved.values()), besides


def _with(family: Family | None, books: Books) -> Family:
    if family is None:
        return Family(books.household, books.smallest_card_number, books.original_due_on, books.books)
    return Family(
        family.household_id,
        min(family.smallest_card_number, books.smallest_card_number),
        min(family.earliest_original_due_on, books.original_due_on),
        family.books + books.books,
    )


def books_out(session: Session, branch_id: str, families: Select[str] | None = None) -> list[Books]:
    """What is on loan at the branch, by family; of these `families` (households) only, when given."""
    loans, readers = models.Loan, models.Reader
    household = func.coalesce(readers.household, "card:" + loans.card_number)
    keys = (household, loans.original_due_on, loans.anchored_on)
    chosen = select(household, func.min(loans.card_number), *keys[1:], func.count())
    chosen = chosen.join_from(loans, readers, readers.card_number == loans.card_number, isouter=True)
    chosen = chosen.where(loans.branch_id == branch_id, loans.status == models.ON_LOAN).group_by(*keys)
    if families is not None:
        chosen = chosen.where(household.in_(families))
    return [Books(*row) for row in session.execute(chosen)]


def limits_at(session: Session, branch_id: str) -> dict[str, int]:
    """Quarantine -> how many books may come back a day."""
    table = models.Closure
    rows = session.execute(select(table.quarantine_id, table.returns_per_day).where(table.branch_id == branch_id))
    return {row.quarantine_id: row.returns_per_day for row in rows if row.returns_per_day is not None}


def days_to_keep(session: Session, branch_id: str, rule: ClosureRule) -> dict[str, FamilyDays]:
    """Quarantine -> household -> day, where the first return day is still the same."""
    kept: dict[str, dict[str, date | None]] = {
        quarantine_id: {} for quarantine_id, _ in standing(session, {branch_id: rule})
    }
    table = models.Placement
    chosen = select(table.quarantine_id, table.household, table.day)
    chosen = chosen.where(table.branch_id == branch_id, table.quarantine_id.in_(kept))
    for row in session.execute(chosen) if kept else ():
        kept[row.quarantine_id][row.household] = row.day
    return dict(kept)


def place_branch(session: Session, branch_id: str, rule: ClosureRule) -> None:
    """Places the families of one branch for all its closures with slots; the branch is locked exclusively."""
    if branch_id not in with_slots({branch_id: rule}):
        return
    kept = days_to_keep(session, branch_id, rule)
    placing = Placing(rule, limits_at(session, branch_id), books_out(session, branch_id), kept).place_all()
    for closure in rule.closures:
        if closure.has_slots:
            _save(session, branch_id, closure, rule, placing, closure.id in kept)


def _save(session: Session, branch_id: str, closure: Closure, rule: ClosureRule, placing: Placing, keeps: bool) -> None:
    if not keeps:
        forget_days(session, closure.id, [branch_id])
    insert_days(session, closure.id, branch_id, placing.result.get(closure.id, {}))
    _remember_first_day(session, closure, branch_id, rule)


def _remember_first_day(session: Session, closure: Closure, branch_id: str, rule: ClosureRule) -> None:
    table = models.Closure
    mine = update(table).where(table.quarantine_id == closure.id, table.branch_id == branch_id)
    session.execute(mine.values(first_return_day=first_return_day(closure, rule)))


def forget_days(session: Session, quarantine_id: str, branch_ids: Iterable[str]) -> None:
    table = models.Placement
    session.execute(delete(table).where(table.quarantine_id == quarantine_id, table.branch_id.in_(list(branch_ids))))


def insert_days(session: Session, quarantine_id: str, branch_id: str, days: FamilyDays) -> None:
    """Adds the families' days; a family that has one keeps it."""
    key: dict[str, Any] = {"quarantine_id": quarantine_id, "branch_id": branch_id}
    rows = [key | {"household": family, "day": day} for family, day in days.items()]
    insert_rows(session, PLACEMENTS, rows, "ON CONFLICT DO NOTHING")


def place_joining(session: Session, rules: Rules, joining: Iterable[tuple[str, Asked]]) -> None:
    """Gives days to families that a closure (quarantine id) begins to move after its families were placed."""
    groups: dict[tuple[str, str], list[Asked]] = {}
    for quarantine_id, loan in joining:
        if comes_by_arrangement(loan.household):
            continue
        groups.setdefault((loan.branch_id, quarantine_id), []).append(loan)
    holding = standing(session, rules)
    for (branch_id, quarantine_id), loans in sorted(groups.items()):
        if (quarantine_id, branch_id) in holding:
            _place_newcomers(session, rules[branch_id], branch_id, quarantine_id, loans)


def _place_newcomers(
    session: Session, rule: ClosureRule, branch_id: str, quarantine_id: str, loans: list[Asked]
) -> None:
    closure = next(c for c in rule.closures if c.id == quarantine_id)
    limit = _lock_limit(session, branch_id, quarantine_id)
    newcomers: dict[str, Family] = {}
    for loan in loans:
        books = Books(loan.household, loan.household, loan.original_due_on, loan.anchor, 1)
        newcomers[loan.household] = _with(newcomers.get(loan.household), books)
    current = session.scalar(
        select(func.max(models.Placement.day)).where(
            models.Placement.quarantine_id == quarantine_id, models.Placement.branch_id == branch_id
        )
    )
    families, kept = list(newcomers.values()), {}
    if current is not None:
        there = Family("", "", current, _books_placed(session, rule, branch_id, quarantine_id, current))
        families, kept = [there, *families], {"": current}
    besides = _due_besides(session, branch_id, quarantine_id, current or closure.starts_on)
    placed = place_families(families, limit, return_days(closure, rule), besides, kept)
    placed.pop("", None)
    insert_days(session, quarantine_id, branch_id, placed)


def _lock_limit(session: Session, branch_id: str, quarantine_id: str) -> int:
    """The limit a day; the lock lets one desk at a time place families of this closure."""
    table = models.Closure
    mine = select(table.returns_per_day).where(table.branch_id == branch_id, table.quarantine_id == quarantine_id)
    return session.scalars(mine if is_sqlite(session) else mine.with_for_update()).one() or 0


def _books_placed(session: Session, rule: ClosureRule, branch_id: str, quarantine_id: str, day: date) -> int:
    """Books now out that this closure moves to that day, those that the run has yet to move included."""
    table = models.Placement
    mine = (table.quarantine_id == quarantine_id, table.branch_id == branch_id, table.day == day)
    books = books_out(session, branch_id, select(table.household).where(*mine))
    days = family_days(session, {branch_id: rule}, {(branch_id, each.household) for each in books})

    def moved_by(each: Books) -> str | None:
        its_days = days.get((branch_id, each.household), NO_DAYS)
        return due_date(each.original_due_on, each.anchor, rule, its_days).slots_of

    return sum(each.books for each in books if moved_by(each) == quarantine_id)


def _due_besides(session: Session, branch_id: str, quarantine_id: str, since: date) -> dict[date, int]:
    loans = models.Loan
    others = loans.moved_by.is_(None) | (loans.moved_by != quarantine_id)
    chosen = select(loans.due_on, func.count()).group_by(loans.due_on)
    chosen = chosen.where(loans.branch_id == branch_id, loans.status == models.ON_LOAN, loans.due_on >= since, others)
    return {day: count for day, count in session.execute(chosen) if day is not None}
