"""Tables of quarantines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.tables import Json, Moment


class Base(DeclarativeBase):
    pass


class Branch(Base):
    __tablename__ = "branches"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int]
    name: Mapped[dict[str, Any]] = mapped_column(Json)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("branches.id"), index=True)
    time_zone: Mapped[str] = mapped_column(String(60))
    opening_hours: Mapped[str] = mapped_column(String(400))
    changed_at: Mapped[datetime] = mapped_column(Moment)
