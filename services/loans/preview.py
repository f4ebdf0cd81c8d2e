"""What a decision would do to the loans that are out: the deed's own rules on its own data, writing nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.loans import models
from services.loans.closures import rules_for
from services.loans.decisions import closure_rows
from services.loans.due_dates import Decision
from services.loans.families import NO_DAYS, Rules, with_slots
from services.loans.looking import NEW, DaysOf, Out, Seen, by_name, look
from services.loans.placing import Placing, books_out, days_to_keep, limits_at
from services.loans.plans import Alike, Plan
from services.loans.writing import ALIKE, ERASED, IS_ALIKE, alike_rows
from shared import clock
from shared.bulk import dump_rows
from shared.calendar import OpenDays, OutsideCalendar, never_opens
from shared.database import rows_table

SOON = timedelta(days=3)


@dataclass
class Found:
    """Counts of loans, and the cards of their readers by branch.

    `before`, `after`: (branch, day) -> loans due there. `new`: readers of books that move for the first time, whose
    day is news to them for sure; `again`: (day in force, day to come) -> the other loans.
    """

    starts_on: date
    today: Mapping[str, date]
    counts: Counter[str] = field(default_factory=Counter)
    loans_at: Counter[str] = field(default_factory=Counter)
    cards_at: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    before: Counter[tuple[str, date]] = field(default_factory=Counter)
    after: Counter[tuple[str, date]] = field(default_factory=Counter)
    unanswered: set[str] = field(default_factory=set)
    moving: list[tuple[Alike, Decision]] = field(default_factory=list)
    new: set[str] = field(default_factory=set)
    again: dict[tuple[date | None, date | None], list[Out]] = field(default_factory=lambda: defaultdict(list))

    def add(self, seen: Seen) -> None:
        loans, decision = seen.loans, seen.decision
        now = decision.due_on if decision else loans.due_on
        self._due(self.before, loans, loans.due_on)
        self._due(self.after, loans, now)
        if decision is None:
            self.unanswered.add(loans.branch_id)
        elif not seen.right:
            self._move(loans, decision, seen.out)

    def _due(self, returns: Counter[tuple[str, date]], loans: Alike, day: date | None) -> None:
        if day is not None:
            returns[loans.branch_id, day] += loans.loans

    def _move(self, loans: Alike, decision: Decision, out: Out | None) -> None:
        self.loans_at[loans.branch_id] += loans.loans
        for what in _kinds(loans, decision, self.starts_on, self.today[loans.branch_id]):
            self.counts[what] += loans.loans
        if out is None:
            self.moving.append((loans, decision))
        else:
            self.add_loan(loans.branch_id, out, loans.due_on, decision.due_on)

    def add_loan(self, branch_id: str, out: Out, was: date | None, now: date | None) -> None:
        if out.card_number.startswith(ERASED):
            return
        self.cards_at[branch_id].add(out.card_number)
        if out.again:
            self.again[was, now].append(out)
        else:
            self.new.add(out.card_number)


def _kinds(loans: Alike, decision: Decision, starts_on: date, today: date) -> Iterable[str]:
    was, now = loans.due_on, decision.due_on
    yield "loans"
    if was is not None and was < starts_on:
        yield "overdue_frozen"
    if now is None:
        yield "no_date"
        return
    if now == loans.original_due_on:
        yield "loans_back"
    if was is None or now < was:
        yield "nearer"
        if now < today:
            yield "already_past"
        elif now <= today + SOON:
            yield "due_within_three_days"


COUNTS = ("loans", "overdue_frozen", "no_date", "nearer", "due_within_three_days", "already_past", "loans_back")


def preview(session: Session, quarantine: Mapping[str, Any]) -> dict[str, Any]:
    """What this version of a quarantine (event data) would do.

    `cards`: readers of whose books one moves for the first time; `again`: the loans that had moved or were renewed
    before, by the day they leave and the day they come to.
    """
    scope = _scope(session, quarantine)
    rows = [row for row in closure_rows(quarantine) if row["branch_id"] in scope]
    rules = rules_for(session, scope, rows, quarantine["quarantine_id"])
    limits = {row["branch_id"]: row["returns_per_day"] for row in rows}
    plan = Plan(rules)
    found = Found(date.fromisoformat(quarantine["starts_on"]), {b: clock.today(zone) for b, zone in scope.items()})

    def days_at(branch_id: str) -> DaysOf:
        return would_be_placed(session, branch_id, rules, quarantine["quarantine_id"], limits.get(branch_id))

    for seen in look(session, plan, days_at, closely=by_name(session)):
        found.add(seen)
    _add_named(session, plan, found)
    return _answer(quarantine, found)


def _scope(session: Session, quarantine: Mapping[str, Any]) -> dict[str, str]:
    """Branch -> time zone, of this version's branches and those of any version before that we have heard of."""
    earlier = session.get(models.Decision, quarantine["quarantine_id"])
    wanted = {branch["branch_id"] for branch in quarantine["branches"]} | set(earlier.branch_ids if earlier else ())
    table = models.Branch
    rows = session.execute(select(table.id, table.time_zone).where(table.id.in_(wanted)))
    return {row.id: row.time_zone for row in rows}


def would_be_placed(session: Session, branch_id: str, rules: Rules, quarantine_id: str, limit: int | None) -> DaysOf:
    """The families' days as the run would place them, kept in memory."""
    rule = rules[branch_id]
    if branch_id not in with_slots(rules):
        return lambda _: NO_DAYS
    limits = limits_at(session, branch_id) | ({quarantine_id: limit} if limit is not None else {})
    kept = days_to_keep(session, branch_id, rule)
    return Placing(rule, limits, books_out(session, branch_id), kept).place_all().family_days


def _add_named(session: Session, plan: Plan, found: Found) -> None:
    """The loans that were counted without looking at each: by name where their readers may know another day."""
    rows = alike_rows(plan, found.moving)
    if not rows:
        return
    names = ", ".join(f"CASE WHEN l.version > {NEW} THEN {what} END" for what in ("l.id", "d.was", "d.due_on"))
    statement = (
        f"SELECT DISTINCT l.branch_id, l.card_number, {names}"  # noqa: S608
        f" FROM loans l JOIN {rows_table(session, 'd', ALIKE)} ON {IS_ALIKE}"
        " WHERE l.status = 'on_loan' AND l.due_on IS NOT DISTINCT FROM d.was"
    )
    for branch_id, card, loan_id, was, now in session.execute(text(statement), {"d": dump_rows(session, rows)}):
        found.add_loan(branch_id, Out(loan_id or "", card, loan_id is not None), was, now)


def _answer(quarantine: Mapping[str, Any], found: Found) -> dict[str, Any]:
    days = sorted(key for key in {*found.before, *found.after} if _shown(found, key))
    return {name: found.counts[name] for name in COUNTS} | {
        "readers": len(set[str]().union(*found.cards_at.values())),
        "cards": sorted(found.new),
        "again": [
            {
                "was": was,
                "now": now,
                "loans": [out.loan_id for out in outs],
                "cards": [out.card_number for out in outs],
            }
            for (was, now), outs in found.again.items()
        ],
        "by_branch": [
            {"branch_id": branch_id, "loans": loans, "readers": len(found.cards_at[branch_id])}
            for branch_id, loans in sorted(found.loans_at.items())
        ],
        "returns": [
            {"branch_id": branch_id, "day": day.isoformat(), "before": found.before[key], "after": found.after[key]}
            for branch_id, day in days
            for key in [(branch_id, day)]
        ],
        "never_open": sorted({*found.unanswered, *_never_open(quarantine)}),
    }


def _shown(found: Found, key: tuple[str, date]) -> bool:
    """What fell due before the closure and stays so is no part of the picture."""
    return key[1] >= found.starts_on or found.before[key] != found.after[key]


def _never_open(quarantine: Mapping[str, Any]) -> Iterable[str]:
    if quarantine["ends_on"] is None or quarantine["state"] == "cancelled":
        return
    for branch in quarantine["branches"]:
        try:
            shut = never_opens(OpenDays.from_json(branch["open_days"]), date.fromisoformat(quarantine["ends_on"]))
        except OutsideCalendar:
            shut = True
        if shut:
            yield branch["branch_id"]
