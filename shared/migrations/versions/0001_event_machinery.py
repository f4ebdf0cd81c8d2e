"""The event machinery's tables."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Json, Key, Moment, Position

revision = "kernel_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idempotency",
        sa.Column("caller", sa.String(120), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("headers", Json, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.String(40), primary_key=True),
        sa.Column("event_id", Key, primary_key=True),
        sa.Column("received_at", Moment, nullable=False),
    )
    op.create_index("inbox_age", "inbox", ["received_at"])
    op.create_table(
        "kept_events",
        sa.Column("id", Position, primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.Text),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("kept_at", Moment, nullable=False),
        sa.Column("next_try_at", Moment),
        sa.Column("parked_at", Moment),
        sa.Column("reason", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("kept_events_due", "kept_events", ["next_try_at"])
    op.create_table(
        "leases",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("holder", sa.String(80), nullable=False),
        sa.Column("until", Moment, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("id", Position, primary_key=True, autoincrement=True),
        sa.Column("event_id", Key, nullable=False),
        sa.Column("type", sa.String(80), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("time", Moment, nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.Column("correlation_id", sa.Text),
        sa.Column("causation_id", sa.Text),
        sa.Column("traceparent", sa.Text),
        sa.Column("sent_at", Moment),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "outbox_unsent",
        "outbox",
        ["id"],
        postgresql_where=sa.text("sent_at IS NULL"),
        sqlite_where=sa.text("sent_at IS NULL"),
    )
    op.create_table(
        "positions",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("id", Key, primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("args", Json, nullable=False),
        sa.Column("cursor", Json, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
        sa.Column("correlation_id", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("moved_at", Moment, nullable=False),
        sa.Column("next_at", Moment, nullable=False),
        sa.UniqueConstraint("kind", "key"),
    )
    op.create_index(
        "runs_open",
        "runs",
        ["next_at"],
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
        sqlite_where=sa.text("state IN ('waiting', 'running')"),
    )
    op.create_table(
        "ended_sessions",
        sa.Column("session_id", sa.Text, primary_key=True),
        sa.Column("expires_at", Moment, nullable=False),
    )
    op.create_table(
        "rate_limits",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("until", Moment, nullable=False),
    )
    op.create_index("rate_limits_until", "rate_limits", ["until"])
