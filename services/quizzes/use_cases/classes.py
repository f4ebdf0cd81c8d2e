"""Classes: a code the pupils type, and a private link for their teacher."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.quizzes.models import DRAFT, Attempt, Nickname, Quiz, Reader, SchoolClass
from services.quizzes.use_cases.rights import own_quizzes, require
from shared import clock
from shared.auth import Principal
from shared.database import is_sqlite
from shared.folding import fold, sql_folded
from shared.problems import Problem, invalid, not_found

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""None that is taken for another on a blackboard."""
LENGTH = 6
TRIES = 5
MOST_JOINING = 500


def listed(
    session: Session, who: Principal, query: Mapping[str, Any], after: list[Any] | None
) -> Sequence[SchoolClass]:
    """The newest first, one more than a page; of quizzes that are theirs, and of none in particular."""
    theirs = select(Quiz.id).where(own_quizzes(who, "librarian"))
    chosen = select(SchoolClass).where(SchoolClass.quiz_id.is_(None) | SchoolClass.quiz_id.in_(theirs))
    for word in fold(query.get("search", "")).split():
        chosen = chosen.where(sql_folded(SchoolClass.name + " " + SchoolClass.school).contains(word, autoescape=True))
    if after:
        before = found(session, str(after[0]))
        same = (SchoolClass.created_at == before.created_at) & (SchoolClass.id < before.id)
        chosen = chosen.where((SchoolClass.created_at < before.created_at) | same)
    newest = chosen.order_by(SchoolClass.created_at.desc(), SchoolClass.id.desc())
    return session.scalars(newest.limit(query["limit"] + 1)).all()


def joining(session: Session, quiz: Quiz) -> Sequence[SchoolClass]:
    """The newest classes whose code may be typed at this quiz, and those that have more time in it."""
    given = [each["class_id"] for each in quiz.extra_time if each.get("class_id")]
    may_join = SchoolClass.ended_at.is_(None) & (SchoolClass.quiz_id.is_(None) | (SchoolClass.quiz_id == quiz.id))
    chosen = select(SchoolClass).where(may_join | SchoolClass.id.in_(given))
    return session.scalars(chosen.order_by(SchoolClass.created_at.desc(), SchoolClass.id).limit(MOST_JOINING)).all()


def found(session: Session, class_id: str) -> SchoolClass:
    one = session.get(SchoolClass, class_id)
    if one is None:
        raise not_found()
    return one


def own(session: Session, who: Principal, class_id: str) -> SchoolClass:
    one = found(session, class_id)
    quiz = session.get(Quiz, one.quiz_id) if one.quiz_id else None
    require(who, quiz.branch_id if quiz else None, "librarian")
    return one


def add(session: Session, who: Principal, data: Mapping[str, Any]) -> SchoolClass:
    quiz_id = str(data["quiz_id"]) if data.get("quiz_id") else None
    if quiz_id:
        quiz = session.get(Quiz, quiz_id)
        if quiz is None or quiz.state == DRAFT:
            raise invalid("quiz_id", "There is no such quiz.")
        require(who, quiz.branch_id, "librarian")
    row = {
        "id": str(uuid.uuid4()),
        "name": data["name"],
        "school": data["school"],
        "quiz_id": quiz_id,
        "created_by": who.name or who.subject,
        "created_at": clock.now(),
    }
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    for _ in range(TRIES):
        new = insert(SchoolClass).values(row | {"code": _code(), "link": _link()}).on_conflict_do_nothing()
        if session.execute(new.returning(SchoolClass.id)).first():
            return session.get_one(SchoolClass, row["id"])
    raise Problem(503, "Something went wrong. Try again.", retry_after=1)


def _code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def _link() -> str:
    return secrets.token_urlsafe(24)


def switch_off(session: Session, one: SchoolClass) -> None:
    """Nobody joins by the code any more; the teacher goes on seeing what there is."""
    one.ended_at = one.ended_at or clock.now()


def new_link(session: Session, one: SchoolClass) -> SchoolClass:
    """The old link opens nothing from now on."""
    one.link = _link()
    session.flush()
    return one


def teachers_view(session: Session, link: str) -> dict[str, Any]:
    """First names or nicknames, and how far each is; no surname, no card."""
    one = session.scalars(select(SchoolClass).where(SchoolClass.link == link)).first()
    if one is None:
        raise not_found()
    quiz = session.get(Quiz, one.quiz_id) if one.quiz_id else None
    return {
        "name": one.name,
        "school": one.school,
        "code": None if one.ended_at else one.code,
        "quiz": {"id": quiz.id, "title": quiz.title} if quiz else None,
        "pupils": _pupils(session, one.id),
    }


def _pupils(session: Session, class_id: str) -> list[dict[str, Any]]:
    """The newest attempt of each pupil at each quiz."""
    newest = (
        func.row_number()
        .over(partition_by=(Attempt.quiz_id, Attempt.taker), order_by=Attempt.number.desc())
        .label("place")
    )
    mine = select(Attempt.__table__, newest).where(Attempt.class_id == class_id).subquery()
    name = func.coalesce(Nickname.nickname, Reader.given_name, "")
    chosen = (
        select(name.label("name"), Quiz.title.label("quiz"), mine.c.state, mine.c.points, mine.c.of)
        .select_from(mine)
        .join(Quiz, Quiz.id == mine.c.quiz_id)
        .outerjoin(
            Nickname,
            (Nickname.quiz_id == mine.c.quiz_id) & (Nickname.taker == mine.c.taker) & Nickname.hidden.is_(False),
        )
        .outerjoin(Reader, Reader.card_number == mine.c.card_number)
        .where(mine.c.place == 1)
    )
    return [dict(row._mapping) for row in session.execute(chosen.order_by(name, mine.c.started_at))]
