"""Works, loans and what loans keeps of others."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Json, Key, Moment, Position

ByteText = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

revision = "loans_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "branches",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", Json, nullable=False),
        sa.Column("path", Json, nullable=False),
        sa.Column("time_zone", sa.String(60), nullable=False),
        sa.Column("open_days", Json, nullable=False),
    )
    op.create_table(
        "calendars",
        sa.Column("id", Key, primary_key=True),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("card_number", sa.Text, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.UniqueConstraint("secret_hash"),
    )
    op.create_index("ix_calendars_card_number", "calendars", ["card_number"])
    op.create_table(
        "closures",
        sa.Column("quarantine_id", Key, primary_key=True),
        sa.Column("branch_id", sa.String(40), primary_key=True),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Column("grace_days", sa.Integer, nullable=False),
        sa.Column("include_overdue", sa.Boolean, nullable=False),
        sa.Column("returns_per_day", sa.Integer),
        sa.Column("open_days", Json, nullable=False),
        sa.Column("shifts", Json, nullable=False),
        sa.Column("first_return_day", sa.Date),
    )
    op.create_index("closures_by_branch", "closures", ["branch_id"])
    op.create_table(
        "days_begun",
        sa.Column("time_zone", sa.String(60), primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
    )
    op.create_table(
        "decisions",
        sa.Column("quarantine_id", Key, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.Column("branch_ids", Json, nullable=False),
    )
    op.create_table(
        "due_date_changes",
        sa.Column("id", Position, primary_key=True, autoincrement=True),
        sa.Column("loan_id", ByteText, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("was", sa.Date),
        sa.Column("now", sa.Date),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("quarantine_id", Key),
        sa.Column("version", sa.Integer),
    )
    op.create_index("ix_due_date_changes_loan_id", "due_date_changes", ["loan_id"])
    op.create_table(
        "failed_moves",
        sa.Column("run_id", Key, primary_key=True),
        sa.Column("loan_id", ByteText, primary_key=True),
        sa.Column("card_number", ByteText, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )
    op.create_table(
        "loans",
        sa.Column("id", ByteText, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("card_number", ByteText, nullable=False),
        sa.Column("branch_id", sa.String(40), nullable=False),
        sa.Column("work_id", Key),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("author", sa.Text),
        sa.Column("isbn", sa.Text),
        sa.Column("lent_on", sa.Date, nullable=False),
        sa.Column("anchored_on", sa.Date, nullable=False),
        sa.Column("original_due_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("moved_by", Key),
        sa.Column("protected_until", sa.Date),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("renewals", sa.Integer, nullable=False),
        sa.Column("returned_on", sa.Date),
        sa.Column("rests_until", sa.Date),
        sa.Column("reminded_for", sa.Date),
        postgresql_with={"fillfactor": 60},
    )
    op.create_index("loans_by_branch", "loans", ["branch_id", "status"])
    op.create_index("loans_by_card", "loans", ["card_number"])
    op.create_index(
        "loans_out_by_card",
        "loans",
        ["card_number", "branch_id"],
        postgresql_where=sa.text("status = 'on_loan'"),
        sqlite_where=sa.text("status = 'on_loan'"),
    )
    op.create_table(
        "placements",
        sa.Column("quarantine_id", Key, primary_key=True),
        sa.Column("branch_id", sa.String(40), primary_key=True),
        sa.Column("household", sa.Text, primary_key=True),
        sa.Column("day", sa.Date),
        sa.Column("books", sa.Integer, nullable=False),
    )
    op.create_table(
        "readers",
        sa.Column("card_number", ByteText, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("reader_id", sa.Text, nullable=False),
        sa.Column("card_folded", sa.Text, nullable=False),
        sa.Column("surname_folded", sa.Text, nullable=False),
        sa.Column("household", sa.Text, nullable=False),
        sa.Column("guardian_card_number", sa.Text),
        sa.Column("blocked", sa.Boolean, nullable=False),
        sa.Column("card_expires_on", sa.Date),
    )
    op.create_index("ix_readers_card_folded", "readers", ["card_folded"])
    op.create_index("ix_readers_household", "readers", ["household"])
    op.create_index("ix_readers_reader_id", "readers", ["reader_id"])
    op.create_table(
        "works",
        sa.Column("id", Key, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("author", sa.Text),
        sa.Column("language", sa.String(2)),
        sa.Column("read_online", sa.Text),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "work_isbns",
        sa.Column("isbn", sa.String(20), primary_key=True),
        sa.Column("work_id", Key, sa.ForeignKey("works.id"), nullable=False),
    )
    op.create_index("ix_work_isbns_work_id", "work_isbns", ["work_id"])
