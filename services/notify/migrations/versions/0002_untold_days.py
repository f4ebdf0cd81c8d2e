"""Which notice told another day, and what was told before: a notice that reaches nobody takes it back."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Key

revision = "notify_0002"
down_revision = "notify_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("date_lines", sa.Column("told_by", Key))
    op.add_column("date_lines", sa.Column("told_before", sa.Date))
