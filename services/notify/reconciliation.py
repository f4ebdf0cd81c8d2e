"""What notify knows of the books a decision moved, card by card, for the proof that nobody was missed."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.notify.models import Book, Gathering
from shared import runs
from shared.database import is_sqlite
from shared.tables import runs as runs_table

# The newest notice that tells the day in force decides: told, on its way, or failed.
PAGE = """
    SELECT m.card_number, m.loan_id, b.due_on, b.told_on, b.queued_by IS NOT NULL AS queued, b.told_by,
           CASE WHEN b.queued_by IS NULL THEN b.told_on ELSE b.queued_on END AS telling,
           n.state AS notice_state, n.told_at IS NOT NULL OR n.opened_at IS NOT NULL AS told,
           EXISTS (SELECT 1 FROM deliveries d WHERE d.notice_id = n.id AND d.place > 0) AS has_channel,
           (SELECT d.last_error FROM deliveries d WHERE d.notice_id = n.id AND d.last_error IS NOT NULL
             ORDER BY d.place DESC LIMIT 1) AS last_error
      FROM (SELECT card_number FROM moves
             WHERE quarantine_id = :quarantine_id AND card_number {collate} > :after
             GROUP BY card_number ORDER BY card_number {collate} LIMIT :limit) AS c
      JOIN moves m ON m.quarantine_id = :quarantine_id AND m.card_number = c.card_number
      JOIN books b ON b.loan_id = m.loan_id
      LEFT JOIN notices n ON n.id = CASE WHEN b.queued_by IS NULL THEN b.told_by ELSE b.queued_by END
     ORDER BY m.card_number {collate}, m.loan_id"""


def page(session: Session, quarantine_id: str, after: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Cards in byte order after that one: `{card_number, loans: [{loan_id, told_on, knows, state, reason}]}`."""
    collate = "" if is_sqlite(session) else 'COLLATE "C"'
    typed = text(PAGE.format(collate=collate)).columns(due_on=Book.due_on.type, telling=Book.queued_on.type)
    rows = session.execute(typed, {"quarantine_id": quarantine_id, "after": after, "limit": limit}).all()
    waiting = _release_waits(session, quarantine_id)
    items = [
        {"card_number": card, "loans": [_loan(row, waiting) for row in loans]}
        for card, loans in groupby(rows, key=lambda row: row.card_number)
    ]
    return items, items[-1]["card_number"] if len(items) == limit else None


def _release_waits(session: Session, quarantine_id: str) -> bool:
    """Whether digests of the decision are still to be put together: on hold, or not everything heard yet."""
    gathering = select(Gathering.run_id).where(
        Gathering.quarantine_id == quarantine_id, Gathering.released_at.is_(None)
    )
    releasing = select(runs_table.c.id).where(
        runs_table.c.kind == "release",
        runs_table.c.key.startswith(f"{quarantine_id}:", autoescape=True),
        runs_table.c.state.in_(runs.OPEN),
    )
    return session.execute(gathering.limit(1)).first() is not None or session.execute(releasing).first() is not None


def _loan(row: Any, release_waits: bool) -> dict[str, Any]:
    state, reason = verdict(row.notice_state, bool(row.told), bool(row.has_channel), row.last_error)
    if release_waits and row.due_on != row.telling:
        state, reason = "pending", None
    telling = row.telling.isoformat() if row.telling else None
    return {"loan_id": row.loan_id, "told_on": telling, "knows": True, "state": state, "reason": reason}


def verdict(notice_state: str | None, told: bool, has_channel: bool, last_error: str | None) -> tuple[str, str | None]:
    """(state, reason) of the notice that tells a book's day: told, pending, unreachable, failed or none.

    None: no notice had to tell the day, because it is the one agreed at the desk or told before any closure.
    """
    if notice_state is None:
        return "none", None
    if told:
        return "told", None
    if notice_state == "queued":
        return "pending", None
    return "unreachable", last_error or (None if has_channel else "no outside channel")
