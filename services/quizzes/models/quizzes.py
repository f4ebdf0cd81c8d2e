"""Quizzes, what they ask and when, and the classes that take them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.quizzes.models.base import Base
from shared.tables import Json, Key, Moment, Position

DRAFT, PUBLISHED, CLOSED = "draft", "published", "closed"


class Quiz(Base):
    """`original_closes_on`: the last day as staff agreed it, none for no end. `closes_on`: the one in force, computed
    from it and the closures, none while nobody knows the day or there is no end. `opens_at`, `closes_at`: the first
    moment of the first day and the end of the last in the branch's zone. `ended_at`: when staff closed it by hand.
    `shut_at`: later than `closes_at`, when attempts close instead, where the last day was brought nearer than that
    under the hands of those who were playing.

    `pools`: [{item_ids, draw, points}]; `extra_time`: [{card_number | class_id, percent}];
    `review`: {answers, points: never | after_finish | after_close}; `feedback`: [{from_percent, text}];
    `questions`: how many one attempt asks.
    """

    __tablename__ = "quizzes"

    id: Mapped[str] = mapped_column(Key, primary_key=True)
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    title: Mapped[dict[str, Any]] = mapped_column(Json)
    about: Mapped[dict[str, Any]] = mapped_column(Json)
    languages: Mapped[list[str]] = mapped_column(Json)
    branch_id: Mapped[str | None] = mapped_column(String(40), index=True)
    works: Mapped[list[Any]] = mapped_column(Json)
    opens_on: Mapped[date | None]
    opens_at: Mapped[datetime | None] = mapped_column(Moment)
    original_closes_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    closes_at: Mapped[datetime | None] = mapped_column(Moment)
    shut_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    why: Mapped[dict[str, Any] | None] = mapped_column(Json)
    pools: Mapped[list[Any]] = mapped_column(Json)
    questions: Mapped[int]
    shuffle_items: Mapped[bool]
    per_page: Mapped[int]
    attempts_allowed: Mapped[int]
    counts: Mapped[str] = mapped_column(String(5))
    time_limit_minutes: Mapped[int | None]
    grace_minutes: Mapped[int]
    late_minutes: Mapped[int]
    extra_time: Mapped[list[Any]] = mapped_column(Json)
    pass_percent: Mapped[int | None]
    review: Mapped[dict[str, Any]] = mapped_column(Json)
    feedback: Mapped[list[Any]] = mapped_column(Json)
    certificate: Mapped[bool]
    guests: Mapped[bool]
    age_from: Mapped[int | None]
    age_to: Mapped[int | None]
    leaderboard: Mapped[bool]
    words: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (Index("quizzes_newest", "state", "created_at", "id"),)


class QuizItem(Base):
    """Which quizzes use an item: `pools` turned round."""

    __tablename__ = "quiz_items"

    quiz_id: Mapped[str] = mapped_column(Key, primary_key=True)
    item_id: Mapped[str] = mapped_column(Key, primary_key=True, index=True)


class QuizWork(Base):
    """The works a quiz is tied to, as loans name them: ISBN without hyphens, title folded."""

    __tablename__ = "quiz_works"

    quiz_id: Mapped[str] = mapped_column(Key, primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    isbn: Mapped[str | None] = mapped_column(String(20), index=True)
    title_folded: Mapped[str] = mapped_column(Text, index=True)


class QuizDateChange(Base):
    """History: one row a quiz each time its last day moved."""

    __tablename__ = "quiz_date_changes"

    id: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=True)
    quiz_id: Mapped[str] = mapped_column(Key, index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    was: Mapped[date | None]
    now: Mapped[date | None]
    quarantine_id: Mapped[str] = mapped_column(Key)
    version: Mapped[int]


class SchoolClass(Base):
    """A class that plays by a code; `link` opens its teacher's page. `ended_at`: the code was switched off."""

    __tablename__ = "classes"

    id: Mapped[str] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    school: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    quiz_id: Mapped[str | None] = mapped_column(Key, index=True)
    link: Mapped[str] = mapped_column(String(64), unique=True)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
