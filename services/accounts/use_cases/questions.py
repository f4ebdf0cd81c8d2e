"""What readers write to the library when something is wrong; staff call them back and tick it off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.accounts.models import Question, Reader
from services.accounts.use_cases import acts
from services.accounts.use_cases.readers import reader_for
from shared import clock, rate_limit
from shared.auth import SERVICE, Principal
from shared.database import Database
from shared.folding import fold, sql_folded
from shared.problems import not_found

FOR_ONE_CARD, FROM_ONE_ADDRESS = 5, 20
WITHIN = timedelta(hours=1)


def card_of(who: Principal, data: Mapping[str, Any]) -> str:
    """Whose question it is: one's own, or that of the card a service names."""
    card = data.get("card_number") if who.kind == SERVICE else who.card_number
    if not card:
        raise not_found()
    return str(card)


def count_try(database: Database, card: str, address: str) -> None:
    """Raises a 429 problem when there are too many questions from one card or one address."""
    rate_limit.count_try(database, "questions from", address, at_most=FROM_ONE_ADDRESS, within=WITHIN)
    rate_limit.count_try(database, "questions of", fold(card), at_most=FOR_ONE_CARD, within=WITHIN)


def ask(session: Session, who: Principal, card: str, data: Mapping[str, Any]) -> Question:
    reader = reader_for(session, who, card)
    question = Question(at=clock.now(), card_number=reader.card_number, text=data["text"].strip(), phone=data["phone"])
    session.add(question)
    session.flush()
    return question


def listed(
    session: Session, who: Principal, query: Mapping[str, Any], before: int | None, limit: int
) -> Sequence[Question]:
    """The newest first; of the readers whom the caller may see."""
    chosen = select(Question).order_by(Question.id.desc()).limit(limit)
    held = who.branches("librarian")
    if held is not None:
        mine = select(Reader.card_number).where(Reader.home_branch_id.in_({*held, ""}))
        chosen = chosen.where(Question.card_number.in_(mine))
    if query.get("done") is not None:
        chosen = chosen.where(Question.done_at.is_not(None) if query["done"] else Question.done_at.is_(None))
    if query.get("search"):
        words = fold(query["search"])
        texts = (Question.text, Question.card_number)
        chosen = chosen.where(or_(*(sql_folded(each).contains(words, autoescape=True) for each in texts)))
    return session.scalars(chosen.where(Question.id < before) if before else chosen).all()


def tick_off(session: Session, who: Principal, number: int) -> Question:
    """Raises a 404 problem; twice is once."""
    question = session.get(Question, number, with_for_update=True)
    if question is None:
        raise not_found()
    reader = reader_for(session, who, question.card_number)
    if question.done_at is None:
        question.done_at, question.done_by = clock.now(), who.name or who.subject
        acts.record(session, who, "answered a question", reader.id)
    return question
