"""Long work: the cards that a decision moves, and files of readers."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.orm import Session

from services.accounts.expiry import Move, as_rows, moves, moving
from services.accounts.importing import KIND as READER_IMPORT
from services.accounts.importing import ReaderImport
from services.accounts.models import ExpiryChange
from services.accounts.reader_events import CHANGED, data_of, event_row, write_events
from services.accounts.saving import READERS, Row
from shared import clock
from shared.bulk import insert_rows, update_rows
from shared.database import is_sqlite
from shared.heard_decisions import lock_branches
from shared.runs import Run, RunKind

CARDS = "cards"
MOVED = "accounts.dates_changed.v1"
READERS_AT_ONCE_ON_SQLITE = 500
HISTORY: Table = ExpiryChange.__table__  # type: ignore[assignment]


class CardRun:
    """Moves the days of expiry that a decision changes: the rule is asked once a day and branch, not once a card."""

    step = "cards"

    def chunk_size(self, session: Session) -> int:
        return READERS_AT_ONCE_ON_SQLITE if is_sqlite(session) else int(session.info["settings"].chunk_readers)

    def advance(self, session: Session, run: Run, size: int) -> None:
        branch_ids = run.args["branch_ids"]
        lock_branches(session, branch_ids, exclusive=False)
        found = moves(session, branch_ids)
        if not run.cursor:
            run.total, run.failed = found.cards + found.without_a_day, found.without_a_day
        chunk = _cards(session, found.moves, run.cursor.get("card", ""), size)
        self._move(session, run, chunk)
        run.done += len(chunk)
        run.events += len(chunk)
        run.cursor = {"card": chunk[-1]["card_number"] if chunk else run.cursor.get("card", "")}
        if len(chunk) < size:
            run.finish()

    def skip(self, session: Session, run: Run, error: str) -> None:
        found = moves(session, run.args["branch_ids"])
        guilty = _cards(session, found.moves, run.cursor.get("card", ""), 1)
        if not guilty:
            return run.finish()
        run.failed += 1
        run.cursor = {"card": guilty[0]["card_number"]}

    def _move(self, session: Session, run: Run, chunk: list[Row]) -> None:
        decision = {name: run.args[name] for name in ("quarantine_id", "version")}
        moved_at = clock.now()
        events, history, changes = [], [], []
        for row in chunk:
            was, now = row["was"], row["card_expires_on"]
            history.append({"reader_id": row["id"], "at": moved_at, "was": was, "now": now, **decision})
            changes.append({name: row[name] for name in ("id", "version", "card_expires_on", "changed_at")})
            events.append(event_row(MOVED, row["card_number"], _moved(run, row)))
            events.append(event_row(CHANGED, row["id"], data_of(row)))
        update_rows(session, READERS, changes)
        insert_rows(session, HISTORY, history)
        write_events(session, events)


def _moved(run: Run, row: Row) -> dict[str, Any]:
    change = {
        "id": row["id"],
        "kind": "card",
        "title": row["card_number"],
        "from": row["was"] and row["was"].isoformat(),
        "to": row["card_expires_on"] and row["card_expires_on"].isoformat(),
    }
    named = {name: run.args[name] for name in ("quarantine_id", "version")}
    return {"run_id": run.id, "card_number": row["card_number"], "changes": [change], **named}


def _cards(session: Session, found: list[Move] | Any, after: str, size: int) -> list[Row]:
    """The next readers whose card moves, by card number, as they will be; `was` is the day they had."""
    if not found:
        return []
    statement = text(
        moving(session, "readers.*, moves.now AS now")
        + " WHERE readers.card_number > :after ORDER BY readers.card_number LIMIT :size"
        + ("" if is_sqlite(session) else " FOR UPDATE OF readers")
    ).columns(*READERS.columns, now=HISTORY.c.now.type)
    values = {"moves": as_rows(found), "after": after, "size": size}
    return [_as_it_will_be(row._mapping) for row in session.execute(statement, values)]


def _as_it_will_be(row: Any) -> Row:
    kept = {column.name: row[column.name] for column in READERS.columns}
    next_version = {"version": kept["version"] + 1, "changed_at": clock.now(), "was": kept["card_expires_on"]}
    now: date | None = row["now"]
    return kept | next_version | {"card_expires_on": now}


RUNS: dict[str, RunKind] = {CARDS: CardRun(), READER_IMPORT: ReaderImport()}
