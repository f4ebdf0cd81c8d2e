"""Readers as accounts tells of them, and erasure: what was played stays countable, the person goes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, delete, insert, null, select, update
from sqlalchemy.orm import Session

from services.quizzes import models
from shared.bulk import insert_rows

READERS = cast(Table, models.Reader.__table__)
GONE = "gone:"
FOLLOWED = ("reader_id", "version", "given_name", "language", "birth_date", "guardian_card_number")
# An erased reader's row stays under another card: a late event about the old card finds its version there.
NEWER = (
    "AND NOT EXISTS (SELECT 1 FROM readers known WHERE known.reader_id = rows.reader_id"  # noqa: S608
    " AND known.version >= rows.version) ON CONFLICT (card_number) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in FOLLOWED)
    + " WHERE excluded.version > readers.version"
)


def record(session: Session, readers: Sequence[Mapping[str, Any]]) -> None:
    """Takes over readers (event data), each unless a newer version is known."""
    newest: dict[str, Mapping[str, Any]] = {}
    for reader in readers:
        known = newest.get(reader["card_number"])
        if known is None or known["version"] < reader["version"]:
            newest[reader["card_number"]] = reader
    insert_rows(session, READERS, [_row(reader) for _, reader in sorted(newest.items())], NEWER)


def _row(reader: Mapping[str, Any]) -> dict[str, Any]:
    born = reader.get("birth_date")
    return {
        "card_number": reader["card_number"],
        "reader_id": reader["reader_id"],
        "version": reader["version"],
        "given_name": reader["given_name"],
        "language": reader["language"],
        "birth_date": date.fromisoformat(born) if born else None,
        "guardian_card_number": (reader.get("guardian") or {}).get("card_number"),
    }


def erase(session: Session, reader: Mapping[str, Any]) -> None:
    """Attempts and certificates stay, under a random token and without a name; the nickname goes."""
    mine = READERS.c.reader_id == reader["reader_id"]
    if session.execute(select(READERS.c.version).where(mine, READERS.c.version >= reader["version"])).first():
        return
    card, gone = reader["card_number"], GONE + uuid.uuid4().hex
    _leave_attempts(session, card, gone)
    _leave_children(session, card, gone)
    session.execute(delete(READERS).where(mine | (READERS.c.card_number == card)))
    nobody = {"given_name": "", "language": "kk", "birth_date": None}
    key = {"card_number": gone, "reader_id": reader["reader_id"], "version": reader["version"]}
    session.execute(insert(READERS).values(key | nobody))


def _leave_children(session: Session, card: str, gone: str) -> None:
    """What a guardian allowed stays allowed; who it was goes."""
    given = models.Certificate.consent_by == f"reader:{card}"
    session.execute(update(models.Certificate).where(given).values(consent_by=gone))
    session.execute(update(READERS).where(READERS.c.guardian_card_number == card).values(guardian_card_number=None))


def _leave_attempts(session: Session, card: str, gone: str) -> None:
    attempts, certificates, answers = models.Attempt, models.Certificate, models.Answer
    own = select(attempts.id).where(attempts.card_number == card)
    nameless = {"name": None, "who": None, "show_name": False, "consent_by": None, "consent_at": None}
    session.execute(update(certificates).where(certificates.attempt_id.in_(own)).values(nameless))
    # What was written in one's own words may tell of oneself; its marks stay.
    open_items = select(models.Item.id).where(models.Item.kind == "open")
    in_own_words = answers.attempt_id.in_(own) & answers.item_id.in_(open_items)
    session.execute(update(answers).where(in_own_words).values(answer=null()))
    session.execute(update(models.Mark).where(models.Mark.attempt_id.in_(own)).values(comment=None))
    session.execute(delete(models.Nickname).where(models.Nickname.taker == f"reader:{card}"))
    session.execute(update(attempts).where(attempts.card_number == card).values(taker=gone, card_number=None))
