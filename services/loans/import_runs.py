"""A file of loans that goes on by itself: checked when it comes, written by a run chunk by chunk."""

from __future__ import annotations

import os
import uuid
from dataclasses import asdict
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.loans.import_lines import OPTIONAL, REQUIRED, Row
from services.loans.imports import AT_ONCE, AT_ONCE_ON_SQLITE, Import, save
from shared import runs, tables
from shared.auth import Principal
from shared.csv_lines import Line, Readable, Refused, import_stream
from shared.database import Database, is_sqlite
from shared.import_runs import args_of, find
from shared.language import translate_filled
from shared.problems import language
from shared.runs import Run
from shared.settings import Settings

KIND = "loan_import"
MOST_KEPT = 10_000


def _folder(settings: Settings) -> Path:
    folder = settings.home / "loan-imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def import_later(database: Database, who: Principal, stream: Readable) -> dict[str, Any]:
    """Checks the whole file now, writes it by a run; answers the run with the lines refused so far."""
    name = str(uuid.uuid4())
    path = _folder(database.settings) / name
    checking = Import(database, who)
    with open(path, "wb", opener=_for_us_alone) as kept:

        def keep(lines: list[Line]) -> list[Refused]:
            rows, refused = checking.sift(lines)
            kept.writelines(orjson.dumps(asdict(row)) + b"\n" for row in rows)
            return refused

        try:
            report = import_stream(stream, REQUIRED, OPTIONAL, keep, AT_ONCE).as_json()
        except BaseException:
            path.unlink()
            raise
        kept.flush()
        os.fsync(kept.fileno())
    with database.transaction() as session:
        run_id = runs.start(session, KIND, name, args_of(name, who, report))
    return {"id": run_id, "state": "waiting", "done": 0, "total": report["accepted"], "failed": 0, **report}


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def progress_of(database: Database, run_id: str, who: Principal) -> dict[str, Any]:
    """Raises a 404 problem for an import of somebody else."""
    with database.reading() as session:
        row = find(session, KIND, run_id, who)
    report, later = row.args["report"], row.cursor.get("rejected", [])
    counts = {name: getattr(row, name) for name in ("id", "state", "done", "failed")}
    accepted = report["accepted"] - row.failed
    rejected = sorted([*report["rejected"], *map(_in_our_words, later)], key=lambda refused: refused["line"])
    return counts | {"total": report["accepted"], "accepted": accepted, "rejected": rejected}


def _in_our_words(refused: dict[str, Any]) -> dict[str, Any]:
    errors = {
        column: [translate_filled(each, language()) for each in said] for column, said in refused["errors"].items()
    }
    return refused | {"errors": errors}


class LoanImport:
    """The run of one file that was checked when it came; the cursor is a position in it."""

    step = ""

    def chunk_size(self, session: Session) -> int:
        return AT_ONCE_ON_SQLITE if is_sqlite(session) else AT_ONCE

    def advance(self, session: Session, run: Run, size: int) -> None:
        run.total = run.args["report"]["accepted"]
        rows = self._read_on(session, run, size)
        self._count(run, rows, save(session, rows) if rows else [])

    def skip(self, session: Session, run: Run, error: str) -> None:
        rows = self._read_on(session, run, 1)
        self._count(run, rows, [Refused(row.number, {"line": [error]}) for row in rows])

    def _count(self, run: Run, rows: list[Row], refused: list[Refused]) -> None:
        run.done += len(rows) - len(refused)
        run.failed += len(refused)
        kept = [*run.cursor["rejected"], *({"line": each.number, "errors": each.errors} for each in refused)]
        run.cursor["rejected"] = kept[:MOST_KEPT]
        if run.done + run.failed >= run.total:
            run.finish()

    def _read_on(self, session: Session, run: Run, size: int) -> list[Row]:
        position = run.cursor.get("position", 0)
        with (_folder(session.info["settings"]) / str(run.args["file"])).open("rb") as kept:
            kept.seek(position)
            lines = list(islice(kept, size))
        run.cursor = {"position": position + sum(map(len, lines)), "rejected": run.cursor.get("rejected", [])}
        return [_restored(line) for line in lines]


def _restored(line: bytes) -> Row:
    cells = orjson.loads(line)
    days = {name: date.fromisoformat(cells[name]) if cells[name] else None for name in ("lent_on", "due_on")}
    return Row(**cells | days)


def forget_files(database: Database) -> None:
    """Deletes the files of runs that have ended."""
    for path in _folder(database.settings).iterdir():
        with database.reading() as session:
            states = session.scalars(select(tables.runs.c.state).where(tables.runs.c.key == path.name)).all()
        if states and states[0] not in runs.OPEN:
            path.unlink(missing_ok=True)
