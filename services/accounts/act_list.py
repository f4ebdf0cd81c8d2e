"""Who did what about whom, as the console lists it: ids resolved to a reader's card or a colleague's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, or_, select
from sqlalchemy.orm import Session

from services.accounts.models import Act, Reader, SignInSession, Staff
from shared.folding import fold, sql_folded

NOBODY = {"about_kind": None, "about_name": None, "about_card": None}
OF_ACT = ("id", "at", "who", "name", "what", "about", "reason")


def acts(session: Session, query: Mapping[str, Any], before: int | None, limit: int) -> Sequence[Act]:
    """The newest first. `search`: in who, what and why, and in the names and cards of whom it is about."""
    chosen = select(Act).order_by(Act.id.desc()).limit(limit)
    for name in ("about", "who", "what"):
        if query.get(name):
            chosen = chosen.where(getattr(Act, name) == query[name])
    if query.get("search"):
        chosen = chosen.where(_holds(query["search"]))
    if query.get("since"):
        chosen = chosen.where(Act.at >= query["since"])
    if query.get("until"):
        chosen = chosen.where(Act.at < query["until"])
    return session.scalars(chosen.where(Act.id < before) if before else chosen).all()


def _holds(search: str) -> ColumnElement[bool]:
    words = fold(search)
    texts = [sql_folded(each).contains(words, autoescape=True) for each in (Act.name, Act.what, Act.reason)]
    named = [Reader.name_folded.contains(word, autoescape=True) for word in words.split()]
    by_card = _ids(Reader).where(Reader.card_folded == words)
    colleagues = _ids(Staff).where(sql_folded(Staff.name).contains(words, autoescape=True))
    about = [by_card, colleagues, *([_ids(Reader).where(*named)] if named else [])]
    return or_(*texts, *(Act.about.in_(each) for each in about))


def _ids(of: type[Reader] | type[Staff]) -> Select[tuple[str]]:
    return select(cast(of.id, String))


def shown(session: Session, found: Sequence[Act]) -> list[dict[str, Any]]:
    """Acts with `about_kind` (reader or staff), `about_name` and `about_card`; none of them for who is erased."""
    known = _whom(session, {act.about for act in found if act.about})
    return [{name: getattr(act, name) for name in OF_ACT} | known.get(act.about or "", NOBODY) for act in found]


def _whom(session: Session, ids: set[str]) -> dict[str, dict[str, Any]]:
    """A sign-in is about whoever had signed in."""
    signed_in = select(SignInSession.id, SignInSession.subject).where(SignInSession.id.in_(ids))
    owners = {row.id: row.subject.partition(":")[2] for row in session.execute(signed_in)}
    people = _readers(session, ids | {*owners.values()}) | _staff(session, ids | {*owners.values()})
    return people | {each: people[owner] for each, owner in owners.items() if owner in people}


def _readers(session: Session, ids: set[str]) -> dict[str, dict[str, Any]]:
    columns = Reader.id, Reader.family_name, Reader.given_name, Reader.card_number
    return {
        row.id: {
            "about_kind": "reader",
            "about_name": f"{row.family_name} {row.given_name}".strip(),
            "about_card": row.card_number,
        }
        for row in session.execute(select(*columns).where(Reader.id.in_(ids)))
    }


def _staff(session: Session, ids: set[str]) -> dict[str, dict[str, Any]]:
    rows = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    return {row.id: NOBODY | {"about_kind": "staff", "about_name": row.name} for row in rows}
