"""Answers given on paper, entered by staff: an attempt like any other, graded at once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from services.quizzes import closing, finishing, stored_items
from services.quizzes.attempts import item_seed, seed_for
from services.quizzes.items import Item
from services.quizzes.models import DRAFT, OPEN, Answer, Attempt, Quiz, Reader, SchoolClass
from services.quizzes.player import public_view, read_answer
from services.quizzes.takers import Taker, of_card
from services.quizzes.use_cases import naming
from shared import clock
from shared.problems import Problem, invalid

PAPER = "paper"
NOON = time(12)


def sheet(session: Session, quiz: Quiz) -> list[dict[str, Any]]:
    """Every question of the quiz with the identifiers in which the answers are entered."""
    items, seed = _items(session, quiz), _seed(session, quiz)
    return [{"id": item_id} | public_view(item, item_seed(seed, item_id)) for item_id, item in items.items()]


def _items(session: Session, quiz: Quiz) -> dict[str, Item]:
    """In the order of the pools."""
    ids = [item_id for pool in quiz.pools for item_id in pool["item_ids"]]
    items = stored_items.items_at(session, stored_items.newest(session, ids).items())
    return {item_id: items[item_id] for item_id in ids}


def _seed(session: Session, quiz: Quiz) -> str:
    return seed_for(session, quiz.id, PAPER, 0)


def enter(session: Session, quiz: Quiz, data: Mapping[str, Any]) -> Attempt:
    if quiz.state == DRAFT:
        raise Problem(409, "The quiz has not been published yet.")
    if data["language"] not in quiz.languages:
        raise invalid("language", "The quiz is not shown in this language.")
    written = _written(session, quiz, data["written_on"])
    class_id = _class(session, quiz, data["class_id"])
    answers = _answers(session, quiz, {str(item_id): given for item_id, given in data["answers"].items()})
    asked = _asked(session, quiz, set(answers))
    taker = _taker(session, quiz, data.get("card_number"), data.get("nickname"))
    known = {"language": data["language"], "class_id": class_id, "started_at": written}
    attempt = _insert(session, quiz, taker, asked, known)
    said = {"attempt_id": attempt.id, "device": PAPER, "number": 0, "given_at": written, "saved_at": clock.now()}
    if answers:
        session.execute(
            insert(Answer), [said | {"item_id": item_id, "answer": answer} for item_id, answer in answers.items()]
        )
    finishing.finish(session, [attempt])
    attempt.finished_at = written
    session.flush()
    return attempt


def _written(session: Session, quiz: Quiz, given: date | None) -> datetime:
    """A moment of the day on which the sheet was written, where the quiz is; the quiz must have been open then."""
    now, zone = clock.now(), ZoneInfo(closing.zone_of(session, quiz.branch_id))
    today = now.astimezone(zone).date()
    day, closed = given or today, closing.closing_moment(quiz)
    last = (closed - timedelta(microseconds=1)).astimezone(zone).date() if closed else None
    if day > today:
        raise invalid("written_on", "This day is still to come.")
    if quiz.opens_on and day < quiz.opens_on:
        raise invalid("written_on", "The first day of the quiz was {day}.", day=quiz.opens_on.isoformat())
    if last and day > last:
        message = "The last day of the quiz was {day}: say when the sheet was written."
        raise invalid("written_on", message, day=last.isoformat())
    return now if day == today else datetime.combine(day, NOON, zone)


def _class(session: Session, quiz: Quiz, given: Any) -> str | None:
    if given is None:
        return None
    found = session.get(SchoolClass, str(given))
    if found is None or found.quiz_id not in (None, quiz.id):
        raise invalid("class_id", "There is no such class for this quiz.")
    return found.id


def _answers(session: Session, quiz: Quiz, given: Mapping[str, Any]) -> dict[str, Any]:
    items, seed = _items(session, quiz), _seed(session, quiz)
    found = {}
    for item_id, answer in given.items():
        if item_id not in items:
            raise invalid("answers", "The quiz does not ask this question: {item_id}.", item_id=item_id)
        try:
            found[item_id] = read_answer(items[item_id], item_seed(seed, item_id), answer)
        except Problem as problem:
            wrong = (problem.errors or {}).get("answer", [problem.detail])
            raise Problem(422, problem.detail, errors={f"answers.{item_id}": wrong}) from problem
    return {item_id: answer for item_id, answer in found.items() if answer is not None}


def _taker(session: Session, quiz: Quiz, card_number: str | None, nickname: str | None) -> Taker:
    taker = of_card(card_number) if card_number else Taker(f"{PAPER}:{uuid.uuid4()}")
    if card_number and session.get(Reader, card_number) is None:
        raise invalid("card_number", "There is no reader with this card.")
    if not (card_number or nickname):
        raise invalid("card_number", "Name the reader's card, or a nickname.")
    under_way = select(Attempt.id).where(Attempt.quiz_id == quiz.id, Attempt.taker == taker.name, Attempt.state == OPEN)
    if session.scalar(under_way):
        raise Problem(409, "This reader is in the middle of this quiz on the website.")
    if nickname:
        naming.take(session, quiz.id, taker.name, nickname)
    return taker


def _next_number(session: Session, quiz: Quiz, taker: Taker) -> int:
    mine = (Attempt.quiz_id == quiz.id) & (Attempt.taker == taker.name)
    count, last = session.execute(select(func.count(), func.max(Attempt.number)).where(mine)).one()
    if quiz.attempts_allowed and count >= quiz.attempts_allowed:
        message = "This reader has used all attempts at this quiz: {most}."
        raise Problem(409, message, code="no_attempts_left", most=quiz.attempts_allowed)
    return (last or 0) + 1


def _insert(session: Session, quiz: Quiz, taker: Taker, asked: list[list[Any]], known: Mapping[str, Any]) -> Attempt:
    """`known`: further columns."""
    number = _next_number(session, quiz, taker)
    made = Attempt(
        id=str(uuid.uuid4()),
        quiz_id=quiz.id,
        taker=taker.name,
        card_number=taker.card_number,
        number=number,
        state=OPEN,
        seed=seed_for(session, quiz.id, taker.name, number),
        items=asked,
        to_be_marked=0,
        **known,
    )
    session.add(made)
    session.flush()
    return made


def _asked(session: Session, quiz: Quiz, answered: set[str]) -> list[list[Any]]:
    """What the sheet asked: the questions answered, and of each pool as many others as an attempt is asked."""
    chosen = []
    for at, pool in enumerate(quiz.pools, 1):
        ids, most = pool["item_ids"], pool["draw"] or len(pool["item_ids"])
        ordered = sorted(ids, key=lambda item_id: item_id not in answered)
        if len(answered & set(ids)) > most:
            raise invalid(
                "answers", "Pool {at}: an attempt is asked {most} of its questions, not more.", at=at, most=most
            )
        chosen += [(item_id, pool["points"]) for item_id in ids if item_id in ordered[:most]]
    versions = stored_items.newest(session, [item_id for item_id, _points in chosen])
    return [[item_id, versions[item_id], points] for item_id, points in chosen]
