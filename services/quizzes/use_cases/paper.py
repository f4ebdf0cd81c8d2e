"""Answers given on paper, entered by staff: an attempt like any other, graded at once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from services.quizzes import finishing, stored_items
from services.quizzes.attempts import item_seed, seed_for
from services.quizzes.items import Item
from services.quizzes.models import DRAFT, OPEN, Answer, Attempt, Quiz, Reader
from services.quizzes.player import public_view, read_answer
from services.quizzes.takers import Taker, of_card
from services.quizzes.use_cases import naming
from shared import clock
from shared.problems import Problem, invalid

PAPER = "paper"


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
    answers = _answers(session, quiz, {str(item_id): given for item_id, given in data["answers"].items()})
    asked = _asked(session, quiz, set(answers))
    taker = _taker(session, quiz, data.get("card_number"), data.get("nickname"))
    attempt = _insert(session, quiz, taker, data["language"], asked)
    said = {"attempt_id": attempt.id, "device": PAPER, "number": 0, "given_at": clock.now(), "saved_at": clock.now()}
    if answers:
        session.execute(
            insert(Answer), [said | {"item_id": item_id, "answer": answer} for item_id, answer in answers.items()]
        )
    finishing.finish(session, [attempt])
    return attempt


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


def _insert(session: Session, quiz: Quiz, taker: Taker, language: str, asked: list[list[Any]]) -> Attempt:
    last = select(func.max(Attempt.number)).where(Attempt.quiz_id == quiz.id, Attempt.taker == taker.name)
    number = (session.scalar(last) or 0) + 1
    made = Attempt(
        id=str(uuid.uuid4()),
        quiz_id=quiz.id,
        taker=taker.name,
        card_number=taker.card_number,
        number=number,
        state=OPEN,
        language=language,
        seed=seed_for(session, quiz.id, taker.name, number),
        items=asked,
        started_at=clock.now(),
        to_be_marked=0,
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
