"""Banks and the questions in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.quizzes.models.base import Base
from shared.tables import Json, Key, Moment, Position


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
