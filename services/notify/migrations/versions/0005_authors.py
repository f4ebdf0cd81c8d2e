"""Who wrote a book, to be named beside its title."""

import sqlalchemy as sa
from alembic import op

revision = "notify_0005"
down_revision = "notify_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("books", sa.Column("author", sa.Text))
