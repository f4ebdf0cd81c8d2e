"""People, books, decisions, notices and their deliveries."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Json, Key, Moment, Position

revision = "notify_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "books",
        sa.Column("loan_id", sa.Text, primary_key=True),
        sa.Column("card_number", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("branch_id", sa.String(40), nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("heard", sa.Integer, nullable=False),
        sa.Column("first_heard", sa.Integer, nullable=False),
        sa.Column("told_on", sa.Date),
        sa.Column("told_by", Key),
        sa.Column("queued_by", Key),
        sa.Column("queued_on", sa.Date),
        sa.Column("out", sa.Boolean, nullable=False),
    )
    op.create_index("ix_books_card_number", "books", ["card_number"])
    op.create_table(
        "branches",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", Json, nullable=False),
        sa.Column("time_zone", sa.String(60), nullable=False),
        sa.Column("open_days", Json, nullable=False),
    )
    op.create_table(
        "calls",
        sa.Column("quarantine_id", Key, primary_key=True),
        sa.Column("addressee", sa.Text, primary_key=True),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("taken_by", sa.Text),
        sa.Column("taken_until", Moment),
        sa.Column("next_at", Moment),
    )
    op.create_table(
        "date_lines",
        sa.Column("quarantine_id", Key, primary_key=True),
        sa.Column("card_number", sa.Text, primary_key=True),
        sa.Column("service", sa.String(40), primary_key=True),
        sa.Column("item_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("day", sa.Date),
        sa.Column("told_on", sa.Date),
        sa.Column("queued_by", Key),
    )
    op.create_index(
        "date_lines_queued",
        "date_lines",
        ["queued_by"],
        postgresql_where=sa.text("queued_by IS NOT NULL"),
        sqlite_where=sa.text("queued_by IS NOT NULL"),
    )
    op.create_table(
        "decisions",
        sa.Column("quarantine_id", Key, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("data", Json, nullable=False),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", Position, primary_key=True, autoincrement=True),
        sa.Column("notice_id", Key, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("address", sa.Text),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("lane", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_try_at", Moment),
        sa.Column("claimed_until", Moment),
        sa.Column("last_error", sa.Text),
        sa.Column("sent_at", Moment),
    )
    op.create_index(
        "deliveries_due",
        "deliveries",
        ["lane", "next_try_at"],
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_index("ix_deliveries_notice_id", "deliveries", ["notice_id"])
    op.create_table(
        "gatherings",
        sa.Column("run_id", Key, primary_key=True),
        sa.Column("quarantine_id", Key, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("heard", sa.Integer, nullable=False),
        sa.Column("expected", sa.Integer),
        sa.Column("ended_at", Moment),
        sa.Column("released_at", Moment),
    )
    op.create_index("ix_gatherings_quarantine_id", "gatherings", ["quarantine_id"])
    op.create_table(
        "links",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("notice_id", Key, nullable=False),
        sa.Column("addressee", sa.Text, nullable=False),
        sa.Column("until", Moment, nullable=False),
        sa.Column("off", sa.Boolean, nullable=False),
    )
    op.create_index("ix_links_notice_id", "links", ["notice_id"])
    op.create_table(
        "moves",
        sa.Column("quarantine_id", Key, primary_key=True),
        sa.Column("card_number", sa.Text, primary_key=True),
        sa.Column("loan_id", sa.Text, primary_key=True),
    )
    op.create_table(
        "notice_cards",
        sa.Column("card_number", sa.Text, primary_key=True),
        sa.Column("notice_id", Key, primary_key=True),
    )
    op.create_table(
        "notice_lines",
        sa.Column("notice_id", Key, primary_key=True),
        sa.Column("loan_id", sa.Text, primary_key=True),
        sa.Column("card_number", sa.Text, nullable=False),
        sa.Column("was", sa.Date),
        sa.Column("now", sa.Date),
    )
    op.create_table(
        "notices",
        sa.Column("id", Key, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("lane", sa.Integer, nullable=False),
        sa.Column("quarantine_id", Key),
        sa.Column("version", sa.Integer),
        sa.Column("addressee", sa.Text, nullable=False),
        sa.Column("card_number", sa.Text),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("about", Json, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("body", sa.Text),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("claimed_at", Moment),
        sa.Column("told_at", Moment),
        sa.Column("opened_at", Moment),
    )
    op.create_index("ix_notices_addressee", "notices", ["addressee"])
    op.create_index("notices_by_decision", "notices", ["quarantine_id", "version", "state"])
    op.create_index("notices_newest", "notices", ["created_at", "id"])
    op.create_table(
        "outcomes",
        sa.Column("id", Position, primary_key=True, autoincrement=True),
        sa.Column("notice_id", Key, nullable=False),
        sa.Column("way", sa.String(20), nullable=False),
        sa.Column("result", sa.String(20), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
    )
    op.create_index("ix_outcomes_notice_id", "outcomes", ["notice_id"])
    op.create_table(
        "people",
        sa.Column("card_number", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("reader_id", sa.Text, nullable=False),
        sa.Column("addressee", sa.Text, nullable=False),
        sa.Column("household", sa.Text, nullable=False),
        sa.Column("family_name", sa.Text, nullable=False),
        sa.Column("given_name", sa.Text, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("birth_date", sa.Date),
        sa.Column("email", sa.Text),
        sa.Column("phone", sa.Text),
        sa.Column("telegram", sa.Text),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("school", sa.Text),
        sa.Column("school_class", sa.Text),
        sa.Column("home_branch_id", sa.String(40)),
        sa.Column("guardian", Json),
        sa.Column("erased", sa.Boolean, nullable=False),
    )
    op.create_index("ix_people_addressee", "people", ["addressee"])
    op.create_table(
        "preferences",
        sa.Column("addressee", sa.Text, primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("channel", sa.String(12), primary_key=True),
    )
    op.create_table(
        "quizzes",
        sa.Column("quiz_id", Key, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("branch_id", sa.String(40)),
        sa.Column("opens_on", sa.Date),
        sa.Column("closes_on", sa.Date),
    )
    op.create_table(
        "stops",
        sa.Column("quarantine_id", Key, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_table(
        "suppressions",
        sa.Column("channel", sa.String(12), primary_key=True),
        sa.Column("address", sa.Text, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_table(
        "unmoved",
        sa.Column("quarantine_id", Key, primary_key=True),
        sa.Column("card_number", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("books", Json, nullable=False),
    )
    op.create_table(
        "unsubscribed",
        sa.Column("addressee", sa.Text, primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_table(
        "viewings",
        sa.Column("id", Position, primary_key=True, autoincrement=True),
        sa.Column("quarantine_id", Key, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("addressees", Json, nullable=False),
    )
