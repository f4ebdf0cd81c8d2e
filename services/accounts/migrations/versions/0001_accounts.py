"""Readers, staff, sign-ins, and what others told of branches and closures."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Json, Key, Moment, Position

revision = "accounts_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "acts",
        sa.Column("id", Position, primary_key=True, autoincrement=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("about", sa.Text),
        sa.Column("reason", sa.Text),
    )
    op.create_index("ix_acts_about", "acts", ["about"])
    op.create_table(
        "branches",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "closures",
        sa.Column("quarantine_id", Key, primary_key=True),
        sa.Column("branch_id", sa.String(40), primary_key=True),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Column("grace_days", sa.Integer, nullable=False),
        sa.Column("open_days", Json, nullable=False),
    )
    op.create_index("ix_closures_branch_id", "closures", ["branch_id"])
    op.create_table(
        "decisions",
        sa.Column("quarantine_id", Key, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("branch_ids", Json, nullable=False),
    )
    op.create_table(
        "erased_cards",
        sa.Column("card_hash", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("erased_at", Moment, nullable=False),
    )
    op.create_table(
        "expiry_changes",
        sa.Column("id", Position, primary_key=True, autoincrement=True),
        sa.Column("reader_id", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("was", sa.Date),
        sa.Column("now", sa.Date),
        sa.Column("quarantine_id", Key, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("ix_expiry_changes_reader_id", "expiry_changes", ["reader_id"])
    op.create_table(
        "one_time_codes",
        sa.Column("reader_id", Key, primary_key=True),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
    )
    op.create_table(
        "questions",
        sa.Column("id", Position, primary_key=True, autoincrement=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("card_number", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("phone", sa.Text),
        sa.Column("done_at", Moment),
        sa.Column("done_by", sa.Text),
    )
    op.create_index("ix_questions_card_number", "questions", ["card_number"])
    op.create_table(
        "readers",
        sa.Column("id", Key, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("card_number", sa.Text, nullable=False),
        sa.Column("card_folded", sa.Text, nullable=False),
        sa.Column("family_name", sa.Text, nullable=False),
        sa.Column("given_name", sa.Text, nullable=False),
        sa.Column("name_folded", sa.Text, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("birth_date", sa.Date),
        sa.Column("email", sa.Text),
        sa.Column("phone", sa.Text),
        sa.Column("telegram", sa.Text),
        sa.Column("guardian_card_number", sa.Text),
        sa.Column("guardian_name", sa.Text),
        sa.Column("guardian_phone", sa.Text),
        sa.Column("guardian_email", sa.Text),
        sa.Column("guardian_language", sa.String(2)),
        sa.Column("household", sa.Text, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("school", sa.Text),
        sa.Column("school_class", sa.Text),
        sa.Column("home_branch_id", sa.String(40), nullable=False),
        sa.Column("original_card_expires_on", sa.Date),
        sa.Column("card_expires_on", sa.Date),
        sa.Column("blocked", sa.Boolean, nullable=False),
        sa.Column("pin_hash", sa.Text),
        sa.Column("changed_at", Moment, nullable=False),
        sa.UniqueConstraint("card_number"),
    )
    op.create_index("ix_readers_card_folded", "readers", ["card_folded"])
    op.create_index("ix_readers_guardian_card_number", "readers", ["guardian_card_number"])
    op.create_index("readers_by_expiry", "readers", ["home_branch_id", "original_card_expires_on", "card_expires_on"])
    op.create_table(
        "second_factors",
        sa.Column("staff_id", Key, primary_key=True),
        sa.Column("sealed_key", sa.Text),
        sa.Column("sealed_new_key", sa.Text),
        sa.Column("used_step", sa.Integer, nullable=False),
        sa.Column("code_hash", sa.String(64)),
        sa.Column("code_expires_at", Moment),
    )
    op.create_table(
        "sign_in_sessions",
        sa.Column("id", Key, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("ended_at", Moment),
    )
    op.create_index("ix_sign_in_sessions_subject", "sign_in_sessions", ["subject"])
    op.create_table(
        "staff",
        sa.Column("id", Key, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("login", sa.String(80), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("roles", Json, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.UniqueConstraint("login"),
    )
    op.create_table(
        "tries",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last_at", Moment, nullable=False),
    )
    # Home of readers who belong to the library as a whole: a row to lock, like any branch's.
    op.execute("INSERT INTO branches (id, version) VALUES ('', 0)")
