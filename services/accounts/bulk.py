"""Many rows written by one statement, on both databases: the rows travel as one JSON parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, Uuid, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from shared.database import dump_json, is_sqlite, rows_table

Rows = Sequence[Mapping[str, Any]]


def insert_rows(session: Session, table: Table, rows: Rows) -> None:
    """Inserts rows that all name the same columns."""
    if not rows:
        return
    names = ", ".join(rows[0])
    source = _source(session, table, rows)
    session.execute(
        text(f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {source}"), _bound(session, table, rows)
    )


def update_rows(session: Session, table: Table, rows: Rows) -> None:
    """Sets the columns that the rows name; they name `id` too and all the same columns."""
    if not rows:
        return
    changes = ", ".join(f"{name} = rows.{name}" for name in rows[0] if name != "id")
    source = _source(session, table, rows)
    statement = f"UPDATE {table.name} SET {changes} FROM {source} WHERE {table.name}.id = rows.id"  # noqa: S608
    session.execute(text(statement), _bound(session, table, rows))


def _source(session: Session, table: Table, rows: Rows) -> str:
    return rows_table(session, "rows", {name: _type(table.columns[name]) for name in rows[0]})


def _type(column: Column[Any]) -> str:
    return str(column.type.compile(dialect=postgresql.dialect()))


def _bound(session: Session, table: Table, rows: Rows) -> dict[str, str]:
    uuids = [name for name in rows[0] if isinstance(table.columns[name].type, Uuid)]
    moments = [name for name, value in rows[0].items() if isinstance(value, datetime)] if is_sqlite(session) else []
    if not uuids and not moments:
        return {"rows": dump_json(rows)}
    return {"rows": dump_json([_as_kept(row, uuids, moments) for row in rows])}


def _as_kept(row: Mapping[str, Any], uuids: Sequence[str], moments: Sequence[str]) -> dict[str, Any]:
    """SQLite keeps a UUID as 32 digits and a moment as text without a zone; PostgreSQL reads both kinds of UUID."""
    kept = dict(row)
    for name in uuids:
        kept[name] = kept[name] and kept[name].replace("-", "")
    for name in moments:
        kept[name] = f"{kept[name]:%Y-%m-%d %H:%M:%S.%f}"
    return kept
