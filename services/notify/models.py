"""Tables of notify: people and books as heard of, what a decision moved, the notices and their deliveries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.tables import Json, Key, Moment, Position


class Base(DeclarativeBase):
    pass


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


class Stop(Base):
    """Somebody stopped the messages of that version before they began. The row goes when they may begin."""

    __tablename__ = "stops"

    quarantine_id: Mapped[str] = mapped_column(Key, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)


class Notice(Base):
    """`content`: the plain data it is worded from; `subject` and `body` as sent, empty until it is claimed."""

    __tablename__ = "notices"

    id: Mapped[str] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    lane: Mapped[int]
    quarantine_id: Mapped[str | None] = mapped_column(Key)
    version: Mapped[int | None]
    addressee: Mapped[str] = mapped_column(Text, index=True)
    card_number: Mapped[str | None] = mapped_column(Text)
    recipient: Mapped[str] = mapped_column(Text)
    about: Mapped[list[str]] = mapped_column(Json)
    language: Mapped[str] = mapped_column(String(2))
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    subject: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(Moment)
    claimed_at: Mapped[datetime | None] = mapped_column(Moment)
    told_at: Mapped[datetime | None] = mapped_column(Moment)
    opened_at: Mapped[datetime | None] = mapped_column(Moment)


Index("notices_by_decision", Notice.quarantine_id, Notice.version, Notice.state)
Index("notices_newest", Notice.created_at, Notice.id)


class NoticeCard(Base):
    """Whom a notice is about, to find a reader's notices."""

    __tablename__ = "notice_cards"

    card_number: Mapped[str] = mapped_column(Text, primary_key=True)
    notice_id: Mapped[str] = mapped_column(Key, primary_key=True)


class NoticeLine(Base):
    """A book in a notice: the day last told and the day it tells."""

    __tablename__ = "notice_lines"

    notice_id: Mapped[str] = mapped_column(Key, primary_key=True)
    loan_id: Mapped[str] = mapped_column(Text, primary_key=True)
    card_number: Mapped[str] = mapped_column(Text)
    was: Mapped[date | None]
    now: Mapped[date | None]


class Delivery(Base):
    """One try on one channel. The chain of a notice is tried in order of `place`; it stops at success."""

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=True)
    notice_id: Mapped[str] = mapped_column(Key, index=True)
    place: Mapped[int]
    channel: Mapped[str] = mapped_column(String(12))
    address: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    lane: Mapped[int]
    tries: Mapped[int]
    next_try_at: Mapped[datetime | None] = mapped_column(Moment)
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)
    last_error: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)


OPEN_DELIVERY = text("state IN ('queued', 'sending')")
Index(
    "deliveries_due",
    Delivery.lane,
    Delivery.next_try_at,
    postgresql_where=OPEN_DELIVERY,
    sqlite_where=OPEN_DELIVERY,
)


class Suppression(Base):
    """An address that bounced or complained: not written to again until a person clears it."""

    __tablename__ = "suppressions"

    channel: Mapped[str] = mapped_column(String(12), primary_key=True)
    address: Mapped[str] = mapped_column(Text, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)


class Outcome(Base):
    """What came of a call or a letter, by whom."""

    __tablename__ = "outcomes"

    id: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=True)
    notice_id: Mapped[str] = mapped_column(Key, index=True)
    way: Mapped[str] = mapped_column(String(20))
    result: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)


class Call(Base):
    """A family on the work list of a decision: who has taken it, how often nobody answered, what comes next.

    `way`: call, letter, or none when there is nothing left to try.
    """

    __tablename__ = "calls"

    quarantine_id: Mapped[str] = mapped_column(Key, primary_key=True)
    addressee: Mapped[str] = mapped_column(Text, primary_key=True)
    way: Mapped[str] = mapped_column(String(8))
    tries: Mapped[int]
    taken_by: Mapped[str | None] = mapped_column(Text)
    taken_until: Mapped[datetime | None] = mapped_column(Moment)
    next_at: Mapped[datetime | None] = mapped_column(Moment)


class Viewing(Base):
    """Who has seen the telephone numbers of which families, and when."""

    __tablename__ = "viewings"

    id: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=True)
    quarantine_id: Mapped[str] = mapped_column(Key)
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    addressees: Mapped[list[str]] = mapped_column(Json)


class Post(Base):
    """Where somebody has posted about a closure by hand. `withdrawn_at`: the entry was wrong and is shown no more."""

    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=True)
    quarantine_id: Mapped[str] = mapped_column(Key, index=True)
    url: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_by: Mapped[str | None] = mapped_column(Text)


class Preference(Base):
    """A channel over which somebody does not want a kind of notice; what nobody may miss cannot be here."""

    __tablename__ = "preferences"

    addressee: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    channel: Mapped[str] = mapped_column(String(12), primary_key=True)


class Unsubscribed(Base):
    """A kind of notice that somebody does not want; only kinds nobody needs can be here."""

    __tablename__ = "unsubscribed"

    addressee: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)


class Link(Base):
    """A private link: 30 days, opens one family's books, can be switched off. Only a hash of its token is kept.

    The token is made of the notice and the system's secret, so that a second sending carries the same one.
    """

    __tablename__ = "links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    notice_id: Mapped[str] = mapped_column(Key, index=True)
    addressee: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime] = mapped_column(Moment)
    off: Mapped[bool]
