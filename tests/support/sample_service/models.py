"""Tables of the sample service."""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, UniqueConstraint

from shared.tables import Position

METADATA = MetaData()

notes = Table("notes", METADATA, Column("id", String(80), primary_key=True), Column("version", Integer, nullable=False))

heard = Table(
    "heard",
    METADATA,
    Column("number", Position, primary_key=True, autoincrement=True),
    Column("event_id", String(40), nullable=False),
    Column("card_number", Text, nullable=False),
    Column("correlation_id", Text, nullable=False),
)

copied = Table(
    "copied",
    METADATA,
    Column("number", Position, primary_key=True, autoincrement=True),
    Column("run_id", String(40), nullable=False),
    Column("unit", Integer, nullable=False),
    Column("by", Text, nullable=False),
    UniqueConstraint("run_id", "unit"),
)

lines = Table(
    "lines",
    METADATA,
    Column("loan_id", String(80), primary_key=True),
    Column("card_number", Text, nullable=False),
    Column("due_on", String(10)),
    Column("version", Integer, nullable=False),
)
