"""A file of readers imported in the request, or by a run that follows it."""

from __future__ import annotations

import os
import tempfile
import uuid
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.accounts.reader_files import CheckedFile, look_up, restored
from services.accounts.saving import save_chunk
from shared import runs, tables
from shared.auth import Principal
from shared.csv_lines import Readable, Report
from shared.database import Database, is_sqlite
from shared.import_runs import args_of, find
from shared.runs import Run
from shared.settings import Settings

KIND = "reader_import"
READERS_AT_ONCE = 4000
READERS_AT_ONCE_ON_SQLITE = 500
TRIES = 3


def _at_once(sqlite: bool) -> int:
    return READERS_AT_ONCE_ON_SQLITE if sqlite else READERS_AT_ONCE


def _folder(settings: Settings) -> Path:
    folder = settings.home / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def import_at_once(database: Database, stream: Readable, branches: frozenset[str] | None) -> Report:
    """`branches`: where the caller is a librarian, None for everywhere."""
    with tempfile.TemporaryFile(dir=_folder(database.settings)) as kept:
        file = CheckedFile(kept)
        file.read(stream)
        look_up(file, database, branches)
        for chunk in file.chunks(_at_once(database.sqlite)):
            _save(database, chunk)
        return file.close_report()


def _save(database: Database, chunk: list[dict[str, Any]]) -> None:
    """Another file, or a form, may have brought the same new card meanwhile: then the chunk sees it and goes on."""
    for attempt in range(1, TRIES + 1):
        try:
            with database.transaction() as session:
                return save_chunk(session, chunk)
        except IntegrityError:
            if attempt == TRIES:
                raise


def import_later(
    database: Database, stream: Readable, branches: frozenset[str] | None, who: Principal
) -> dict[str, Any]:
    """Checks the whole file now, writes it by a run; answers the run with the lines refused so far."""
    name = str(uuid.uuid4())
    path = _folder(database.settings) / name
    with path.open("w+b") as kept, tempfile.TemporaryFile(dir=path.parent) as passed:
        path.chmod(0o600)
        file = CheckedFile(passed)
        try:
            file.read(stream)
            look_up(file, database, branches)
        except BaseException:
            path.unlink()
            raise
        for chunk in file.chunks(READERS_AT_ONCE):
            kept.writelines(orjson.dumps(fields) + b"\n" for fields in chunk)
        kept.flush()
        os.fsync(kept.fileno())
    report = file.close_report().as_json()
    with database.transaction() as session:
        run_id = runs.start(session, KIND, name, args_of(name, who, report))
    return {"id": run_id, "state": "waiting", "done": 0, "total": report["accepted"], "failed": 0, **report}


def progress_of(database: Database, run_id: str, who: Principal) -> dict[str, Any]:
    """Raises a 404 problem for an import of somebody else."""
    with database.reading() as session:
        row = find(session, KIND, run_id, who)
    counts = {name: getattr(row, name) for name in ("id", "state", "done", "failed")}
    return counts | {"total": row.args["report"]["accepted"], **row.args["report"]}


class ReaderImport:
    """The run of one file that was checked when it came; the cursor is a position in it."""

    step = ""

    def chunk_size(self, session: Session) -> int:
        return _at_once(is_sqlite(session))

    def advance(self, session: Session, run: Run, size: int) -> None:
        run.total = run.args["report"]["accepted"]
        lines = self._read_on(session, run, size)
        save_chunk(session, [restored(line) for line in lines])
        run.done += len(lines)
        self._after(session, run)

    def skip(self, session: Session, run: Run, error: str) -> None:
        run.failed += len(self._read_on(session, run, 1))
        self._after(session, run)

    def _read_on(self, session: Session, run: Run, size: int) -> list[bytes]:
        with self._path(session, run).open("rb") as kept:
            kept.seek(run.cursor.get("position", 0))
            lines = list(islice(kept, size))
        run.cursor = {"position": run.cursor.get("position", 0) + sum(map(len, lines))}
        return lines

    def _after(self, session: Session, run: Run) -> None:
        if run.done + run.failed >= run.total:
            run.finish()

    def _path(self, session: Session, run: Run) -> Path:
        return _folder(session.info["settings"]) / str(run.args["file"])


def forget_files(database: Database) -> None:
    """Deletes the files of runs that have ended."""
    for path in _folder(database.settings).iterdir():
        with database.reading() as session:
            states = session.scalars(select(tables.runs.c.state).where(tables.runs.c.key == path.name)).all()
        if states and states[0] not in runs.OPEN:
            path.unlink(missing_ok=True)
