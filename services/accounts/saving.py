"""Readers written with their events: one from a form, or a chunk of a file in a handful of statements."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from services.accounts.expiry import ExpiryRule
from services.accounts.households import household
from services.accounts.models import ExpiryChange, Reader
from services.accounts.reader_events import CHANGED, REGISTERED, data_of, event_row, write_events
from services.accounts.reader_fields import EMPTY
from shared import clock
from shared.bulk import insert_rows, update_rows
from shared.folding import fold
from shared.heard_decisions import lock_branches

Row = dict[str, Any]
READERS: Table = Reader.__table__  # type: ignore[assignment]


def with_derived(row: Row) -> Row:
    """The row with everything that follows from its other columns."""
    guardian = (row["guardian_card_number"], row["guardian_phone"], row["guardian_email"])
    return row | {
        "card_folded": fold(row["card_number"]),
        "name_folded": fold(f"{row['family_name']} {row['given_name']}"),
        "household": household(row["card_number"], *guardian, row["kind"]),
    }


def new_row(fields: Mapping[str, Any], rule: ExpiryRule, version: int = 1) -> Row:
    """A reader who was not here before, without a PIN."""
    row = EMPTY | dict(fields)
    agreed = row["card_expires_on"]
    row |= {
        "id": str(uuid.uuid4()),
        "version": version,
        "pin_hash": None,
        "original_card_expires_on": agreed,
        "card_expires_on": rule.in_force_or_agreed(row["home_branch_id"], agreed),
        "changed_at": clock.now(),
    }
    return with_derived(row)


def changed_row(old: Row, fields: Mapping[str, Any], rule: ExpiryRule, had: Iterable[date | None] = ()) -> Row | None:
    """The reader's next version; None when nothing changes.

    An expiry day that the card has, or had by this system (`had`), is no new agreement: the original stays.
    """
    row = old | dict(fields)
    given = row["card_expires_on"]
    known = given in (old["card_expires_on"], old["original_card_expires_on"], *had)
    agreed = old["original_card_expires_on"] if known else given
    row["original_card_expires_on"] = agreed
    row["card_expires_on"] = rule.in_force_or_agreed(row["home_branch_id"], agreed)
    row = with_derived(row)
    if row == old:
        return None
    return row | {"version": old["version"] + 1, "changed_at": clock.now()}


def save_chunk(session: Session, chunk: Sequence[Mapping[str, Any]]) -> None:
    """Readers of a file, checked already: new ones registered, others changed, equal ones left alone."""
    homes = {fields["home_branch_id"] for fields in chunk}
    lock_branches(session, homes, exclusive=False)
    rule = ExpiryRule(session, homes)
    present = _present(session, [fields["card_number"] for fields in chunk])
    had = _days_had(session, chunk, present)
    new, changed = [], []
    for fields in chunk:
        old = present.get(fields["card_number"])
        if old is None:
            new.append(new_row(fields, rule))
        elif row := changed_row(old, fields, rule, had.get(old["id"], ())):
            changed.append(row)
    insert_rows(session, READERS, new)
    update_rows(session, READERS, changed)
    write_events(session, [*_events(REGISTERED, new), *_events(CHANGED, changed)])


def _events(kind: str, rows: Iterable[Row]) -> list[Row]:
    return [event_row(kind, row["id"], data_of(row)) for row in rows]


def _present(session: Session, cards: Sequence[str]) -> dict[str, Row]:
    chosen = select(READERS).where(READERS.c.card_number.in_(cards)).order_by(READERS.c.id).with_for_update()
    return {row.card_number: dict(row._mapping) for row in session.execute(chosen)}


def _days_had(
    session: Session, chunk: Sequence[Mapping[str, Any]], present: Mapping[str, Row]
) -> dict[str, set[date | None]]:
    """Days in force that this system once gave the cards whose day in the file is another than theirs."""
    asked = []
    for fields in chunk:
        old = present.get(fields["card_number"])
        if old and fields["card_expires_on"] not in (old["card_expires_on"], old["original_card_expires_on"]):
            asked.append(old["id"])
    if not asked:
        return {}
    days: dict[str, set[date | None]] = {}
    history = select(ExpiryChange.reader_id, ExpiryChange.was, ExpiryChange.now)
    for reader_id, was, now in session.execute(history.where(ExpiryChange.reader_id.in_(asked))):
        days.setdefault(reader_id, set()).update((was, now))
    return days
