"""Long work of loans: one kind of run moves due dates, whatever made them move.

Phases: families are placed, one branch a transaction; then readers' loans are moved, a chunk of readers a
transaction, all of a reader's books at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from services.loans import import_runs, models
from services.loans.closures import lock_branches, rules_for
from services.loans.families import NO_DAYS, Rules, with_slots
from services.loans.looking import days_standing, look
from services.loans.moving import Cards, Change, LoanOut, changes, loans_out, next_cards, of_cards
from services.loans.placing import place_branch
from services.loans.plans import Alike, Plan, alike, decided
from services.loans.writing import (
    Cause,
    alike_rows,
    give_other_reason,
    move_alike,
    move_cards,
    update_loans,
    write_events,
    write_history,
)
from shared import runs
from shared.bulk import dump_rows
from shared.database import is_sqlite
from shared.observability import log
from shared.retries import describe
from shared.runs import Run

MOVE = "move"
SQLITE_READERS = 500


@dataclass
class Prepared:
    """What a run found at its start, kept between its chunks. `moving`: loans that get another date, families apart.

    `rows`, `reasons`: where no loan is looked at by itself, which loans alike get another date, and which only
    another reason for it (empty when there are none).
    """

    plan: Plan
    moving: int
    rows: str = ""
    reasons: str = ""
    undecided: list[Alike] = field(default_factory=list)


class MoveDueDates:
    """`args`: quarantine_id, version, why, branch_ids (all branches to be looked at)."""

    step = "move"

    def __init__(self) -> None:
        self._prepared: dict[str, Prepared] = {}

    def chunk_size(self, session: Session) -> int:
        readers: int = session.info["settings"].chunk_readers
        return min(readers, SQLITE_READERS) if is_sqlite(session) else readers

    def advance(self, session: Session, run: Run, size: int) -> None:
        if "left" not in run.cursor:
            session.execute(delete(models.FailedMove).where(models.FailedMove.run_id == run.id))
            rules = rules_for(session, run.args["branch_ids"])
            run.cursor = {"left": sorted(with_slots(rules)), "after": ""}
        if run.cursor["left"]:
            self._place_next(session, run)
        else:
            self._move_next(session, run, size)

    def _place_next(self, session: Session, run: Run) -> None:
        branch_id, *left = run.cursor["left"]
        lock_branches(session, [branch_id], exclusive=True)
        place_branch(session, branch_id, rules_for(session, [branch_id])[branch_id])
        run.cursor = run.cursor | {"left": left}

    def _move_next(self, session: Session, run: Run, size: int) -> None:
        scope, after = run.args["branch_ids"], run.cursor["after"]
        lock_branches(session, scope)
        prepared = self._prepare(session, run)
        if not after:
            run.total = how_many(session, prepared)
            remember_undecided(session, run, prepared)
        cards, last = next_cards(session, scope, after, size)
        if cards:
            self._move(session, run, prepared, cards)
        if last:
            self._finish(run)

    def _move(self, session: Session, run: Run, prepared: Prepared, cards: Cards) -> None:
        if looks_at_each(session, prepared.plan):
            moved = move_cards(session, prepared.plan, cause_of(run), cards)
        else:
            moved = move_alike(session, cause_of(run), cards, prepared.rows)
            if prepared.reasons:
                give_other_reason(session, cards, prepared.reasons)
        run.done += moved.loans
        run.events += moved.events
        run.cursor = run.cursor | {"after": cards.upto}

    def _finish(self, run: Run) -> None:
        self._prepared.pop(run.id, None)
        run.finish()
        run.total = run.done + run.failed

    def _prepare(self, session: Session, run: Run) -> Prepared:
        """As at the chunk before, unless closures changed or a day began since."""
        rules = rules_for(session, run.args["branch_ids"])
        known = self._prepared.get(run.id)
        if known is None or not known.plan.same_as(rules):
            known = prepare(session, plan_of(run, rules))
            self._prepared = {run.id: known}
        return known

    def skip(self, session: Session, run: Run, error: str) -> None:
        if run.cursor.get("left"):
            log.error("families could not be placed", branch=run.cursor["left"][0], error=error)
            run.cursor = run.cursor | {"left": run.cursor["left"][1:]}
            return
        scope = run.args["branch_ids"]
        lock_branches(session, scope)
        cards, last = next_cards(session, scope, run.cursor.get("after", ""), 1)
        if cards:
            move_one_by_one(session, run, plan_of(run, rules_for(session, scope)), cards)
            run.cursor = {"left": [], "after": cards.upto}
        if last:
            self._finish(run)


def prepare(session: Session, plan: Plan) -> Prepared:
    """Reads how the loans of the plan's branches stand, and decides."""
    groups = list(decided(plan, alike(session, plan, plan.rules), NO_DAYS))
    answered = [(group, decision) for group, decision in groups if decision and plan.concerns(decision)]
    moving = [(group, decision) for group, decision in answered if group.due_on != decision.due_on]
    if looks_at_each(session, plan):
        return Prepared(plan, moving=sum(group.loans for group, _ in moving))
    staying = [
        (group, decision)
        for group, decision in answered
        if group.due_on == decision.due_on and group.moved_by != decision.quarantine_id
    ]
    return Prepared(
        plan,
        rows=dump_rows(session, alike_rows(plan, moving)),
        reasons=dump_rows(session, alike_rows(plan, staying)) if staying else "",
        moving=sum(group.loans for group, _ in moving),
        undecided=[group for group, decision in groups if decision is None],
    )


def looks_at_each(session: Session, plan: Plan) -> bool:
    """Families' days differ from reader to reader; and SQLite cannot write it all in one statement."""
    return is_sqlite(session) or plan.has_slots


def how_many(session: Session, prepared: Prepared) -> int:
    """The loans that will move or fail. With slots it depends on families' days: each is looked at, once a run."""
    plan = prepared.plan
    if not plan.has_slots:
        return prepared.moving + sum(group.loans for group in prepared.undecided)
    found = look(session, plan, lambda branch_id: days_standing(session, plan, branch_id))
    return sum(s.loans.loans for s in found if s.decision and not s.right and plan.concerns(s.decision))


def plan_of(run: Run, rules: Rules) -> Plan:
    """Changed hours are told as the work of the quarantine that had moved the loan, one run for each."""
    return Plan(rules, run.args["quarantine_id"] if run.args["why"] == "hours" else None)


def cause_of(run: Run) -> Cause:
    return Cause(run.id, run.args["quarantine_id"], run.args["version"], run.args["why"])


def remember_undecided(session: Session, run: Run, prepared: Prepared) -> None:
    """Loans for which the kept calendar holds no answer are counted as failed and remembered."""
    groups = {(group.branch_id, group.original_due_on, group.span) for group in prepared.undecided}
    for branch_id in {group.branch_id for group in prepared.undecided}:
        out = loans_out(session, models.Loan.branch_id == branch_id)
        failed = [o for o in out if (branch_id, o.original_due_on, prepared.plan.span(o.anchored_on)) in groups]
        remember_failed(session, run, failed, "the calendar kept with the decision does not reach far enough")


def move_one_by_one(session: Session, run: Run, plan: Plan, cards: Cards) -> None:
    """Moves one reader's loans each in a savepoint: only what fails stays, remembered with its error."""
    out = loans_out(session, of_cards(cards))
    moved = []
    for loan in out:
        try:
            with session.begin_nested():
                moved += move_one(session, plan, cause_of(run), loan)
        except Exception as error:
            remember_failed(session, run, [loan], describe(error))
    run.events += write_events(session, cause_of(run), moved, out)
    run.done += len(moved)


def move_one(session: Session, plan: Plan, cause: Cause, loan: LoanOut) -> list[Change]:
    found = changes(session, plan, [loan])
    update_loans(session, found)
    moved = [change for change in found if change.moves]
    write_history(session, cause, moved)
    return moved


def remember_failed(session: Session, run: Run, loans: Sequence[LoanOut], error: str) -> None:
    rows: list[dict[str, Any]] = [
        {"run_id": run.id, "loan_id": loan.id, "card_number": loan.card_number, "error": error} for loan in loans
    ]
    session.execute(insert(models.FailedMove), rows)
    run.failed += len(rows)


RUNS: dict[str, runs.RunKind] = {MOVE: MoveDueDates(), import_runs.KIND: import_runs.LoanImport()}
