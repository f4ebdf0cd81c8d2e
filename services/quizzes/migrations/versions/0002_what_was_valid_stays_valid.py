"""When attempts close where a last day was moved into the past."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Moment

revision = "quizzes_0002"
down_revision = "quizzes_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("quizzes", sa.Column("shut_at", Moment))
