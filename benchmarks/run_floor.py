"""The audited floor of a run: one UPDATE with one history row a loan and one outbox event a reader.

The product's own tables, indexes, event body and settings; as one statement or in chunks of 10,000 readers.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.library import Library
from shared.database import Database

READERS = 10_000

FLOOR = """
WITH moved AS (
  UPDATE loans l SET due_on = :new_day, moved_by = CAST(:q AS uuid), version = l.version + 1
    FROM (SELECT id, due_on FROM loans WHERE status = 'on_loan' AND due_on BETWEEN :starts AND :ends
             AND card_number > :after AND card_number <= :upto) o
   WHERE l.id = o.id
  RETURNING l.id, l.card_number, l.branch_id, l.title, l.author, l.version, o.due_on AS was, l.due_on AS now
), history AS (
  INSERT INTO due_date_changes (loan_id, at, was, now, why, quarantine_id, version)
  SELECT id, now(), was, now, 'quarantine', CAST(:q AS uuid), 1 FROM moved
), others AS (
  SELECT l.card_number, jsonb_agg(jsonb_build_object('title', l.title, 'due_on', l.due_on)) AS unchanged
    FROM loans l WHERE l.status = 'on_loan' AND NOT l.due_on BETWEEN :starts AND :ends
     AND l.card_number > :after AND l.card_number <= :upto
   GROUP BY l.card_number
)
INSERT INTO outbox (event_id, type, subject, time, data, correlation_id)
SELECT gen_random_uuid(), 'loans.due_dates_changed.v1', m.card_number, now(),
       jsonb_build_object('run_id', CAST(:q AS text), 'quarantine_id', CAST(:q AS text), 'version', 1,
         'card_number', m.card_number, 'changes', m.changes, 'unchanged', coalesce(o.unchanged, '[]')), CAST(:q AS text)
  FROM (SELECT card_number, jsonb_agg(jsonb_build_object('loan_id', id, 'title', title, 'author', author,
          'branch_id', branch_id, 'from', was, 'to', now, 'loan_version', version)) AS changes
          FROM moved GROUP BY card_number) m
  LEFT JOIN others o USING (card_number)"""


def at_once(database: Database, library: Library) -> None:
    with database.transaction() as session:
        _move(session, library, {"after": "", "upto": "~"})


def in_chunks(database: Database, library: Library) -> None:
    for start in range(0, library.readers, READERS):
        part = {"after": f"K{start - 1:08}" if start else "", "upto": f"K{start + READERS - 1:08}"}
        with database.transaction() as session:
            _move(session, library, part)


def _move(session: Session, library: Library, part: dict[str, str]) -> None:
    # As in the product: without it the planner may fall into a plan that takes minutes.
    session.execute(text("SET LOCAL enable_nestloop = off"))
    session.execute(text(FLOOR), _values(library) | part)


def _values(library: Library) -> dict[str, Any]:
    return {
        "q": str(uuid.uuid4()),
        "new_day": library.after,
        "starts": library.starts_on,
        "ends": library.ends_on,
    }
