"""Tables of the sample service."""

from alembic import op

from tests.support.sample_service.models import METADATA

revision = "sample_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    METADATA.create_all(op.get_bind(), checkfirst=False)
