"""The ages that open quizzes are for."""

import sqlalchemy as sa
from alembic import op

revision = "notify_0003"
down_revision = "notify_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("quizzes", sa.Column("age_from", sa.Integer))
    op.add_column("quizzes", sa.Column("age_to", sa.Integer))
