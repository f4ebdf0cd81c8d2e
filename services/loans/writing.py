"""Writes moved due dates: loans, history and one event a reader. On PostgreSQL one statement does it all.

Whoever calls it holds the branches' locks, shared. A loan that somebody returned, renewed or moved meanwhile is
left alone: it has a right date already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, text
from sqlalchemy.orm import Session

from services.loans import models
from services.loans.due_dates import Decision
from services.loans.moving import Cards, Change, LoanOut, changes, loans_out, of_cards
from services.loans.plans import Alike, Plan
from shared import clock, observability, outbox
from shared.bulk import dump_rows, insert_rows
from shared.database import is_sqlite, rows_table

EVENT = "loans.due_dates_changed.v1"
ERASED = "erased:"
"""Begins the card number of a reader who is gone: nobody is left to be told."""

HISTORY = cast(Table, models.DueDateChange.__table__)


@dataclass(frozen=True)
class Cause:
    """The run that moves, and the reason written down: quarantine, hours or drift."""

    run_id: str
    quarantine_id: str
    version: int
    why: str


class Moved(NamedTuple):
    """How many loans got another date, and how many readers' events say so."""

    loans: int
    events: int


ALIKE = {
    "branch_id": "text",
    "original_due_on": "date",
    "anchored_from": "date",
    "anchored_to": "date",
    "was": "date",
    "was_moved_by": "uuid",
    "due_on": "date",
    "moved_by": "uuid",
}
EACH = {"id": "text", "original_due_on": "date", "was": "date", "due_on": "date", "moved_by": "uuid"}

IS_ALIKE = """l.branch_id = d.branch_id AND l.original_due_on = d.original_due_on
        AND l.anchored_on BETWEEN d.anchored_from AND d.anchored_to
        AND l.moved_by IS NOT DISTINCT FROM d.was_moved_by"""
IS_THAT_ONE = "l.id = d.id AND l.original_due_on = d.original_due_on"


def alike_rows(plan: Plan, groups: Iterable[tuple[Alike, Decision]]) -> list[dict[str, Any]]:
    """Rows that say how loans alike are to change."""
    rows = []
    for group, decision in groups:
        key = (group.branch_id, group.original_due_on, *plan.days_of_span(group.span))
        stands, should = (group.due_on, group.moved_by), (decision.due_on, decision.quarantine_id)
        rows.append(dict(zip(ALIKE, (*key, *stands, *should), strict=True)))
    return rows


def move_alike(session: Session, cause: Cause, cards: Cards, rows: str) -> Moved:
    """Moves the loans of these cards by the JSON of `alike_rows`: PostgreSQL only."""
    return _in_one_statement(session, cause, cards, rows_table(session, "d", ALIKE), IS_ALIKE, rows)


def give_other_reason(session: Session, cards: Cards, rows: str) -> None:
    """Loans of these cards whose date stays, for another quarantine's sake now: the JSON of `alike_rows`."""
    statement = (
        f"UPDATE loans l SET moved_by = d.moved_by FROM {rows_table(session, 'd', ALIKE)}"  # noqa: S608
        " WHERE l.status = 'on_loan' AND l.card_number > :after AND l.card_number <= :upto"
        f" AND {IS_ALIKE} AND l.due_on IS NOT DISTINCT FROM d.was"
    )
    session.execute(text(statement), {"d": rows, "after": cards.after, "upto": cards.upto})


def move_each(session: Session, cause: Cause, cards: Cards, found: Sequence[Change]) -> Moved:
    """Moves the loans found, each to its own day."""
    update_loans(session, [change for change in found if not change.moves])
    moving = [change for change in found if change.moves]
    if not moving:
        return Moved(0, 0)
    if is_sqlite(session):
        return _in_four_statements(session, cause, cards, moving)
    rows = dump_rows(session, _each_rows(moving))
    return _in_one_statement(session, cause, cards, rows_table(session, "d", EACH), IS_THAT_ONE, rows)


def _each_rows(found: Sequence[Change]) -> list[dict[str, Any]]:
    return [
        {
            "id": c.loan.id,
            "original_due_on": c.loan.original_due_on,
            "was": c.loan.due_on,
            "due_on": c.decision.due_on,
            "moved_by": c.decision.quarantine_id,
        }
        for c in found
    ]


def _in_one_statement(session: Session, cause: Cause, cards: Cards, source: str, match: str, rows: str) -> Moved:
    values = {
        "d": rows,
        "after": cards.after,
        "upto": cards.upto,
        "at": clock.now(),
        "event": EVENT,
        "erased": ERASED + "%",
        "run_id": cause.run_id,
        "quarantine_id": cause.quarantine_id,
        "version": cause.version,
        "why": cause.why,
    }
    # The planner takes the loans moved for one row and would compare every loan of the chunk with each of them.
    session.execute(text("SET LOCAL enable_nestloop = off"))
    row = session.execute(text(_statement(source, match)), values | observability.trail()).one()
    outbox.mark_written(session)
    return Moved(row.loans, row.events)


def _statement(source: str, match: str) -> str:
    return f"""
    WITH moved AS (
      UPDATE loans l SET due_on = d.due_on, moved_by = d.moved_by, version = l.version + 1
        FROM {source}
       WHERE l.status = 'on_loan' AND l.card_number > :after AND l.card_number <= :upto
        AND {match} AND l.due_on IS NOT DISTINCT FROM d.was
      RETURNING l.id, l.card_number, l.branch_id, l.title, l.author, l.version, d.was, l.due_on AS now
    ), history AS (
      INSERT INTO due_date_changes (loan_id, at, was, now, why, quarantine_id, version)
      SELECT id, :at, was, now, :why, CAST(:quarantine_id AS uuid), :version FROM moved
    ), told AS (
      SELECT l.card_number,
             jsonb_agg(jsonb_build_object('loan_id', m.id, 'title', m.title, 'author', m.author,
               'branch_id', m.branch_id, 'from', m.was, 'to', m.now, 'loan_version', m.version))
               FILTER (WHERE m.id IS NOT NULL) AS changes,
             jsonb_agg(jsonb_build_object('title', l.title, 'due_on', l.due_on))
               FILTER (WHERE m.id IS NULL) AS unchanged
        FROM loans l LEFT JOIN moved m ON m.id = l.id
       WHERE l.status = 'on_loan' AND l.card_number > :after AND l.card_number <= :upto
       GROUP BY l.card_number HAVING count(m.id) > 0
    ), events AS (
      INSERT INTO outbox (event_id, type, subject, time, data, correlation_id, causation_id, traceparent)
      SELECT gen_random_uuid(), :event, card_number, :at,
             jsonb_build_object('run_id', CAST(:run_id AS text), 'quarantine_id', CAST(:quarantine_id AS text),
               'version', CAST(:version AS int), 'card_number', card_number, 'changes', changes,
               'unchanged', coalesce(unchanged, '[]')),
             :correlation_id, :causation_id, :traceparent
        FROM told WHERE card_number NOT LIKE :erased
      RETURNING 1
    )
    SELECT (SELECT count(*) FROM moved) AS loans, (SELECT count(*) FROM events) AS events"""  # noqa: S608


def _in_four_statements(session: Session, cause: Cause, cards: Cards, moved: Sequence[Change]) -> Moved:
    """SQLite has one writer: nobody else can have changed what was read in this transaction."""
    out = loans_out(session, of_cards(cards))
    update_loans(session, moved)
    write_history(session, cause, moved)
    return Moved(len(moved), write_events(session, cause, moved, out))


def update_loans(session: Session, found: Sequence[Change]) -> None:
    if not found:
        return
    statement = (
        "UPDATE loans SET due_on = d.due_on, moved_by = d.moved_by, version = version + 1"  # noqa: S608
        f" FROM {rows_table(session, 'd', EACH)}"
        " WHERE loans.id = d.id AND loans.status = 'on_loan' AND loans.original_due_on = d.original_due_on"
    )
    session.execute(text(statement), {"d": dump_rows(session, _each_rows(found))})


def write_history(session: Session, cause: Cause, moved: Sequence[Change]) -> None:
    reason = {"at": clock.now(), "why": cause.why, "quarantine_id": cause.quarantine_id, "version": cause.version}
    rows = [{"loan_id": c.loan.id, "was": c.loan.due_on, "now": c.decision.due_on} | reason for c in moved]
    insert_rows(session, HISTORY, rows)


def write_events(session: Session, cause: Cause, moved: Sequence[Change], out: Iterable[LoanOut]) -> int:
    """One event a reader; `out`: all that these readers have on loan. Returns how many events."""
    by_card: dict[str, list[Change]] = {}
    for change in moved:
        by_card.setdefault(change.loan.card_number, []).append(change)
    moved_ids = {change.loan.id for change in moved}
    others: dict[str, list[dict[str, Any]]] = {}
    for loan in out:
        if loan.id not in moved_ids:
            others.setdefault(loan.card_number, []).append({"title": loan.title, "due_on": _iso(loan.due_on)})
    told = {card: changes for card, changes in by_card.items() if not card.startswith(ERASED)}
    for card, its_changes in told.items():
        outbox.add(session, EVENT, card, _event(cause, card, its_changes, others.get(card, [])))
    return len(told)


def _event(cause: Cause, card: str, moved: Sequence[Change], others: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "run_id": cause.run_id,
        "quarantine_id": cause.quarantine_id,
        "version": cause.version,
        "card_number": card,
        "changes": [_line(change) for change in moved],
        "unchanged": others,
    }


def _line(change: Change) -> Mapping[str, Any]:
    loan = change.loan
    return {
        "loan_id": loan.id,
        "title": loan.title,
        "author": loan.author,
        "branch_id": loan.branch_id,
        "from": _iso(loan.due_on),
        "to": _iso(change.decision.due_on),
        "loan_version": loan.version + 1,
    }


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None


def move_cards(session: Session, plan: Plan, cause: Cause, cards: Cards) -> Moved:
    """Moves the loans of these cards, looking at each."""
    out = loans_out(session, of_cards(cards))
    return move_each(session, cause, cards, changes(session, plan, out))
