"""Who did what about whom."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.orm import Session

from services.accounts.models import Act
from shared import clock
from shared.auth import Principal


def record(session: Session, who: Principal, what: str, about: str | None = None, reason: str | None = None) -> None:
    row = {"at": clock.now(), "who": who.subject, "name": who.name, "what": what, "about": about, "reason": reason}
    session.execute(insert(Act).values(row))
