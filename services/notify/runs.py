"""Long work of notify: the release of a decision's digests, chunk by chunk of people written to."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.notify import announcements, progress, release, reopenings
from services.notify.announcements import Announcements
from services.notify.models import Person
from services.notify.reopenings import Reopenings
from shared.database import is_sqlite
from shared.observability import log
from shared.runs import Run

CHUNK = 2000
CHUNK_ON_SQLITE = 500


class Release:
    """One pass over everybody who may be written to; whoever has no line gets nothing."""

    step = ""

    def chunk_size(self, session: Session) -> int:
        return CHUNK_ON_SQLITE if is_sqlite(session) else CHUNK

    def advance(self, session: Session, run: Run, size: int) -> None:
        if not run.total:
            run.total = session.execute(select(func.count(func.distinct(Person.addressee)))).scalar_one()
        after = run.cursor.get("after", "")
        last = release.last_addressee(session, after, size)
        quarantine_id, version = run.args["quarantine_id"], run.args["version"]
        announcing = False
        if last is None:
            run.finish()
            announcing = announcements.start_if_asked(session, quarantine_id, version)
        else:
            run.events += release.release_chunk(session, quarantine_id, version, after, last)
            run.done = min(run.done + size, run.total)
            run.cursor = {"after": last}
        progress.report(session, quarantine_id, version, released=last is None and not announcing)

    def skip(self, session: Session, run: Run, error: str) -> None:
        after = run.cursor.get("after", "")
        run.cursor = {"after": release.last_addressee(session, after, 1) or after}
        run.failed += 1
        log.error("a digest could not be put together", addressee=run.cursor["after"][:4], error=error)


RUNS = {"release": Release(), announcements.KIND: Announcements(), reopenings.KIND: Reopenings()}
