"""Some days before the doors open: one notice for each person with moved books still out, with the day to come."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.notify import closures, quizzes, release, writing
from services.notify.digest import ClosedBranch
from services.notify.models import Book, Decision, Notice
from services.notify.occasions import DueBook, Reopening
from services.notify.people import ZONE
from services.notify.reminders import Due, sections
from services.notify.writing import Draft
from shared import clock, runs
from shared.runs import Run
from shared.service import Context

KIND = "reopening"
SPACE = uuid.UUID("5b7f2c9e-8a0c-4a9a-9d54-0c1f3f4f7a21")
# Who was told a date this lately is not told it again.
FRESH = timedelta(days=5)
CHUNK = 500

BOOKS = text("""
    SELECT p.addressee, b.card_number, b.title, b.author, b.branch_id, b.due_on, b.queued_by, n.told_at
      FROM people p
      JOIN moves m ON m.quarantine_id = :quarantine_id AND m.card_number = p.card_number
      JOIN books b ON b.loan_id = m.loan_id
      LEFT JOIN notices n ON n.id = b.told_by
     WHERE p.addressee > :after AND p.addressee <= :last AND b.out AND NOT p.erased AND b.due_on IS NOT NULL
     ORDER BY p.addressee, b.card_number, b.due_on, b.title, b.loan_id""").columns(
    due_on=Book.due_on.type, queued_by=Book.queued_by.type, told_at=Notice.told_at.type
)


def start_due(context: Context) -> None:
    """The tick: a run for each decision that opens a branch within the days set. Starting twice is once."""
    with context.database.transaction() as session:
        today = clock.today(ZONE)
        last = today + timedelta(days=context.settings.reopening_days)
        standing = closures.standing(session)
        for decision in session.scalars(select(Decision).where(Decision.state != "cancelled")):
            opens = first_opening(closures.closed_branches(standing, decision.data), today)
            if opens is not None and opens <= last and decision.data["starts_on"] <= today.isoformat():
                args = {"quarantine": decision.quarantine_id, "opens": opens.isoformat()}
                runs.start(session, KIND, f"{decision.quarantine_id}:{opens}", args)


def first_opening(branches: Sequence[ClosedBranch], today: date) -> date | None:
    """The first day still to come on which one of them opens."""
    return min((branch.opens for branch in branches if branch.opens and branch.opens > today), default=None)


class Reopenings:
    """One pass over everybody who may be written to."""

    step = ""

    def chunk_size(self, session: Session) -> int:
        return CHUNK

    def advance(self, session: Session, run: Run, size: int) -> None:
        after = run.cursor.get("after", "")
        last = release.last_addressee(session, after, size)
        opens = date.fromisoformat(run.args["opens"])
        if last is None or not _still_true(session, run.args["quarantine"], opens):
            return run.finish()
        run.done += len(write_chunk(session, run.args["quarantine"], opens, after, last))
        run.cursor = {"after": last}

    def skip(self, session: Session, run: Run, error: str) -> None:
        after = run.cursor.get("after", "")
        run.cursor = {"after": release.last_addressee(session, after, 1) or after}
        run.failed += 1


def _still_true(session: Session, quarantine_id: str, opens: date) -> bool:
    """A newer version may have moved the day, or the day may have come."""
    decision = session.get_one(Decision, quarantine_id)
    if decision.state == "cancelled" or opens <= clock.today(ZONE):
        return False
    return any(branch.opens == opens for branch in closures.closed_branches(closures.standing(session), decision.data))


def write_chunk(session: Session, quarantine_id: str, opens: date, after: str, last: str) -> set[str]:
    """Queues the notices of the addressees in (after, last]; returns their ids."""
    lines: dict[str, list[Any]] = defaultdict(list)
    span = {"quarantine_id": quarantine_id, "after": after, "last": last}
    for line in session.execute(BOOKS, span):
        lines[line.addressee].append(line)
    long_ago = clock.now() - FRESH
    stale = {
        addressee: found for addressee, found in lines.items() if not any(_fresh(line, long_ago) for line in found)
    }
    families = writing.families(session, stale)
    recipients = writing.recipients(session, families)
    standing = closures.standing(session)
    branches = closures.closed_branches(standing, session.get_one(Decision, quarantine_id).data)
    open_quizzes = quizzes.open_to(session, {branch.id for branch in branches}, clock.today(ZONE))
    return writing.write(
        session,
        [
            _draft(
                quarantine_id,
                opens,
                branches,
                open_quizzes,
                addressee,
                recipients[addressee],
                families[addressee],
                found,
            )
            for addressee, found in sorted(stale.items())
        ],
    )


def _fresh(line: Any, long_ago: datetime) -> bool:
    """Told lately, or about to be."""
    return line.queued_by is not None or (line.told_at is not None and line.told_at > long_ago)


def _draft(
    quarantine_id: str,
    opens: date,
    branches: Sequence[ClosedBranch],
    open_quizzes: Sequence[quizzes.OpenQuiz],
    addressee: str,
    to: Any,
    family: Sequence[Mapping[str, Any]],
    lines: Sequence[Any],
) -> Draft:
    names = {branch.id: branch.name for branch in branches}
    here = tuple(branch for branch in branches if branch.id in {line.branch_id for line in lines}) or tuple(branches)
    due = [
        Due(
            line.card_number,
            DueBook(line.title, line.due_on, line.author or "", names.get(line.branch_id, {}) if len(here) > 1 else {}),
        )
        for line in lines
    ]
    today = clock.today(ZONE)
    offered = quizzes.offers(open_quizzes, [reader["birth_date"] for reader in family], today)
    words = Reopening(to.language, to.name, today, sections(family, due), here, offered)
    ends = datetime.combine(opens + timedelta(days=1), time(), ZoneInfo(ZONE))
    return Draft(
        id=str(uuid.uuid5(SPACE, f"{quarantine_id}:{opens}:{addressee}")),
        kind=KIND,
        addressee=addressee,
        to=to,
        about=[line.card_number for line in lines],
        words=words,
        quarantine_id=quarantine_id,
        extra={"expires_at": ends.isoformat()},
    )
