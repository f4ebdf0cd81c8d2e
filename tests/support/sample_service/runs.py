"""A run that copies numbers: args {"units": n, "bad": [unit, …], "slow": seconds a chunk}."""

from __future__ import annotations

import os
import threading

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from shared.runs import COUNTED, Run
from tests.support.sample_service.models import copied


class Copying:
    step = "copy"

    def chunk_size(self, session: Session) -> int:
        return 8

    def advance(self, session: Session, run: Run, size: int) -> None:
        begin = run.cursor.get("after", 0)
        run.total = run.args["units"]
        chunk = range(begin, min(begin + size, run.total))
        units = [unit for unit in chunk if unit not in _copied_before(session, run)]
        rows = [{"run_id": run.id, "unit": unit, "by": f"{os.getpid()} {threading.get_ident()}"} for unit in units]
        if rows:
            session.execute(insert(copied), rows)
        threading.Event().wait(run.args.get("slow", 0))
        if guilty := [unit for unit in units if unit in run.args.get("bad", [])]:
            raise ValueError(f"unit {guilty[0]} cannot be copied")
        run.cursor = {"after": begin + len(chunk)}
        run.done += len(units)
        if run.cursor["after"] >= run.total:
            run.finish()

    def skip(self, session: Session, run: Run, error: str) -> None:
        if run.args.get("stubborn"):
            raise ValueError("it cannot be passed over either")
        run.cursor = {"after": run.cursor.get("after", 0) + 1}
        run.failed += 1
        if run.cursor["after"] >= run.args["units"]:
            run.finish()


def _copied_before(session: Session, run: Run) -> set[int]:
    if COUNTED not in run.args:
        return set()
    return set(session.scalars(select(copied.c.unit).where(copied.c.run_id == run.id)))


RUNS = {"copy": Copying()}
