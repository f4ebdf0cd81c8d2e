"""Quizzes as staff make them: terms and pools."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from services.quizzes import closing, extending, published, stored_items, terms
from services.quizzes.models import DRAFT, PUBLISHED, Branch, Quiz, QuizItem, QuizWork
from shared import clock
from shared.auth import Principal
from shared.folding import fold
from shared.isbn import isbn_13
from shared.problems import Problem, invalid, language, not_found

SIMPLE = (
    "title",
    "about",
    "languages",
    "branch_id",
    "opens_on",
    "shuffle_items",
    "per_page",
    "attempts_allowed",
    "counts",
    "time_limit_minutes",
    "grace_minutes",
    "late_minutes",
    "pass_percent",
    "review",
    "feedback",
    "certificate",
    "guests",
    "age_from",
    "age_to",
    "leaderboard",
)


def quiz(session: Session, quiz_id: str, *, lock: bool = False) -> Quiz:
    found = session.get(Quiz, str(quiz_id), with_for_update=lock or None)
    if found is None:
        raise not_found()
    return found


def own_quiz(session: Session, who: Principal, quiz_id: str, *, lock: bool = False) -> Quiz:
    """For one who may change it: an editor of its branch; of any branch where it has none."""
    found = quiz(session, quiz_id, lock=lock)
    require_branch(who, found.branch_id)
    return found


def require_branch(who: Principal, branch_id: str | None) -> None:
    if branch_id:
        who.require_branches("editor", [branch_id])


def add(session: Session, who: Principal, data: Mapping[str, Any]) -> Quiz:
    now = clock.now()
    made = Quiz(id=str(uuid.uuid4()), version=0, state=DRAFT, created_at=now, questions=0, pools=[], words="")
    made.works, made.extra_time, made.closes_on = [], [], None
    _change(session, who, made, data)
    session.add(made)
    session.flush()
    return made


def change(session: Session, who: Principal, found: Quiz, data: Mapping[str, Any]) -> None:
    """Only what is given; a published quiz must stay without faults, and its change is told."""
    _change(session, who, found, data)
    session.flush()
    if extending.TERMS & set(data):
        extending.extend(session, found)
    if found.state != DRAFT:
        require_faultless(session, found)
        published.follow_calendar(found)
        published.tell(session, found)


def _change(session: Session, who: Principal, found: Quiz, data: Mapping[str, Any]) -> None:
    _check_branch(session, who, data)
    for name in SIMPLE:
        if name in data:
            setattr(found, name, data[name])
    if "closes_on" in data and (found.version == 0 or data["closes_on"] != found.closes_on):
        closing.set_last_day(session, found, data["closes_on"])
    elif "branch_id" in data:
        closing.project(session, found)
    closing.set_moments(found, closing.zone_of(session, found.branch_id))
    if "extra_time" in data:
        found.extra_time = [_extra_time(at, each) for at, each in enumerate(data["extra_time"], 1)]
    if "pools" in data:
        _set_pools(session, found, data["pools"])
    if "works" in data:
        _set_works(session, found, data["works"])
    found.words = fold(" ".join([*found.title.values(), *(_words(work) for work in found.works)]))
    found.version += 1
    found.changed_at = clock.now()


def _words(work: Mapping[str, Any]) -> str:
    return f"{work['title']} {work['author'] or ''}"


def _check_branch(session: Session, who: Principal, data: Mapping[str, Any]) -> None:
    branch_id = data.get("branch_id")
    if branch_id:
        require_branch(who, branch_id)
        if not session.scalar(select(Branch.version).where(Branch.id == branch_id)):
            raise invalid("branch_id", "There is no such branch.")


def _extra_time(at: int, given: Mapping[str, Any]) -> dict[str, Any]:
    named = {name: str(given[name]) for name in ("card_number", "class_id") if given.get(name)}
    if len(named) != 1:
        raise invalid(f"extra_time.{at}", "Name a card or a class.")
    return named | {"percent": given["percent"]}


def _set_pools(session: Session, found: Quiz, pools: list[Mapping[str, Any]]) -> None:
    found.pools = [
        {
            "item_ids": [str(item_id) for item_id in pool["item_ids"]],
            "draw": pool["draw"],
            "points": None if pool["points"] is None else format(pool["points"], "f"),
        }
        for pool in pools
    ]
    ids = {item_id for pool in found.pools for item_id in pool["item_ids"]}
    if unknown := sorted(ids - set(stored_items.newest(session, ids))):
        raise invalid("pools", "There is no such question: {item_id}.", item_id=unknown[0])
    found.questions = sum(pool["draw"] or len(pool["item_ids"]) for pool in found.pools)
    session.execute(delete(QuizItem).where(QuizItem.quiz_id == found.id))
    if ids:
        session.execute(insert(QuizItem), [{"quiz_id": found.id, "item_id": item_id} for item_id in sorted(ids)])


def _set_works(session: Session, found: Quiz, works: list[Mapping[str, Any]]) -> None:
    found.works = [dict(work) for work in works]
    session.execute(delete(QuizWork).where(QuizWork.quiz_id == found.id))
    rows = [
        {"quiz_id": found.id, "place": at, "isbn": isbn_13(work["isbn"]), "title_folded": fold(work["title"])}
        for at, work in enumerate(found.works)
    ]
    if rows:
        session.execute(insert(QuizWork), rows)


def remove(session: Session, found: Quiz) -> None:
    if found.state != DRAFT:
        raise Problem(409, "Only a draft can be deleted. Close this quiz instead.")
    for table in (QuizItem, QuizWork):
        session.execute(delete(table).where(table.quiz_id == found.id))
    session.delete(found)


def require_faultless(session: Session, found: Quiz) -> None:
    if faults := terms.faults_of_quiz(session, found):
        raise Problem(
            422,
            "This quiz cannot be published yet: see the list.",
            errors={fault.place: [fault.said(language())] for fault in faults},
        )


def publish(session: Session, found: Quiz) -> None:
    if found.state != DRAFT:
        raise Problem(409, "This quiz has been published already.")
    require_faultless(session, found)
    found.state, found.published_at = PUBLISHED, clock.now()
    published.tell(session, published.next_version(found))


def close(session: Session, found: Quiz) -> None:
    """From now on nothing can be begun or answered; what was given before still arrives for a day."""
    if found.state != PUBLISHED:
        raise Problem(409, "Only a published quiz can be closed.")
    found.ended_at = clock.now()
    published.close(session, found)


def reopen(session: Session, found: Quiz) -> None:
    if found.state != "closed":
        raise Problem(409, "Only a closed quiz can be opened again.")
    if found.closes_at is not None and found.closes_at <= clock.now():
        raise invalid("closes_on", "The last day has passed: give a later one first.")
    found.state, found.ended_at = PUBLISHED, None
    require_faultless(session, found)
    published.tell(session, published.next_version(found))
