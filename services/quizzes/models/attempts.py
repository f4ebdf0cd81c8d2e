"""What readers answered, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Double, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.quizzes.models.base import Base, ByteText
from shared.tables import Json, Key, Moment, Position

OPEN, FINISHED, GRADED = "open", "finished", "graded"


class Attempt(Base):
    """One go of one taker (`reader:<card>`, `guest:<hash>`, `paper:<uuid>`, `gone:<random>` once erased).

    `seed`: what its draw and the identifiers of its parts come from; never leaves the server. `items`: what it asks,
    in order: [[item id, version shown, points instead of the item's own | null]]. `ends_at`: by the time limit;
    until `grace_until` everything is taken, from then until `late_until` what was given before `ends_at`.
    `scores`, once finished: {item id: share earned as a fraction ("1/3"), null while it is to be marked}; `points`,
    `of`, `percent` are rounded to two places, `passed` is decided on the exact share.
    `graded_with`: {item id: version} where a regrade went by another version than the one shown.
    """

    __tablename__ = "attempts"

    id: Mapped[str] = mapped_column(Key, primary_key=True)
    quiz_id: Mapped[str] = mapped_column(Key)
    taker: Mapped[str] = mapped_column(Text)
    card_number: Mapped[str | None] = mapped_column(Text, index=True)
    class_id: Mapped[str | None] = mapped_column(Key, index=True)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(2))
    seed: Mapped[str] = mapped_column(String(64))
    items: Mapped[list[Any]] = mapped_column(Json)
    started_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime | None] = mapped_column(Moment)
    grace_until: Mapped[datetime | None] = mapped_column(Moment)
    late_until: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    graded_at: Mapped[datetime | None] = mapped_column(Moment)
    scores: Mapped[dict[str, Any] | None] = mapped_column(Json)
    graded_with: Mapped[dict[str, Any] | None] = mapped_column(Json)
    to_be_marked: Mapped[int]
    points: Mapped[float | None] = mapped_column(Double)
    of: Mapped[float | None] = mapped_column(Double)
    percent: Mapped[float | None] = mapped_column(Double)
    passed: Mapped[bool | None]

    __table_args__ = (
        UniqueConstraint("quiz_id", "taker", "number"),
        Index("attempts_of_quiz", "quiz_id", "state", "id"),
        Index(
            "attempts_open",
            "quiz_id",
            "taker",
            unique=True,
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        Index(
            "attempts_by_end",
            "late_until",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
    )


class Answer(Base):
    """The newest answer to one item, in positions of the item as shown (`grading`), none for one taken back.

    Newest by (`given_at`, `device`, `number`): in server time, the tab it came from, that tab's count. `language`: in
    which the item was read, where that is known; else it is the attempt's.
    """

    __tablename__ = "answers"

    attempt_id: Mapped[str] = mapped_column(Key, primary_key=True)
    item_id: Mapped[str] = mapped_column(Key, primary_key=True)
    answer: Mapped[Any | None] = mapped_column(Json)
    language: Mapped[str | None] = mapped_column(String(2))
    device: Mapped[str] = mapped_column(ByteText)
    number: Mapped[int] = mapped_column(Position)
    given_at: Mapped[datetime] = mapped_column(Moment)
    saved_at: Mapped[datetime] = mapped_column(Moment)

    # Room for an answer changed on the same page of the table.
    __table_args__ = {"postgresql_with": {"fillfactor": 80}}


class Nickname(Base):
    """What a taker is called in one quiz; `hidden` by staff: shown to nobody but staff."""

    __tablename__ = "nicknames"

    quiz_id: Mapped[str] = mapped_column(Key, primary_key=True)
    taker: Mapped[str] = mapped_column(Text, primary_key=True)
    nickname: Mapped[str] = mapped_column(Text)
    folded: Mapped[str] = mapped_column(Text)
    hidden: Mapped[bool]

    __table_args__ = (UniqueConstraint("quiz_id", "folded"),)


class Mark(Base):
    """Points given by hand to one open answer; `share` of the item's points as a fraction."""

    __tablename__ = "marks"

    attempt_id: Mapped[str] = mapped_column(Key, primary_key=True)
    item_id: Mapped[str] = mapped_column(Key, primary_key=True)
    share: Mapped[str] = mapped_column(String(40))
    comment: Mapped[str | None] = mapped_column(Text)
    marked_by: Mapped[str] = mapped_column(Text)
    marked_at: Mapped[datetime] = mapped_column(Moment)


class Regrade(Base):
    """One regrade of a quiz, with its reason; `versions`: {item id: version graded with}."""

    __tablename__ = "regrades"

    id: Mapped[str] = mapped_column(Key, primary_key=True)
    quiz_id: Mapped[str] = mapped_column(Key, index=True)
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    versions: Mapped[dict[str, Any]] = mapped_column(Json)


class RegradeChange(Base):
    """An attempt whose result a regrade changed."""

    __tablename__ = "regrade_changes"

    regrade_id: Mapped[str] = mapped_column(Key, primary_key=True)
    attempt_id: Mapped[str] = mapped_column(Key, primary_key=True, index=True)
    points_were: Mapped[float | None] = mapped_column(Double)
    points: Mapped[float | None] = mapped_column(Double)
    percent_was: Mapped[float | None] = mapped_column(Double)
    percent: Mapped[float | None] = mapped_column(Double)
    passed_was: Mapped[bool | None]
    passed: Mapped[bool | None]


class Certificate(Base):
    """`name` as its owner wrote it, none once erased; `who`: what the public page may say: {first_name, age}.
    `consent_by`, `consent_at`: who allowed that page to say the name, and when. `points`, `of`, `percent`, `passed`:
    of the attempt when the certificate was given, whatever a regrade makes of it."""

    __tablename__ = "certificates"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(Key, unique=True)
    quiz_id: Mapped[str] = mapped_column(Key, index=True)
    name: Mapped[str | None] = mapped_column(Text)
    who: Mapped[dict[str, Any] | None] = mapped_column(Json)
    language: Mapped[str] = mapped_column(String(2))
    show_name: Mapped[bool]
    consent_by: Mapped[str | None] = mapped_column(Text)
    consent_at: Mapped[datetime | None] = mapped_column(Moment)
    points: Mapped[float] = mapped_column(Double)
    of: Mapped[float] = mapped_column(Double)
    percent: Mapped[float] = mapped_column(Double)
    passed: Mapped[bool | None]
    issued_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_by: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
