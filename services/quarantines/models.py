"""Tables of quarantines."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.tables import Json, Key, Moment


class Base(DeclarativeBase):
    pass


class Branch(Base):
    """`calendar_until`: the last day of the calendar the other services were last told."""

    __tablename__ = "branches"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int]
    name: Mapped[dict[str, Any]] = mapped_column(Json)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("branches.id"), index=True)
    time_zone: Mapped[str] = mapped_column(String(60))
    opening_hours: Mapped[str] = mapped_column(String(400))
    phone: Mapped[str | None] = mapped_column(String(40))
    calendar_until: Mapped[date]
    changed_at: Mapped[datetime] = mapped_column(Moment)


class Quarantine(Base):
    """A quarantine as its present version has it. `named`: the branches named by staff, none for all.

    `returns_per_day`: a number for each branch of the scope, {branch_id: number}, or none.
    """

    __tablename__ = "quarantines"

    id: Mapped[str] = mapped_column(Key, primary_key=True)
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(40))
    basis: Mapped[dict[str, Any] | None] = mapped_column(Json)
    named: Mapped[list[str] | None] = mapped_column(Json)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    reopens_on: Mapped[date | None]
    grace_days: Mapped[int]
    returns_per_day: Mapped[Any | None] = mapped_column(Json)
    include_overdue: Mapped[bool]
    reason: Mapped[dict[str, Any]] = mapped_column(Json)
    announce: Mapped[bool]
    declared_at: Mapped[datetime] = mapped_column(Moment)
    declared_by: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(Moment)
    decided_by: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("quarantines_newest", "declared_at", "id"),)


class ClosedBranch(Base):
    """The scope of the present version, resolved."""

    __tablename__ = "quarantine_branches"

    quarantine_id: Mapped[str] = mapped_column(Key, ForeignKey("quarantines.id"), primary_key=True)
    branch_id: Mapped[str] = mapped_column(String(40), ForeignKey("branches.id"), primary_key=True, index=True)


class QuarantineVersion(Base):
    """One decision: who, when, what and why. `data` is the whole quarantine as its event said, open days included."""

    __tablename__ = "quarantine_versions"

    quarantine_id: Mapped[str] = mapped_column(Key, ForeignKey("quarantines.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    decided_at: Mapped[datetime] = mapped_column(Moment)
    decided_by: Mapped[str] = mapped_column(Text)
    decider_name: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)


class StepReport(Base):
    """How far one run of one step is, as said at `said_at` and heard at `moved_at`.

    The row with an empty `run_id` says that the step has yet to begin.
    """

    __tablename__ = "step_reports"

    quarantine_id: Mapped[str] = mapped_column(Key, ForeignKey("quarantines.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(String(40), primary_key=True)
    step: Mapped[str] = mapped_column(String(40), primary_key=True)
    run_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    done: Mapped[int]
    total: Mapped[int]
    failed: Mapped[int]
    said_at: Mapped[datetime] = mapped_column(Moment)
    moved_at: Mapped[datetime] = mapped_column(Moment)


class Draft(Base):
    """A declaration somebody is still writing: what their form holds, as it stands, seen by nobody else."""

    __tablename__ = "drafts"

    id: Mapped[str] = mapped_column(Key, primary_key=True)
    owner: Mapped[str] = mapped_column(Text, index=True)
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    saved_at: Mapped[datetime] = mapped_column(Moment, index=True)
