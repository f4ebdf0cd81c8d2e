"""When attempts close where a last day was moved into the past; answers given in time that arrive after it."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Moment

revision = "quizzes_0002"
down_revision = "quizzes_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("quizzes", sa.Column("shut_at", Moment))
    op.add_column("quizzes", sa.Column("late_minutes", sa.Integer, nullable=False, server_default="1440"))
    op.add_column("attempts", sa.Column("grace_until", Moment))
    # What is under way ends as it was begun.
    op.execute("UPDATE attempts SET grace_until = late_until")
    _keep_what_certificates_say()
    op.add_column("answers", sa.Column("language", sa.String(2)))
    op.add_column("certificates", sa.Column("consent_by", sa.Text))
    op.add_column("certificates", sa.Column("consent_at", Moment))
    op.add_column("readers", sa.Column("guardian_card_number", sa.Text))
    op.create_index("ix_readers_guardian_card_number", "readers", ["guardian_card_number"])


def _keep_what_certificates_say() -> None:
    """What their attempts say now: what they said when the certificates were given is not known any more."""
    numbers = ("points", "of", "percent")
    for name in numbers:
        op.add_column("certificates", sa.Column(name, sa.Double))
    op.add_column("certificates", sa.Column("passed", sa.Boolean))
    for name in (*numbers, "passed"):
        quoted = f'"{name}"'
        op.execute(
            f"UPDATE certificates SET {quoted} = (SELECT a.{quoted} FROM attempts a WHERE a.id = attempt_id)"  # noqa: S608
        )
    with op.batch_alter_table("certificates") as table:
        for name in numbers:
            table.alter_column(name, existing_type=sa.Double, nullable=False)
