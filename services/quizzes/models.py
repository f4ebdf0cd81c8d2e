"""Tables of quizzes. What other services own (readers, branches, closures) is kept here as their events told it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Double, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.tables import Json, Key, Moment, Position

# Byte order on both databases: which of two answers of one moment is kept must not hang on a collation.
ByteText = Text().with_variant(Text(collation="C"), "postgresql")

DRAFT, PUBLISHED, CLOSED = "draft", "published", "closed"
OPEN, FINISHED, GRADED = "open", "finished", "graded"


class Base(DeclarativeBase):
    pass


class Bank(Base):
    __tablename__ = "banks"

    id: Mapped[str] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Item(Base):
    """A question as it is now; `body` is what `codec.to_json` makes of it, `digest` its SHA-256 (equal items are
    added to a bank once), `words` what a search looks in, `faults` how many hinder publishing it."""

    __tablename__ = "items"

    id: Mapped[str] = mapped_column(Key, primary_key=True)
    bank_id: Mapped[str] = mapped_column(ForeignKey("banks.id"))
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    body: Mapped[dict[str, Any]] = mapped_column(Json)
    digest: Mapped[str] = mapped_column(String(64))
    words: Mapped[str] = mapped_column(Text)
    faults: Mapped[int]
    place: Mapped[int] = mapped_column(Position)
    changed_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (Index("items_of_bank", "bank_id", "place", "id"), Index("items_by_digest", "bank_id", "digest"))


class ItemVersion(Base):
    """Every version a player may have been shown; attempts name the version, so that they are graded with it."""

    __tablename__ = "item_versions"

    item_id: Mapped[str] = mapped_column(Key, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(Moment)


class Picture(Base):
    """`sha256` of the content is its name; `type` as its content shows (image/png, …)."""

    __tablename__ = "pictures"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    type: Mapped[str] = mapped_column(String(20))
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Moment)


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
