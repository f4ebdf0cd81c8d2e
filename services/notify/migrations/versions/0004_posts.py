"""What was posted by hand to social accounts, and where."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Key, Moment, Position

revision = "notify_0004"
down_revision = "notify_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "posts",
        sa.Column("id", Position, primary_key=True, autoincrement=True),
        sa.Column("quarantine_id", Key, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("withdrawn_at", Moment),
        sa.Column("withdrawn_by", sa.Text),
    )
    op.create_index("ix_posts_quarantine_id", "posts", ["quarantine_id"])
