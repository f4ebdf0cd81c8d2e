"""Items, quizzes, attempts, and what others told of readers, branches and closures."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Json, Key, Moment, Position

ByteText = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

revision = "quizzes_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("attempt_id", Key, primary_key=True),
        sa.Column("item_id", Key, primary_key=True),
        sa.Column("answer", Json),
        sa.Column("device", ByteText, nullable=False),
        sa.Column("number", Position, nullable=False),
        sa.Column("given_at", Moment, nullable=False),
        sa.Column("saved_at", Moment, nullable=False),
        postgresql_with={"fillfactor": 80},
    )
    op.create_table(
        "attempts",
        sa.Column("id", Key, primary_key=True),
        sa.Column("quiz_id", Key, nullable=False),
        sa.Column("taker", sa.Text, nullable=False),
        sa.Column("card_number", sa.Text),
        sa.Column("class_id", Key),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("items", Json, nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("ends_at", Moment),
        sa.Column("late_until", Moment),
        sa.Column("finished_at", Moment),
        sa.Column("graded_at", Moment),
        sa.Column("scores", Json),
        sa.Column("graded_with", Json),
        sa.Column("to_be_marked", sa.Integer, nullable=False),
        sa.Column("points", sa.Double),
        sa.Column("of", sa.Double),
        sa.Column("percent", sa.Double),
        sa.Column("passed", sa.Boolean),
        sa.UniqueConstraint("quiz_id", "taker", "number"),
    )
    op.create_index(
        "attempts_by_end",
        "attempts",
        ["late_until"],
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index("attempts_of_quiz", "attempts", ["quiz_id", "state", "id"])
    op.create_index(
        "attempts_open",
        "attempts",
        ["quiz_id", "taker"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_attempts_card_number", "attempts", ["card_number"])
    op.create_index("ix_attempts_class_id", "attempts", ["class_id"])
    op.create_table(
        "banks",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "branches",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("time_zone", sa.String(60), nullable=False),
    )
    op.create_table(
        "certificates",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("attempt_id", Key, nullable=False),
        sa.Column("quiz_id", Key, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("who", Json),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("show_name", sa.Boolean, nullable=False),
        sa.Column("issued_at", Moment, nullable=False),
        sa.Column("withdrawn_at", Moment),
        sa.Column("withdrawn_by", sa.Text),
        sa.Column("reason", sa.Text),
        sa.UniqueConstraint("attempt_id"),
    )
    op.create_index("ix_certificates_quiz_id", "certificates", ["quiz_id"])
    op.create_table(
        "classes",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("school", sa.Text, nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("quiz_id", Key),
        sa.Column("link", sa.String(64), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("ended_at", Moment),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("link"),
    )
    op.create_index("ix_classes_quiz_id", "classes", ["quiz_id"])
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
        sa.Column("reason", Json, nullable=False),
    )
    op.create_table(
        "item_versions",
        sa.Column("item_id", Key, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("body", Json, nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_table(
        "marks",
        sa.Column("attempt_id", Key, primary_key=True),
        sa.Column("item_id", Key, primary_key=True),
        sa.Column("share", sa.String(40), nullable=False),
        sa.Column("comment", sa.Text),
        sa.Column("marked_by", sa.Text, nullable=False),
        sa.Column("marked_at", Moment, nullable=False),
    )
    op.create_table(
        "nicknames",
        sa.Column("quiz_id", Key, primary_key=True),
        sa.Column("taker", sa.Text, primary_key=True),
        sa.Column("nickname", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("hidden", sa.Boolean, nullable=False),
        sa.UniqueConstraint("quiz_id", "folded"),
    )
    op.create_table(
        "pictures",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_table(
        "quiz_date_changes",
        sa.Column("id", Position, primary_key=True, autoincrement=True),
        sa.Column("quiz_id", Key, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("was", sa.Date),
        sa.Column("now", sa.Date),
        sa.Column("quarantine_id", Key, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("ix_quiz_date_changes_quiz_id", "quiz_date_changes", ["quiz_id"])
    op.create_table(
        "quiz_items",
        sa.Column("quiz_id", Key, primary_key=True),
        sa.Column("item_id", Key, primary_key=True),
    )
    op.create_index("ix_quiz_items_item_id", "quiz_items", ["item_id"])
    op.create_table(
        "quiz_works",
        sa.Column("quiz_id", Key, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("isbn", sa.String(20)),
        sa.Column("title_folded", sa.Text, nullable=False),
    )
    op.create_index("ix_quiz_works_isbn", "quiz_works", ["isbn"])
    op.create_index("ix_quiz_works_title_folded", "quiz_works", ["title_folded"])
    op.create_table(
        "quizzes",
        sa.Column("id", Key, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("about", Json, nullable=False),
        sa.Column("languages", Json, nullable=False),
        sa.Column("branch_id", sa.String(40)),
        sa.Column("works", Json, nullable=False),
        sa.Column("opens_on", sa.Date),
        sa.Column("opens_at", Moment),
        sa.Column("original_closes_on", sa.Date),
        sa.Column("closes_on", sa.Date),
        sa.Column("closes_at", Moment),
        sa.Column("ended_at", Moment),
        sa.Column("why", Json),
        sa.Column("pools", Json, nullable=False),
        sa.Column("questions", sa.Integer, nullable=False),
        sa.Column("shuffle_items", sa.Boolean, nullable=False),
        sa.Column("per_page", sa.Integer, nullable=False),
        sa.Column("attempts_allowed", sa.Integer, nullable=False),
        sa.Column("counts", sa.String(5), nullable=False),
        sa.Column("time_limit_minutes", sa.Integer),
        sa.Column("grace_minutes", sa.Integer, nullable=False),
        sa.Column("extra_time", Json, nullable=False),
        sa.Column("pass_percent", sa.Integer),
        sa.Column("review", Json, nullable=False),
        sa.Column("feedback", Json, nullable=False),
        sa.Column("certificate", sa.Boolean, nullable=False),
        sa.Column("guests", sa.Boolean, nullable=False),
        sa.Column("age_from", sa.Integer),
        sa.Column("age_to", sa.Integer),
        sa.Column("leaderboard", sa.Boolean, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("published_at", Moment),
        sa.Column("changed_at", Moment, nullable=False),
    )
    op.create_index("ix_quizzes_branch_id", "quizzes", ["branch_id"])
    op.create_index("quizzes_newest", "quizzes", ["state", "created_at", "id"])
    op.create_table(
        "readers",
        sa.Column("card_number", sa.Text, primary_key=True),
        sa.Column("reader_id", Key, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("given_name", sa.Text, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("birth_date", sa.Date),
    )
    op.create_index("ix_readers_reader_id", "readers", ["reader_id"])
    op.create_table(
        "regrade_changes",
        sa.Column("regrade_id", Key, primary_key=True),
        sa.Column("attempt_id", Key, primary_key=True),
        sa.Column("points_were", sa.Double),
        sa.Column("points", sa.Double),
        sa.Column("percent_was", sa.Double),
        sa.Column("percent", sa.Double),
        sa.Column("passed_was", sa.Boolean),
        sa.Column("passed", sa.Boolean),
    )
    op.create_index("ix_regrade_changes_attempt_id", "regrade_changes", ["attempt_id"])
    op.create_table(
        "regrades",
        sa.Column("id", Key, primary_key=True),
        sa.Column("quiz_id", Key, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("versions", Json, nullable=False),
    )
    op.create_index("ix_regrades_quiz_id", "regrades", ["quiz_id"])
    op.create_table(
        "items",
        sa.Column("id", Key, primary_key=True),
        sa.Column("bank_id", Key, sa.ForeignKey("banks.id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("faults", sa.Integer, nullable=False),
        sa.Column("place", Position, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
    )
    op.create_index("items_by_digest", "items", ["bank_id", "digest"])
    op.create_index("items_of_bank", "items", ["bank_id", "place", "id"])
    # To lock for quizzes of the library as a whole.
    op.execute("INSERT INTO branches (id, version, time_zone) VALUES ('', 0, '')")
