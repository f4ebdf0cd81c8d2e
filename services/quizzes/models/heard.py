"""Readers, branches and closures as quizzes heard of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.quizzes.models.base import Base
from shared.tables import Json, Key


class Reader(Base):
    """The least of a reader that quizzes need. Once erased the row stays under a random card, without the person."""

    __tablename__ = "readers"

    card_number: Mapped[str] = mapped_column(Text, primary_key=True)
    reader_id: Mapped[str] = mapped_column(Key, index=True)
    version: Mapped[int]
    given_name: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    birth_date: Mapped[date | None]
    guardian_card_number: Mapped[str | None] = mapped_column(Text, index=True)


class Branch(Base):
    """Its row is the lock that whoever computes or changes last days takes, shared or exclusive.

    Version 0: named by a decision only, not yet heard of itself.
    """

    __tablename__ = "branches"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int]
    time_zone: Mapped[str] = mapped_column(String(60))


class Decision(Base):
    """The newest version of a quarantine, as heard; `branch_ids` is every branch any version of it closed."""

    __tablename__ = "decisions"

    quarantine_id: Mapped[str] = mapped_column(Key, primary_key=True)
    version: Mapped[int]
    branch_ids: Mapped[list[str]] = mapped_column(Json)
    reason: Mapped[dict[str, Any]] = mapped_column(Json)


class Closure(Base):
    """A quarantine at one branch, with the calendar kept with the decision."""

    __tablename__ = "closures"

    quarantine_id: Mapped[str] = mapped_column(Key, primary_key=True)
    branch_id: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    grace_days: Mapped[int]
    open_days: Mapped[dict[str, Any]] = mapped_column(Json)
