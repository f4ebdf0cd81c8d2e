"""The event machinery's tables as first released."""

from alembic import op

from shared.tables import KERNEL

revision = "kernel_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    KERNEL.create_all(op.get_bind(), checkfirst=False)
