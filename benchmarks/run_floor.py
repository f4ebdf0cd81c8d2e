"""Speed of a run that moves due dates, against the audited floor on the product's own tables.

    python -m benchmarks.run_floor --database postgresql+psycopg://… [--loans 100000] [--repeat 3]

The floor is one UPDATE with one history row a loan and one outbox event a reader, as a single statement or in
chunks of 10,000 readers, whichever is faster; the same tables, indexes, event body and settings. Every measurement
starts from a fresh, vacuumed and analysed copy after a CHECKPOINT. One JSON line a figure.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.loans.preview import preview
from services.loans.runs import MOVE, RUNS
from shared import runs
from shared.calendar import open_days
from shared.database import Database, dump_json
from shared.migrate import migrate
from shared.runs import Runner
from shared.service import load
from shared.settings import Settings

BRANCHES = 20
CLOSED_DAYS = 60
FLOOR_READERS = 10_000
GOAL = 0.8
PREVIEW_GOAL = 0.4
EVERGREEN = 1_100
"""Loans a second that Evergreen's own emergency closing was measured at."""


@dataclass(frozen=True)
class Library:
    """`inside`: share of loans due inside the closure. `returns_per_day`: return slots, none for no limit."""

    loans: int
    inside: float = 0.6
    returns_per_day: int | None = None
    seed: float = 0.42

    @property
    def name(self) -> str:
        return f"{self.inside:.0%} inside" + (", return slots" if self.returns_per_day else "")

    @property
    def starts_on(self) -> date:
        return date.today() + timedelta(days=1)

    @property
    def ends_on(self) -> date:
        return self.starts_on + timedelta(days=CLOSED_DAYS - 1)


def fill(session: Session, library: Library) -> None:
    """Makes the loans once; `fresh` copies them before each measurement."""
    session.execute(text("DROP TABLE IF EXISTS loans_master"))
    session.execute(text("TRUNCATE loans, readers, branches, closures"))
    session.execute(text("SELECT setseed(:seed)"), {"seed": library.seed})
    days = open_days(
        "Mo-Sa 09:00-18:00", library.starts_on - timedelta(days=366), library.ends_on + timedelta(days=800)
    )
    calendar = {"calendar": dump_json(days.to_json())}
    session.execute(
        text(
            "INSERT INTO branches (id, version, name, path, time_zone, open_days)"
            " SELECT 'b' || n, 1, '{}', '[]', 'Asia/Almaty', CAST(:calendar AS jsonb) FROM generate_series(1, :n) n"
        ),
        calendar | {"n": BRANCHES},
    )
    readers = max(1, library.loans // 3)
    session.execute(
        text(
            "INSERT INTO readers (card_number, version, reader_id, card_folded, surname_folded, household, blocked)"
            " SELECT 'K' || lpad(n::text, 8, '0'), 1, 'r' || n, 'k' || n, 'reader', 'card:K' || lpad(n::text, 8, '0'),"
            " false FROM generate_series(0, :readers - 1) n"
        ),
        {"readers": readers},
    )
    session.execute(
        text(
            "CREATE TABLE loans_master AS SELECT 'L' || lpad(n::text, 9, '0') AS id, 1 AS version,"
            " 'K' || lpad(floor(random() * :readers)::text, 8, '0') AS card_number,"
            " 'b' || (1 + n % :branches) AS branch_id, 'Қалың орман, тентек өзен ' || n % 25 AS title,"
            " 'Қасым Қайсенов' AS author, due - 14 AS lent_on, due - 14 AS anchored_on, due AS original_due_on,"
            " due AS due_on, 'on_loan' AS status, 0 AS renewals"
            " FROM (SELECT n, CAST(:starts AS date) + CASE WHEN r < :inside THEN floor(random() * :days)::int"
            "  WHEN r < :inside + (1 - :inside) / 2 THEN -1 - floor(random() * 14)::int"
            "  ELSE :days + floor(random() * 28)::int END AS due"
            "  FROM (SELECT n, random() AS r FROM generate_series(1, :loans) n OFFSET 0) g OFFSET 0) d"
        ),
        {
            "readers": readers,
            "branches": BRANCHES,
            "starts": library.starts_on,
            "inside": library.inside,
            "days": CLOSED_DAYS,
            "loans": library.loans,
        },
    )


def fresh(database: Database, library: Library, quarantine_id: str) -> None:
    """The loans as at the start, the closure recorded, nothing moved yet."""
    with database.transaction() as session:
        session.execute(text("TRUNCATE loans, due_date_changes, outbox, runs, closures, placements, failed_moves"))
        columns = (
            "id, version, card_number, branch_id, title, author, lent_on, anchored_on, original_due_on, due_on,"
            " status, renewals"
        )
        session.execute(text(f"INSERT INTO loans ({columns}) SELECT {columns} FROM loans_master"))
        session.execute(
            text(
                "INSERT INTO closures (quarantine_id, branch_id, starts_on, ends_on, grace_days, include_overdue,"
                " returns_per_day, open_days, shifts)"
                " SELECT CAST(:q AS uuid), id, :starts, :ends, 0, true, :limit, open_days, '{}' FROM branches"
            ),
            {
                "q": quarantine_id,
                "starts": library.starts_on,
                "ends": library.ends_on,
                "limit": library.returns_per_day,
            },
        )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("loans", "due_date_changes", "outbox", "runs", "closures", "branches", "readers", "placements"):
            connection.execute(text(f"VACUUM ANALYZE {table}"))
        connection.execute(text("CHECKPOINT"))


FLOOR = """
WITH moved AS (
  UPDATE loans l SET due_on = :new_day, moved_by = CAST(:q AS uuid), version = l.version + 1
    FROM (SELECT id, due_on FROM loans WHERE status = 'on_loan' AND due_on BETWEEN :starts AND :ends
             AND card_number > :after AND card_number <= :upto) o
   WHERE l.id = o.id
  RETURNING l.id, l.card_number, l.branch_id, l.title, l.version, o.due_on AS was, l.due_on AS now
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
  FROM (SELECT card_number, jsonb_agg(jsonb_build_object('loan_id', id, 'title', title, 'branch_id', branch_id,
          'from', was, 'to', now, 'loan_version', version)) AS changes
          FROM moved GROUP BY card_number) m
  LEFT JOIN others o USING (card_number)"""


def floor_at_once(database: Database, library: Library) -> None:
    with database.transaction() as session:
        session.execute(text(FLOOR), _floor_values(library) | {"after": "", "upto": "~"})


def floor_in_chunks(database: Database, library: Library) -> None:
    readers = max(1, library.loans // 3)
    for start in range(0, readers, FLOOR_READERS):
        part = {"after": f"K{start - 1:08}" if start else "", "upto": f"K{start + FLOOR_READERS - 1:08}"}
        with database.transaction() as session:
            session.execute(text(FLOOR), _floor_values(library) | part)


def _floor_values(library: Library) -> dict[str, Any]:
    return {
        "q": str(uuid.uuid4()),
        "new_day": library.ends_on + timedelta(days=1),
        "starts": library.starts_on,
        "ends": library.ends_on,
    }


def the_run(database: Database, library: Library, quarantine_id: str) -> None:
    with database.transaction() as session:
        scope = [f"b{n}" for n in range(1, BRANCHES + 1)]
        args = {"quarantine_id": quarantine_id, "version": 1, "why": "quarantine", "branch_ids": scope}
        runs.start(session, MOVE, f"{quarantine_id}:1", args)
    runner = Runner(database, RUNS)
    while runner.advance_one():
        pass


def counts(database: Database) -> tuple[int, int, int]:
    """Loans moved, history rows, events of readers: what must be equal whichever way it was done."""
    with database.reading() as session:
        row = session.execute(
            text(
                "SELECT (SELECT count(*) FROM loans WHERE moved_by IS NOT NULL),"
                " (SELECT count(*) FROM due_date_changes),"
                " (SELECT count(*) FROM outbox WHERE type = 'loans.due_dates_changed.v1')"
            )
        ).one()
        return row[0], row[1], row[2]


def timed(database: Database, library: Library, work: Callable[[str], None]) -> tuple[float, tuple[int, int, int]]:
    quarantine_id = str(uuid.uuid4())
    fresh(database, library, quarantine_id)
    begins = time.perf_counter()
    work(quarantine_id)
    seconds = time.perf_counter() - begins
    return seconds, counts(database)


def measure(database: Database, library: Library, repeat: int) -> list[dict[str, Any]]:
    """Figures of one library: floor, run, preview; medians, ways interleaved."""
    with database.transaction() as session:
        fill(session, library)
    ways: dict[str, Callable[[str], None]] = {
        "at once": lambda _: floor_at_once(database, library),
        "in chunks": lambda _: floor_in_chunks(database, library),
        "run": lambda quarantine_id: the_run(database, library, quarantine_id),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    results = {}
    for _ in range(repeat):
        for way, work in ways.items():
            taken, results[way] = timed(database, library, work)
            seconds[way].append(taken)
    if len(set(results.values())) != 1 or results["run"][0] == 0:
        raise SystemExit(f"the ways disagree on loans moved, history and events: {results}")
    moved = results["run"][0]
    taken = {way: statistics.median(found) for way, found in seconds.items()}
    floor = min("at once", "in chunks", key=lambda way: taken[way])
    return [
        figure(library, moved / taken["run"], moved / taken[floor], floor),
        preview_figure(library, preview_seconds(database, library, moved), taken["run"]),
    ]


def preview_seconds(database: Database, library: Library, moved: int) -> float:
    """The preview of the same decision, before it is made."""
    quarantine_id = str(uuid.uuid4())
    fresh(database, library, quarantine_id)
    with database.transaction() as session:
        session.execute(text("DELETE FROM closures"))
        open_days = session.execute(text("SELECT id, open_days FROM branches")).all()
    quarantine = {
        "quarantine_id": quarantine_id,
        "version": 1,
        "state": "declared",
        "starts_on": library.starts_on.isoformat(),
        "ends_on": library.ends_on.isoformat(),
        "grace_days": 0,
        "include_overdue": True,
        "branches": [
            {"branch_id": branch.id, "open_days": branch.open_days, "returns_per_day": library.returns_per_day}
            for branch in open_days
        ],
    }
    begins = time.perf_counter()
    with database.reading() as session:
        found = preview(session, quarantine)
    if found["loans"] != moved:
        raise SystemExit(f"the preview says {found['loans']} loans, the run moved {moved}")
    return time.perf_counter() - begins


def preview_figure(library: Library, seconds: float, run_seconds: float) -> dict[str, Any]:
    ratio = seconds / run_seconds
    return {
        "figure": f"preview, {library.name}",
        "size": library.loans,
        "value": round(seconds, 3),
        "unit": "s",
        "against": f"the run, {round(run_seconds, 3)} s",
        "ratio": round(ratio, 3),
        "goal": PREVIEW_GOAL,
        "met": ratio <= PREVIEW_GOAL,
    }


def figure(library: Library, value: float, floor: float, way: str) -> dict[str, Any]:
    ratio = value / floor
    judged = library.returns_per_day is None
    return {
        "figure": f"run, {library.name}",
        "size": library.loans,
        "value": round(value),
        "unit": "loans/s",
        "against": f"audited floor {way}, {round(floor)} loans/s",
        "ratio": round(ratio, 3),
        "goal": GOAL if judged else None,
        "met": (ratio >= GOAL and value >= 30 * EVERGREEN) if judged else None,
    }


def open_database(url: str, home: Path) -> Database:
    settings = Settings(home=home, footing="real", database_url=url, broker_url="unused")
    service = load("services.loans")
    database = Database(service.name, settings)
    migrate(service, database)
    return database


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True)
    parser.add_argument("--loans", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--inside", type=float, default=0.6)
    parser.add_argument("--returns-per-day", type=int)
    asked = parser.parse_args()
    library = Library(asked.loans, asked.inside, asked.returns_per_day)
    with TemporaryDirectory() as home:
        database = open_database(asked.database, Path(home))
        for found in measure(database, library, asked.repeat):
            print(json.dumps(found))
        database.close()


if __name__ == "__main__":
    main()
