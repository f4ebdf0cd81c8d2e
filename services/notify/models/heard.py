"""People, books, decisions and online tests as notify heard of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.models.base import Base
from shared.tables import Json, Key, Moment


class Person(Base):
    """A reader as accounts told it. `addressee`: who is written to, the same for a guardian and their children."""

    __tablename__ = "people"

    card_number: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int]
    reader_id: Mapped[str] = mapped_column(Text)
    addressee: Mapped[str] = mapped_column(Text, index=True)
    household: Mapped[str] = mapped_column(Text)
    family_name: Mapped[str] = mapped_column(Text)
    given_name: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    birth_date: Mapped[date | None]
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    telegram: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(20))
    school: Mapped[str | None] = mapped_column(Text)
    school_class: Mapped[str | None] = mapped_column(Text)
    home_branch_id: Mapped[str | None] = mapped_column(String(40))
    guardian: Mapped[dict[str, Any] | None] = mapped_column(Json)
    erased: Mapped[bool]


class Branch(Base):
    __tablename__ = "branches"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int]
    name: Mapped[dict[str, Any]] = mapped_column(Json)
    time_zone: Mapped[str] = mapped_column(String(60))
    open_days: Mapped[dict[str, Any]] = mapped_column(Json)


class Decision(Base):
    """The newest version of a quarantine, as heard."""

    __tablename__ = "decisions"

    quarantine_id: Mapped[str] = mapped_column(Key, primary_key=True)
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    data: Mapped[dict[str, Any]] = mapped_column(Json)


class Book(Base):
    """A loan that some decision moved. `told_on`: the day its reader was last told; at first the day before the first
    change. `queued_on`: the day a notice not yet claimed for sending will tell. `heard`, `first_heard`: versions of
    the loan, so that events may come in any order.
    """

    __tablename__ = "books"

    loan_id: Mapped[str] = mapped_column(Text, primary_key=True)
    card_number: Mapped[str] = mapped_column(Text, index=True)
    title: Mapped[str] = mapped_column(Text)
    author: Mapped[str | None] = mapped_column(Text)
    branch_id: Mapped[str] = mapped_column(String(40))
    due_on: Mapped[date | None]
    heard: Mapped[int]
    first_heard: Mapped[int]
    told_on: Mapped[date | None]
    told_by: Mapped[str | None] = mapped_column(Key)
    queued_by: Mapped[str | None] = mapped_column(Key)
    queued_on: Mapped[date | None]
    out: Mapped[bool]


class Move(Base):
    """A book that a decision moved, in any of its versions."""

    __tablename__ = "moves"

    quarantine_id: Mapped[str] = mapped_column(Key, primary_key=True)
    card_number: Mapped[str] = mapped_column(Text, primary_key=True)
    loan_id: Mapped[str] = mapped_column(Text, primary_key=True)


class Unmoved(Base):
    """The books a decision left alone, of a reader it moved others of: a list of {title, due_on}."""

    __tablename__ = "unmoved"

    quarantine_id: Mapped[str] = mapped_column(Key, primary_key=True)
    card_number: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int]
    books: Mapped[list[dict[str, Any]]] = mapped_column(Json)


class DateLine(Base):
    """A day of something else (card, quiz, contest, …) that a decision moved for a reader, to be told.

    `told_before`: the day told before the notice `told_by` told the last one.
    """

    __tablename__ = "date_lines"

    quarantine_id: Mapped[str] = mapped_column(Key, primary_key=True)
    card_number: Mapped[str] = mapped_column(Text, primary_key=True)
    service: Mapped[str] = mapped_column(String(40), primary_key=True)
    item_id: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(Text)
    day: Mapped[date | None]
    told_on: Mapped[date | None]
    told_by: Mapped[str | None] = mapped_column(Key)
    told_before: Mapped[date | None]
    queued_by: Mapped[str | None] = mapped_column(Key)


Index(
    "date_lines_queued",
    DateLine.queued_by,
    postgresql_where=text("queued_by IS NOT NULL"),
    sqlite_where=text("queued_by IS NOT NULL"),
)


class Quiz(Base):
    """An online test as quizzes told it; `open`: published and not closed."""

    __tablename__ = "quizzes"

    quiz_id: Mapped[str] = mapped_column(Key, primary_key=True)
    version: Mapped[int]
    open: Mapped[bool]
    title: Mapped[dict[str, Any]] = mapped_column(Json)
    branch_id: Mapped[str | None] = mapped_column(String(40))
    opens_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    age_from: Mapped[int | None]
    age_to: Mapped[int | None]


class Gathering(Base):
    """A run of another service whose reader events are counted until all have been heard."""

    __tablename__ = "gatherings"

    run_id: Mapped[str] = mapped_column(Key, primary_key=True)
    quarantine_id: Mapped[str] = mapped_column(Key, index=True)
    version: Mapped[int]
    service: Mapped[str] = mapped_column(String(40))
    heard: Mapped[int]
    expected: Mapped[int | None]
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    released_at: Mapped[datetime | None] = mapped_column(Moment)
