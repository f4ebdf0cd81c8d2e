"""Declare -> last notice queued, through real worker processes, against the sum of the floors of its parts.

A send rate of next to nothing keeps mail from going out meanwhile. Accounts holds no card with an end, so its step
ends at once; its worker runs, since notify waits for it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import text

from benchmarks import events, run_floor
from benchmarks.consumer_floor import bare_consume
from benchmarks.figures import REPEATS, median, report, seconds, sizes, until
from benchmarks.library import COLUMNS, HOURS, Library, branch_ids, closed, fill_loans, fill_people
from benchmarks.relay_floor import bare_publish
from benchmarks.spine import Nodes, Spine, vacuum
from services.notify.delivery import BATCH, Deliverer
from shared.database import Database
from tests.support.whole import Library as Staff

GOAL = 2.5
SERVICES = ("accounts", "quarantines", "loans", "quizzes", "notify")
BATCHES = 10
WRITTEN = {
    "quarantines": "quarantines, quarantine_branches, quarantine_versions, step_reports, outbox, inbox",
    "accounts": "closures, decisions, runs, outbox, inbox",
    "quizzes": "closures, decisions, runs, outbox, inbox",
    "loans": "loans, due_date_changes, closures, decisions, placements, failed_moves, runs, outbox, inbox",
    "notify": "books, moves, unmoved, gatherings, decisions, notices, notice_cards, notice_lines, deliveries, links,"
    " runs, outbox, inbox",
}


@contextmanager
def workers(variables: dict[str, str]) -> Iterator[None]:
    """A `work` process for each service, as the product runs them."""
    environment = {**os.environ, **variables}
    log = (Path(variables["KITAPHANA_HOME"]) / "workers.log").open("ab")
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "services", "work", name], env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        for name in SERVICES
    ]
    try:
        yield
    finally:
        for each in started:
            each.terminate()
        for each in started:
            each.wait()
        log.close()


def measure(nodes: Nodes) -> None:
    spine = Spine.create(nodes, "chain", KITAPHANA_SEND_RATE="0.000001")
    for size in sizes():
        library = Library(size)
        with workers(spine.variables):
            _fill(spine, library)
            taken = median([_declared(spine, library) for _ in range(REPEATS)])
            _settle(spine)
        floors = _floors(spine, library)
        against = "run {:.2f} + publish {:.2f} + consume {:.2f} + notices {:.2f} s".format(*floors)
        report("declare -> last notice queued", size, taken, "s", against=against, ratio=taken / sum(floors),
               at_most=GOAL)  # fmt: skip
        _deliver(spine, library)
    spine.close()


def _fill(spine: Spine, library: Library) -> None:
    staff = Staff.inside(spine.system)
    with spine.database("quarantines").reading() as session:
        known = session.execute(text("SELECT count(*) FROM branches")).scalar_one()
    for branch_id in branch_ids() if not known else ():
        staff.branch(branch_id, HOURS)
    for service in ("accounts", "loans", "quizzes", "notify"):
        until(lambda service=service: _count(spine, service, "branches") >= len(branch_ids()), 120)  # type: ignore[misc]
    with spine.database("loans").transaction() as session:
        fill_loans(session, library)
    with spine.database("notify").transaction() as session:
        fill_people(session, library)


def _declared(spine: Spine, library: Library) -> float:
    _forget(spine)
    body = {"starts_on": library.starts_on.isoformat(), "ends_on": library.ends_on.isoformat()}
    staff = Staff.inside(spine.system)

    def work() -> None:
        staff.declare(**body)
        until(lambda: _count(spine, "notify", "runs WHERE kind = 'release' AND state = 'done'"))

    taken = seconds(work)
    told = _count(spine, "loans", f"outbox WHERE type = '{events.TYPE}'")
    if (queued := _count(spine, "notify", "notices")) != told:
        raise SystemExit(f"{told} readers' events, but {queued} notices")
    return taken


def _forget(spine: Spine) -> None:
    """As before the decision, once everything that the one before it said has been heard."""
    _settle(spine)
    for service, tables in WRITTEN.items():
        with spine.database(service).transaction() as session:
            session.execute(text(f"TRUNCATE {tables}"))
    with spine.database("loans").transaction() as session:
        session.execute(text(f"INSERT INTO loans ({COLUMNS}) SELECT {COLUMNS} FROM loans_master"))
    for service, tables in WRITTEN.items():
        vacuum(spine.database(service), *tables.split(", "))


def _settle(spine: Spine) -> None:
    until(lambda: not any(_count(spine, service, "outbox WHERE sent_at IS NULL") for service in SERVICES), 120)
    until(lambda: not any(_depths(spine).values()), 120, every=0.2)


def _depths(spine: Spine) -> dict[str, int]:
    return spine.context("notify").broker.depths()


def _count(spine: Spine, service: str, what: str) -> int:
    with spine.database(service).reading() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {what}")).scalar_one())


def _floors(spine: Spine, library: Library) -> tuple[float, float, float, float]:
    """Run, publish, consume, one INSERT of the notices: medians of each."""
    count = _keep_events(spine)
    bodies = events.bodies(spine)
    published, consumed, inserted, moved = [], [], [], []
    for _ in range(REPEATS):
        published.append(bare_publish(spine, bodies))
        consumed.append(bare_consume(spine, count))
        inserted.append(_insert_notices(spine.database("notify")))
    for _ in range(REPEATS):
        ways = []
        for floor in (run_floor.at_once, run_floor.in_chunks):
            closed(spine.database("loans"), library)
            ways.append(seconds(lambda floor=floor: floor(spine.database("loans"), library)))  # type: ignore[misc]
        moved.append(min(ways))
    return median(moved), median(published), median(consumed), median(inserted)


def _keep_events(spine: Spine) -> int:
    with spine.database("loans").transaction() as session:
        return events.keep(session)


def _insert_notices(database: Database) -> float:
    """One statement with the notices the chain has queued, into the emptied table."""
    with database.transaction() as session:
        rows = session.execute(text("SELECT CAST(jsonb_agg(notices) AS text) FROM notices")).scalar_one()
        session.execute(text("DELETE FROM notices"))
    vacuum(database, "notices")

    def insert() -> None:
        with database.transaction() as session:
            source = "jsonb_populate_recordset(CAST(NULL AS notices), CAST(:rows AS jsonb))"
            session.execute(text(f"INSERT INTO notices SELECT * FROM {source}"), {"rows": rows})

    return seconds(insert)


def _deliver(spine: Spine, library: Library) -> None:
    """The notices that wait, put into words and written to a Maildir."""
    database = Database("notify", replace(spine.system.settings, send_rate=0.0))
    deliverer = Deliverer(database)

    def work() -> None:
        for _ in range(BATCHES):
            deliverer.batch()

    taken = seconds(work)
    sent = _count(spine, "notify", "deliveries WHERE channel = 'email' AND state = 'sent'")
    report("delivery to a Maildir", library.loans, min(sent, BATCHES * BATCH) / taken, "mails/s")
    deliverer.close()
    database.close()
