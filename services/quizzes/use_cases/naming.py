"""Nicknames: taken once in a quiz, hidden by staff where they should not be seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from services.quizzes import nicknames
from services.quizzes.models import Attempt, Nickname
from shared.database import is_sqlite
from shared.folding import fold, sql_folded
from shared.problems import invalid


def take(session: Session, quiz_id: str, taker: str, nickname: str) -> None:
    """The taker is called so in this quiz from now on. Raises a 422 problem for a name that cannot be."""
    name = nicknames.checked(nickname)
    folded = nicknames.folded(name)
    mine = (Nickname.quiz_id == quiz_id) & (Nickname.taker == taker)
    if session.scalar(select(Nickname.folded).where(mine)) == folded:
        return
    session.execute(delete(Nickname).where(mine))
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    row = {"quiz_id": quiz_id, "taker": taker, "nickname": name, "folded": folded, "hidden": False}
    taken = insert(Nickname).values(row).on_conflict_do_nothing().returning(Nickname.taker)
    if session.execute(taken).first() is None:
        raise invalid("nickname", "Somebody here is called so already. Choose another nickname.")


def of(session: Session, quiz_id: str, taker: str) -> str | None:
    return session.scalar(select(Nickname.nickname).where(Nickname.quiz_id == quiz_id, Nickname.taker == taker))


def listed(session: Session, query: Mapping[str, Any], after: list[Any] | None) -> list[dict[str, Any]]:
    """For moderation, with the newest attempt of each; in the order of the names. `query`: quiz_id, search, hidden."""
    other = aliased(Attempt)
    newest = select(func.max(other.number)).where(other.quiz_id == Nickname.quiz_id, other.taker == Nickname.taker)
    theirs = (Attempt.quiz_id == Nickname.quiz_id) & (Attempt.taker == Nickname.taker)
    chosen = (
        select(Nickname.nickname, Nickname.folded, Nickname.hidden)
        .add_columns(Attempt.id.label("attempt_id"), Attempt.state, Attempt.points)
        .outerjoin(Attempt, theirs & (Attempt.number == newest.scalar_subquery()))
        .where(Nickname.quiz_id == str(query["quiz_id"]))
        .order_by(Nickname.folded)
        .limit(query["limit"] + 1)
    )
    for word in fold(query["search"]).split():
        chosen = chosen.where(sql_folded(Nickname.nickname).contains(word, autoescape=True))
    if query.get("hidden") is not None:
        chosen = chosen.where(Nickname.hidden == query["hidden"])
    if after:
        chosen = chosen.where(Nickname.folded > after[0])
    return [dict(row._mapping) for row in session.execute(chosen)]


def hide(session: Session, attempt: Attempt, hidden: bool) -> None:
    """Hides what the player of this attempt is called, or shows it again."""
    named = (Nickname.quiz_id == attempt.quiz_id) & (Nickname.taker == attempt.taker)
    session.execute(update(Nickname).where(named).values(hidden=hidden))
