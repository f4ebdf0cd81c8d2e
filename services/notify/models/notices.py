"""The notices, what stands in them, and how each is delivered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.models.base import Base
from shared.tables import Json, Key, Moment, Position


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
