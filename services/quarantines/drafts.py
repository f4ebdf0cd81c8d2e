"""Declarations somebody is still writing. What a form holds is kept as it is: it is judged when it is declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from services.quarantines.models import Draft
from shared import clock
from shared.auth import caller
from shared.problems import Problem, not_found

KEPT_FOR = timedelta(days=30)
MOST = 20


def of_caller(session: Session) -> Sequence[Draft]:
    """The newest first."""
    return session.scalars(_mine().order_by(Draft.saved_at.desc(), Draft.id)).all()


def find(session: Session, draft_id: str) -> Draft:
    """Raises a 404 problem, also for somebody else's."""
    found = session.scalars(_mine().where(Draft.id == draft_id)).first()
    if found is None:
        raise not_found()
    return found


def save(session: Session, draft_id: str, content: Mapping[str, Any]) -> Draft:
    """A new draft or the same one again. Raises 404 for an id that is somebody else's, 409 beyond `MOST`."""
    draft = session.get(Draft, draft_id, with_for_update=True)
    if draft is None:
        _require_room(session)
        draft = Draft(id=draft_id, owner=caller().subject)
        session.add(draft)
    if draft.owner != caller().subject:
        raise not_found()
    draft.content, draft.saved_at = dict(content), clock.now()
    session.flush()
    return draft


def _require_room(session: Session) -> None:
    mine = select(func.count()).select_from(Draft).where(Draft.owner == caller().subject)
    if session.execute(mine).scalar_one() >= MOST:
        raise Problem(409, "There are {most} drafts of yours already. Delete one first.", most=MOST)


def throw_away(session: Session, draft_id: str) -> None:
    """Gone already is as good."""
    session.execute(delete(Draft).where(Draft.id == draft_id, Draft.owner == caller().subject))


def forget_old(session: Session) -> None:
    session.execute(delete(Draft).where(Draft.saved_at < clock.now() - KEPT_FOR))


def _mine() -> Select[Draft]:
    return select(Draft).where(Draft.owner == caller().subject)
