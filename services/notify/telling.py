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
TOLD_DATES = "UPDATE date_lines SET told_on = day, queued_by = NULL WHERE queued_by IN (SELECT id FROM {ids})"


def count_as_told(session: Session, notice_ids: Sequence[str]) -> None:
    """The days in these notices are from now on the ones their readers were last told."""
    ids = {"ids": dump_rows(session, [{"id": notice_id} for notice_id in notice_ids])}
    source = rows_table(session, "ids", {"id": "uuid"})
    session.execute(text(TOLD_BOOKS.format(ids=source)), ids)
    session.execute(text(TOLD_DATES.format(ids=source)), ids)


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
