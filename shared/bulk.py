"""Many rows in one statement, the same for both databases."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Float,
    Integer,
    Table,
    Text,
    Uuid,
    any_,
    literal,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.database import is_sqlite, rows_table
from shared.tables import Json, UtcMoment

_KINDS: Sequence[tuple[type, str]] = (
    (UtcMoment, "timestamptz"),
    (Uuid, "uuid"),
    (Date, "date"),
    (DateTime, "timestamptz"),
    (Boolean, "boolean"),
    (BigInteger, "bigint"),
    (Integer, "integer"),
    (Float, "double precision"),
)


def insert_rows(session: Session, table: Table, rows: Sequence[Mapping[str, Any]], then: str = "") -> None:
    """Inserts `rows` (all with the same columns) in one statement; `then` is an ON CONFLICT clause."""
    if not rows:
        return
    columns = {name: kind_of(table.c[name]) for name in rows[0]}
    names = ", ".join(columns)
    source = rows_table(session, "rows", columns)
    # WHERE true: SQLite would otherwise read ON CONFLICT as a join's ON.
    statement = f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {source} WHERE true {then}"  # noqa: S608
    session.execute(text(statement), {"rows": dump_rows(session, rows)})


def update_rows(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Sets the columns that `rows` name (all the same ones) where their `id` is, in one statement."""
    if not rows:
        return
    columns = {name: kind_of(table.c[name]) for name in rows[0]}
    changes = ", ".join(f"{name} = rows.{name}" for name in columns if name != "id")
    source = rows_table(session, "rows", columns)
    statement = f"UPDATE {table.name} SET {changes} FROM {source} WHERE {table.name}.id = rows.id"  # noqa: S608
    session.execute(text(statement), {"rows": dump_rows(session, rows)})


def kind_of(column: Column[Any]) -> str:
    """PostgreSQL's name of a column's type, as `rows_table` takes it."""
    if column.type is Json or type(column.type).__name__ in ("JSON", "JSONB"):
        return "jsonb"
    return next((name for kind, name in _KINDS if isinstance(column.type, kind)), "text")


def dump_rows(session: Session, rows: Iterable[Mapping[str, Any]]) -> str:
    """The JSON parameter of `rows_table`; days and moments in the form each database compares."""
    # What orjson writes by itself is what PostgreSQL reads.
    option = orjson.OPT_PASSTHROUGH_DATETIME if is_sqlite(session) else None
    return orjson.dumps(list(rows), default=_for_sqlite, option=option).decode()


def _for_sqlite(value: date) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return value.isoformat()


def among(session: Session, column: InstrumentedAttribute[str], values: Collection[str]) -> ColumnElement[bool]:
    """`column IN (values)` for thousands of texts: one parameter on PostgreSQL, where one each is slow."""
    if is_sqlite(session):
        return column.in_(values)
    return column == any_(literal(list(values), ARRAY(Text)))
