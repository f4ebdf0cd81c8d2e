"""What came of the notices, what staff did by hand, and what readers wish."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.models.base import Base
from shared.tables import Json, Key, Moment, Position


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
