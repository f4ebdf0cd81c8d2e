"""Branches."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Json, Moment

revision = "quarantines_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "branches",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", Json, nullable=False),
        sa.Column("parent_id", sa.String(40), sa.ForeignKey("branches.id"), index=True),
        sa.Column("time_zone", sa.String(60), nullable=False),
        sa.Column("opening_hours", sa.String(400), nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
    )
