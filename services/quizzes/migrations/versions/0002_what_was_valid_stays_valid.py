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
