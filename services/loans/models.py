"""Tables of loans. What other services own (readers, branches, closures) is kept here as their events told it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.tables import Json, Key, Moment, Position

# Byte order on both databases: pages of two services are compared card by card.
ByteText = Text().with_variant(Text(collation="C"), "postgresql")

ON_LOAN = "on_loan"
STATUSES = (ON_LOAN, "returned", "lost", "claimed_returned")

AGREED = ("lent", "renewed", "imported")
"""Why of the history that no run wrote: nobody had been told another date, so nobody is owed a notice."""


class Base(DeclarativeBase):
    pass


class Work(Base):
    """`key`: title and author folded, by which a loan finds its work."""

    __tablename__ = "works"

    id: Mapped[str] = mapped_column(Key, primary_key=True)
    version: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text, unique=True)
    author: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(2))
    read_online: Mapped[str | None] = mapped_column(Text)


class WorkIsbn(Base):
    __tablename__ = "work_isbns"

    isbn: Mapped[str] = mapped_column(String(20), primary_key=True)
    work_id: Mapped[str] = mapped_column(ForeignKey("works.id"), index=True)


class Loan(Base):
    """`original_due_on` is agreed and kept; `due_on` is computed from it, empty while nobody knows the day.

    `anchored_on` is the day lent or last renewed; `moved_by` the quarantine that decided `due_on`.
    """

    __tablename__ = "loans"
    # Room on each page for the new versions of most of its rows, so that they stay on it.
    __table_args__ = {"postgresql_with": {"fillfactor": 60}}

    id: Mapped[str] = mapped_column(ByteText, primary_key=True)
    version: Mapped[int]
    card_number: Mapped[str] = mapped_column(ByteText)
    branch_id: Mapped[str] = mapped_column(String(40))
    work_id: Mapped[str | None] = mapped_column(Key)
    title: Mapped[str] = mapped_column(Text)
    author: Mapped[str | None] = mapped_column(Text)
    isbn: Mapped[str | None] = mapped_column(Text)
    lent_on: Mapped[date]
    anchored_on: Mapped[date]
    original_due_on: Mapped[date]
    due_on: Mapped[date | None]
    moved_by: Mapped[str | None] = mapped_column(Key)
    protected_until: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(20))
    renewals: Mapped[int]
    returned_on: Mapped[date | None]
    rests_until: Mapped[date | None]
    reminded_for: Mapped[date | None]


Index(
    "loans_out_by_card",
    Loan.card_number,
    Loan.branch_id,
    postgresql_where=text("status = 'on_loan'"),
    sqlite_where=text("status = 'on_loan'"),
)
Index("loans_by_card", Loan.card_number)
# No index holds what a run changes: PostgreSQL then moves a date without touching any index.
Index("loans_by_branch", Loan.branch_id, Loan.status)


class DueDateChange(Base):
    """History: one row a loan each time its date in force moved."""

    __tablename__ = "due_date_changes"

    id: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=True)
    loan_id: Mapped[str] = mapped_column(ByteText, index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    was: Mapped[date | None]
    now: Mapped[date | None]
    why: Mapped[str] = mapped_column(String(20))
    quarantine_id: Mapped[str | None] = mapped_column(Key)
    version: Mapped[int | None]


class Reader(Base):
    """What loans needs of a reader: the family for return slots, the folded surname for the public form."""

    __tablename__ = "readers"

    card_number: Mapped[str] = mapped_column(ByteText, primary_key=True)
    version: Mapped[int]
    reader_id: Mapped[str] = mapped_column(Text, index=True)
    card_folded: Mapped[str] = mapped_column(Text, index=True)
    surname_folded: Mapped[str] = mapped_column(Text)
    household: Mapped[str] = mapped_column(Text, index=True)
    guardian_card_number: Mapped[str | None] = mapped_column(Text)
    blocked: Mapped[bool]
    card_expires_on: Mapped[date | None]


class Branch(Base):
    """Its row is the lock that whoever computes or changes due dates takes, shared or exclusive."""

    __tablename__ = "branches"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int]
    name: Mapped[dict[str, Any]] = mapped_column(Json)
    path: Mapped[list[str]] = mapped_column(Json)
    time_zone: Mapped[str] = mapped_column(String(60))
    open_days: Mapped[dict[str, Any]] = mapped_column(Json)


class Decision(Base):
    """The newest version of a quarantine, as heard. `branch_ids`: the scope of all its versions together."""

    __tablename__ = "decisions"

    quarantine_id: Mapped[str] = mapped_column(Key, primary_key=True)
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    branch_ids: Mapped[list[str]] = mapped_column(Json)


class Closure(Base):
    """A quarantine at one branch, with the calendar kept with the decision."""

    __tablename__ = "closures"

    quarantine_id: Mapped[str] = mapped_column(Key, primary_key=True)
    branch_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    grace_days: Mapped[int]
    include_overdue: Mapped[bool]
    returns_per_day: Mapped[int | None]
    open_days: Mapped[dict[str, Any]] = mapped_column(Json)
    shifts: Mapped[dict[str, str]] = mapped_column(Json)
    first_return_day: Mapped[date | None]


Index("closures_by_branch", Closure.branch_id)


class Placement(Base):
    """The day on which a family brings the books that a quarantine moved at a branch; none: no day is left."""

    __tablename__ = "placements"

    quarantine_id: Mapped[str] = mapped_column(Key, primary_key=True)
    branch_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    household: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date | None]
    books: Mapped[int]


class Calendar(Base):
    """A private calendar link; the secret itself is kept nowhere."""

    __tablename__ = "calendars"

    id: Mapped[str] = mapped_column(Key, primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    card_number: Mapped[str] = mapped_column(Text, index=True)
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime] = mapped_column(Moment)


class FailedMove(Base):
    """A loan that a run could not move, and why."""

    __tablename__ = "failed_moves"

    run_id: Mapped[str] = mapped_column(Key, primary_key=True)
    loan_id: Mapped[str] = mapped_column(ByteText, primary_key=True)
    card_number: Mapped[str] = mapped_column(ByteText)
    error: Mapped[str] = mapped_column(Text)


class DayBegun(Base):
    """The last day whose closures were looked at, by time zone."""

    __tablename__ = "days_begun"

    time_zone: Mapped[str] = mapped_column(String(60), primary_key=True)
    day: Mapped[date]
