"""Branches and quarantines."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Json, Key, Moment

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
        sa.Column("parent_id", sa.String(40), sa.ForeignKey("branches.id")),
        sa.Column("time_zone", sa.String(60), nullable=False),
        sa.Column("opening_hours", sa.String(400), nullable=False),
        sa.Column("calendar_until", sa.Date, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
    )
    op.create_index("ix_branches_parent_id", "branches", ["parent_id"])
    op.create_table(
        "quarantines",
        sa.Column("id", Key, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("basis", Json),
        sa.Column("named", Json),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Column("reopens_on", sa.Date),
        sa.Column("grace_days", sa.Integer, nullable=False),
        sa.Column("returns_per_day", Json),
        sa.Column("include_overdue", sa.Boolean, nullable=False),
        sa.Column("reason", Json, nullable=False),
        sa.Column("announce", sa.Boolean, nullable=False),
        sa.Column("declared_at", Moment, nullable=False),
        sa.Column("declared_by", sa.Text, nullable=False),
        sa.Column("decided_at", Moment, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
    )
    op.create_index("quarantines_newest", "quarantines", ["declared_at", "id"])
    op.create_table(
        "quarantine_branches",
        sa.Column("quarantine_id", Key, sa.ForeignKey("quarantines.id"), primary_key=True),
        sa.Column("branch_id", sa.String(40), sa.ForeignKey("branches.id"), primary_key=True),
    )
    op.create_index("ix_quarantine_branches_branch_id", "quarantine_branches", ["branch_id"])
    op.create_table(
        "quarantine_versions",
        sa.Column("quarantine_id", Key, sa.ForeignKey("quarantines.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("data", Json, nullable=False),
        sa.Column("decided_at", Moment, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("decider_name", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
    )
    op.create_table(
        "step_reports",
        sa.Column("quarantine_id", Key, sa.ForeignKey("quarantines.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("service", sa.String(40), primary_key=True),
        sa.Column("step", sa.String(40), primary_key=True),
        sa.Column("run_id", sa.String(120), primary_key=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("said_at", Moment, nullable=False),
        sa.Column("moved_at", Moment, nullable=False),
    )
    op.create_table(
        "drafts",
        sa.Column("id", Key, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("saved_at", Moment, nullable=False),
    )
    op.create_index("ix_drafts_owner", "drafts", ["owner"])
    op.create_index("ix_drafts_saved_at", "drafts", ["saved_at"])
