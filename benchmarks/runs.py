"""Runs that move due dates: against the audited floor, cost a loan, peak memory, and the preview of the same."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable

from sqlalchemy import text

from benchmarks import run_floor
from benchmarks.figures import REPEATS, median, report, seconds, sizes
from benchmarks.library import Library, as_at_start, branch_ids, closed, fill_branches, fill_loans
from benchmarks.spine import Nodes, Spine
from services.loans.preview import preview
from services.loans.runs import MOVE, RUNS
from shared import runs
from shared.database import Database
from shared.runs import Runner

GOAL = 0.8
EVERGREEN = 1_100
"""Loans a second that Evergreen's own emergency closing was measured at."""
TIMES_EVERGREEN = 30
COST_GOAL = 1.15
PREVIEW_GOAL = 0.4
MEMORY_GOAL, MOST_MEMORY = 1.3, 200.0
SMALL, LARGE = 100_000, 1_000_000

Counts = tuple[int, int, int]


def measure(nodes: Nodes) -> None:
    spine = Spine.create(nodes, "runs", "loans")
    database = spine.database("loans")
    with database.transaction() as session:
        fill_branches(session, Library(0))
    costs: dict[int, float] = {}
    memory = {size: peak_memory(spine, database, size) for size in sorted({*sizes(), 10_000})}
    for size in sizes():
        costs[size] = _plain(database, Library(size))
        _beside(database, Library(size, inside=1.0))
        _slots(database, Library.with_slots(size))
        _report_memory(size, memory)
    _report_costs(costs)
    spine.close()


def _plain(database: Database, library: Library) -> float:
    """Reports the run and its preview; returns seconds a loan."""
    moved, taken, floor, way = against_floor(database, library)
    against = f"{way}, {moved / floor:.0f} loans/s"
    report(f"run, {library.name}", library.loans, moved / taken, "loans/s", against=against, ratio=floor / taken,
           at_least=GOAL)  # fmt: skip
    report("run, times Evergreen", library.loans, moved / taken, "loans/s", against=float(EVERGREEN),
           ratio=moved / taken / EVERGREEN, at_least=TIMES_EVERGREEN)  # fmt: skip
    looked = median([_preview_seconds(database, library, moved) for _ in range(REPEATS)])
    report("preview, to the run", library.loans, looked, "s", against=taken, ratio=looked / taken,
           at_most=PREVIEW_GOAL)  # fmt: skip
    return taken / moved


def _beside(database: Database, library: Library) -> None:
    moved, taken, floor, way = against_floor(database, library)
    report(f"run, {library.name}", library.loans, moved / taken, "loans/s",
           against=f"{way}, {moved / floor:.0f} loans/s", ratio=floor / taken)  # fmt: skip


def _slots(database: Database, library: Library) -> None:
    with database.transaction() as session:
        fill_loans(session, library)
    timings = [timed(database, library, lambda quarantine: the_run(database, quarantine)) for _ in range(REPEATS)]
    taken = median([each for each, _ in timings])
    report(f"run, {library.name}", library.loans, timings[0][1][0] / taken, "loans/s")


def against_floor(database: Database, library: Library) -> tuple[int, float, float, str]:
    """Loans moved; seconds of the run and of the faster floor, medians with the ways interleaved; which floor."""
    with database.transaction() as session:
        fill_loans(session, library)
    ways: dict[str, Callable[[str], None]] = {
        "floor at once": lambda _: run_floor.at_once(database, library),
        "floor in chunks": lambda _: run_floor.in_chunks(database, library),
        "run": lambda quarantine_id: the_run(database, quarantine_id),
    }
    found: dict[str, list[float]] = {way: [] for way in ways}
    results: dict[str, Counts] = {}
    for _ in range(REPEATS):
        for way, work in ways.items():
            taken, results[way] = timed(database, library, work)
            found[way].append(taken)
    if len(set(results.values())) != 1 or results["run"][0] == 0:
        raise SystemExit(f"the ways disagree on loans moved, history and events: {results}")
    medians = {way: median(taken) for way, taken in found.items()}
    floor = min("floor at once", "floor in chunks", key=lambda way: medians[way])
    return results["run"][0], medians["run"], medians[floor], floor


def the_run(database: Database, quarantine_id: str) -> None:
    with database.transaction() as session:
        args = {"quarantine_id": quarantine_id, "version": 1, "why": "quarantine", "branch_ids": branch_ids()}
        runs.start(session, MOVE, f"{quarantine_id}:1", args)
    runner = Runner(database, RUNS)
    while runner.advance_one():
        pass


def timed(database: Database, library: Library, work: Callable[[str], None]) -> tuple[float, Counts]:
    quarantine_id = closed(database, library)
    taken = seconds(lambda: work(quarantine_id))
    return taken, counts(database)


def counts(database: Database) -> Counts:
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


def _preview_seconds(database: Database, library: Library, moved: int) -> float:
    """The preview of the same decision, before it is made."""
    as_at_start(database)
    branch = {"open_days": library.calendar, "returns_per_day": library.returns_per_day}
    quarantine = {
        "quarantine_id": str(uuid.uuid4()),
        "version": 1,
        "state": "declared",
        "starts_on": library.starts_on.isoformat(),
        "ends_on": library.ends_on.isoformat(),
        "grace_days": 0,
        "include_overdue": True,
        "branches": [{"branch_id": branch_id, **branch} for branch_id in branch_ids()],
    }
    found = {}
    with database.reading() as session:
        taken = seconds(lambda: found.update(preview(session, quarantine)))
    if found["loans"] != moved:
        raise SystemExit(f"the preview says {found['loans']} loans, the run moved {moved}")
    return taken


def peak_memory(spine: Spine, database: Database, size: int) -> float:
    """Megabytes of a worker of its own that does the run."""
    library = Library(size)
    with database.transaction() as session:
        fill_loans(session, library)
    command = [sys.executable, "-m", "benchmarks.memory", closed(database, library)]
    child = subprocess.run(command, env=spine.variables, capture_output=True, text=True, check=True)
    return float(child.stdout) / 1024


def _report_memory(size: int, memory: dict[int, float]) -> None:
    peak, small = memory[size], memory[10_000]
    report("worker's peak memory", size, peak, "MB", against=small, ratio=peak / small, at_most=MEMORY_GOAL,
           also=peak < MOST_MEMORY)  # fmt: skip


def _report_costs(costs: dict[int, float]) -> None:
    for size, cost in costs.items():
        judged = size == LARGE and SMALL in costs
        report("cost per loan", size, cost * 1e6, "µs", against=costs[SMALL] * 1e6 if judged else None,
               ratio=cost / costs[SMALL] if judged else None, at_most=COST_GOAL if judged else None)  # fmt: skip
