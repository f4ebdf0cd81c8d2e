"""Readers as accounts tells of them: families for return slots, folded names for the public form; and erasure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, delete, insert, select, text, update
from sqlalchemy.orm import Session

from services.loans import models
from services.loans.decisions import start_run
from services.loans.writing import ERASED
from shared.bulk import dump_rows, insert_rows
from shared.database import rows_table
from shared.folding import fold

READERS = cast(Table, models.Reader.__table__)
COLUMNS = (
    "version",
    "reader_id",
    "card_folded",
    "surname_folded",
    "household",
    "guardian_card_number",
    "blocked",
    "card_expires_on",
)
# An erased reader's row stays under another card: a late event about the old card finds its version there.
_TAKEN_OVER = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS)
NEWER = (
    "AND NOT EXISTS (SELECT 1 FROM readers known WHERE known.reader_id = rows.reader_id"  # noqa: S608
    " AND known.version >= rows.version) ON CONFLICT (card_number) DO UPDATE SET "
    f"{_TAKEN_OVER} WHERE excluded.version > readers.version"
)


def record(session: Session, readers: Sequence[Mapping[str, Any]]) -> None:
    """Takes over readers (event data), each unless a newer version is known."""
    newest: dict[str, Mapping[str, Any]] = {}
    for reader in readers:
        known = newest.get(reader["card_number"])
        if known is None or known["version"] < reader["version"]:
            newest[reader["card_number"]] = reader
    before = _households(session, newest)
    insert_rows(session, READERS, [_row(reader) for _, reader in sorted(newest.items())], NEWER)
    after = _households(session, before)
    moved = [(card, old, after[card]) for card, old in before.items() if after[card] != old]
    if moved:
        join_families(session, moved)


def _row(reader: Mapping[str, Any]) -> dict[str, Any]:
    guardian = reader.get("guardian") or {}
    expires_on = reader.get("card_expires_on")
    return {
        "card_number": reader["card_number"],
        "version": reader["version"],
        "reader_id": reader["reader_id"],
        "card_folded": fold(reader["card_number"]),
        "surname_folded": fold(reader["family_name"]),
        "household": reader["household"],
        "guardian_card_number": guardian.get("card_number"),
        "blocked": reader["blocked"],
        "card_expires_on": date.fromisoformat(expires_on) if expires_on else None,
    }


def _households(session: Session, cards: Iterable[str]) -> dict[str, str]:
    rows = session.execute(
        select(READERS.c.card_number, READERS.c.household).where(READERS.c.card_number.in_(list(cards)))
    )
    return {row.card_number: row.household for row in rows}


def join_families(session: Session, moved: Sequence[tuple[str, str, str]]) -> None:
    """Readers who changed families, (card, old, new): the new family takes over the day, or has one already.

    In the second case the reader's books move to it, in a run.
    """
    source = rows_table(session, "d", {"card": "text", "old": "text", "new": "text"})
    rows = dump_rows(session, [dict(zip(("card", "old", "new"), each, strict=True)) for each in moved])
    taken_over = (
        "INSERT INTO placements (quarantine_id, branch_id, household, day, books)"  # noqa: S608
        f" SELECT p.quarantine_id, p.branch_id, d.new, p.day, 0 FROM placements p JOIN {source} ON p.household = d.old"
        " WHERE true ON CONFLICT DO NOTHING"
    )
    session.execute(text(taken_over), {"d": rows})
    other_day = (
        f"SELECT DISTINCT o.quarantine_id, c.version, o.branch_id FROM {source}"  # noqa: S608
        " JOIN placements o ON o.household = d.old JOIN placements n ON n.household = d.new"
        " AND n.quarantine_id = o.quarantine_id AND n.branch_id = o.branch_id"
        " JOIN decisions c ON c.quarantine_id = o.quarantine_id WHERE n.day IS DISTINCT FROM o.day"
    )
    for quarantine_id, version, branch_id in session.execute(text(other_day), {"d": rows}).all():
        key = f"{quarantine_id}:{version}:family:{uuid.uuid4().hex[:12]}"
        start_run(session, key, str(quarantine_id), version, "family", [branch_id])


def erase(session: Session, reader: Mapping[str, Any]) -> None:
    """The loans stay countable, the person goes: what names the card names a random token instead."""
    mine = READERS.c.reader_id == reader["reader_id"]
    if session.execute(select(READERS.c.version).where(mine, READERS.c.version >= reader["version"])).first():
        return
    card, gone = reader["card_number"], ERASED + uuid.uuid4().hex
    session.execute(update(models.Loan).where(models.Loan.card_number == card).values(card_number=gone))
    session.execute(update(models.FailedMove).where(models.FailedMove.card_number == card).values(card_number=gone))
    session.execute(delete(models.Calendar).where(models.Calendar.card_number == card))
    session.execute(update(READERS).where(READERS.c.guardian_card_number == card).values(guardian_card_number=None))
    session.execute(delete(READERS).where(mine | (READERS.c.card_number == card)))
    nobody = {"card_folded": "", "surname_folded": "", "household": f"card:{gone}", "blocked": True}
    key = {"card_number": gone, "reader_id": reader["reader_id"], "version": reader["version"]}
    session.execute(insert(READERS).values(key | nobody))
