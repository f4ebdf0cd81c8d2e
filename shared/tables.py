"""Tables that every service has in its own database: the event machinery's memory."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

KERNEL = MetaData()
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Position = BigInteger().with_variant(Integer, "sqlite")


class UtcMoment(TypeDecorator[datetime]):
    """A moment that is aware on both databases; SQLite keeps no zone, so it is stored as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> Any:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


Moment = UtcMoment()
# Dashed text on SQLite too, so that statements written by hand may compare and make ids on both.
Key = Uuid(as_uuid=False).with_variant(String(36), "sqlite")

outbox = Table(
    "outbox",
    KERNEL,
    Column("id", Position, primary_key=True, autoincrement=True),
    Column("event_id", Key, nullable=False),
    Column("type", String(80), nullable=False),
    Column("subject", Text, nullable=False),
    Column("time", Moment, nullable=False),
    Column("data", Json, nullable=False),
    Column("correlation_id", Text),
    Column("causation_id", Text),
    Column("traceparent", Text),
    Column("sent_at", Moment),
    # A number is never used twice, even after retention has emptied the table: positions are compared with it.
    sqlite_autoincrement=True,
)
Index(
    "outbox_unsent",
    outbox.c.id,
    postgresql_where=text("sent_at IS NULL"),
    sqlite_where=text("sent_at IS NULL"),
)

inbox = Table(
    "inbox",
    KERNEL,
    Column("consumer", String(40), nullable=False),
    Column("event_id", Key, nullable=False),
    Column("received_at", Moment, nullable=False),
    PrimaryKeyConstraint("consumer", "event_id"),
)
Index("inbox_age", inbox.c.received_at)

kept_events = Table(
    "kept_events",
    KERNEL,
    Column("id", Position, primary_key=True, autoincrement=True),
    Column("event_id", Text),
    Column("type", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("error", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("kept_at", Moment, nullable=False),
    Column("next_try_at", Moment),
    Column("parked_at", Moment),
    Column("reason", Text),
    sqlite_autoincrement=True,
)
Index("kept_events_due", kept_events.c.next_try_at)

leases = Table(
    "leases",
    KERNEL,
    Column("name", String(80), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("until", Moment, nullable=False),
)

runs = Table(
    "runs",
    KERNEL,
    Column("id", Key, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("key", String(120), nullable=False),
    Column("state", String(12), nullable=False),
    Column("args", Json, nullable=False),
    Column("cursor", Json, nullable=False),
    Column("size", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("events", Integer, nullable=False),
    Column("correlation_id", Text),
    Column("error", Text),
    Column("started_at", Moment, nullable=False),
    Column("moved_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    UniqueConstraint("kind", "key"),
)
Index(
    "runs_open",
    runs.c.next_at,
    postgresql_where=text("state IN ('waiting', 'running')"),
    sqlite_where=text("state IN ('waiting', 'running')"),
)

idempotency = Table(
    "idempotency",
    KERNEL,
    Column("caller", String(120), nullable=False),
    Column("key", String(255), nullable=False),
    Column("request", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Json, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("caller", "key"),
)

ended_sessions = Table(
    "ended_sessions",
    KERNEL,
    Column("session_id", Text, primary_key=True),
    Column("expires_at", Moment, nullable=False),
)

positions = Table(
    "positions",
    KERNEL,
    Column("name", String(40), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

rate_limits = Table(
    "rate_limits",
    KERNEL,
    Column("key", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("until", Moment, nullable=False),
)
Index("rate_limits_until", rate_limits.c.until)
