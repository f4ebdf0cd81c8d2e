"""Sign-ins that last: begun, listed, ended."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from services.accounts.models import SignInSession
from shared import clock, ended_sessions, outbox


def begin(session: Session, subject: str, hours: float) -> str:
    now, session_id = clock.now(), str(uuid.uuid4())
    times = {"began_at": now, "expires_at": now + timedelta(hours=hours)}
    session.execute(insert(SignInSession).values(id=session_id, subject=subject, **times))
    return session_id


def end(session: Session, session_id: str) -> bool:
    """Ends a sign-in here and, by event, in every service. False when there is none that still lasts."""
    return _end(session, SignInSession.id == session_id) > 0


def subject_of(session: Session, session_id: str) -> str | None:
    return session.scalar(select(SignInSession.subject).where(SignInSession.id == session_id))


def end_all_of(session: Session, subject: str) -> int:
    return _end(session, SignInSession.subject == subject)


def _end(session: Session, which: Any) -> int:
    now = clock.now()
    lasting = update(SignInSession).where(which, SignInSession.ended_at.is_(None), SignInSession.expires_at > now)
    ended = session.execute(lasting.values(ended_at=now).returning(SignInSession.id, SignInSession.expires_at)).all()
    for session_id, expires_at in ended:
        ended_sessions.remember(session, session_id, expires_at)
        data = {"session_id": session_id, "expires_at": expires_at.isoformat()}
        outbox.add(session, "session.ended.v1", session_id, data)
    return len(ended)


def lasting(session: Session, subject: str | None, after: str | None, limit: int) -> list[SignInSession]:
    """Sign-ins that still last, of one person or of all."""
    chosen = select(SignInSession).where(SignInSession.ended_at.is_(None), SignInSession.expires_at > clock.now())
    if subject:
        chosen = chosen.where(SignInSession.subject == subject)
    if after:
        chosen = chosen.where(SignInSession.id > after)
    return list(session.scalars(chosen.order_by(SignInSession.id).limit(limit)))


def of(session: Session, reader_id: str) -> list[dict[str, Any]]:
    mine = select(SignInSession).where(SignInSession.subject == f"reader:{reader_id}")
    return [{"began_at": each.began_at, "ended_at": each.ended_at} for each in session.scalars(mine)]
