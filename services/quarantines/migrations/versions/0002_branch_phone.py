"""The telephone of a branch."""

import sqlalchemy as sa
from alembic import op

revision = "quarantines_0002"
down_revision = "quarantines_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("branches", sa.Column("phone", sa.String(40)))
