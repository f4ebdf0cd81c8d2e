"""What a notice tells: the days its reader is counted as knowing, and the ones it brought nearer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.notify.models import Book, Branch, NoticeLine
from services.notify.people import ZONE
from shared import clock
from shared.bulk import dump_rows
from shared.database import rows_table

TOLD_BOOKS = """
    UPDATE books SET told_on = l.now, told_by = l.notice_id, queued_by = NULL, queued_on = NULL
      FROM notice_lines l WHERE l.notice_id IN (SELECT id FROM {ids})
       AND books.loan_id = l.loan_id AND books.queued_by = l.notice_id"""
TOLD_DATES = """
    UPDATE date_lines SET told_before = told_on, told_on = day, told_by = queued_by, queued_by = NULL
     WHERE queued_by IN (SELECT id FROM {ids})"""
# As if it had never been claimed: its reader knows the day before, and it waits for somebody to tell its own.
UNTOLD_BOOKS = """
    UPDATE books SET told_on = l.was,
           told_by = (SELECT n.id FROM notices n JOIN notice_lines o ON o.notice_id = n.id AND o.loan_id = l.loan_id
                       WHERE n.addressee = failed.addressee AND n.id <> failed.id AND o.now IS NOT DISTINCT FROM l.was
                         AND (n.told_at IS NOT NULL OR n.opened_at IS NOT NULL)
                       ORDER BY n.created_at DESC LIMIT 1),
           queued_on = CASE WHEN books.queued_by IS NULL THEN l.now ELSE books.queued_on END,
           queued_by = coalesce(books.queued_by, failed.id)
      FROM notice_lines l JOIN notices failed ON failed.id = l.notice_id
     WHERE failed.id IN (SELECT id FROM {ids}) AND books.loan_id = l.loan_id AND books.told_by = failed.id"""
UNTOLD_DATES = """
    UPDATE date_lines SET told_on = told_before, queued_by = told_by, told_by = NULL
      FROM notices failed JOIN notice_cards c ON c.notice_id = failed.id
     WHERE failed.id IN (SELECT id FROM {ids}) AND date_lines.quarantine_id = failed.quarantine_id
       AND date_lines.card_number = c.card_number AND date_lines.told_by = failed.id
       AND date_lines.queued_by IS NULL"""


def count_as_told(session: Session, notice_ids: Sequence[str]) -> None:
    """The days in these notices are from now on the ones their readers were last told."""
    _run(session, notice_ids, TOLD_BOOKS, TOLD_DATES)


def count_as_untold(session: Session, notice_ids: Sequence[str]) -> None:
    """These notices were claimed and have reached nobody: what their readers were told before is the last told."""
    _run(session, notice_ids, UNTOLD_BOOKS, UNTOLD_DATES)


def _run(session: Session, notice_ids: Sequence[str], *statements: str) -> None:
    ids = {"ids": dump_rows(session, [{"id": notice_id} for notice_id in notice_ids])}
    for statement in statements:
        session.execute(text(statement.format(ids=rows_table(session, "ids", {"id": "uuid"}))), ids)


def nearer_days(session: Session, notice_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Notice -> the books whose day it brought nearer, `{loan_id, sent_on}`: today in each branch's own zone."""
    nearer = (
        select(NoticeLine.notice_id, NoticeLine.loan_id, Branch.time_zone)
        .join(Book, Book.loan_id == NoticeLine.loan_id, isouter=True)
        .join(Branch, Branch.id == Book.branch_id, isouter=True)
        .where(NoticeLine.notice_id.in_(notice_ids), NoticeLine.now < NoticeLine.was)
        .order_by(NoticeLine.notice_id, NoticeLine.loan_id)
    )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for notice_id, loan_id, zone in session.execute(nearer):
        found[notice_id].append({"loan_id": loan_id, "sent_on": clock.today(zone or ZONE).isoformat()})
    return found
