"""Children and who answers for them, as accounts tells of both."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.quizzes.models import Reader
from services.quizzes.takers import Taker, of_card
from shared import clock


def age_on(day: date, born: date | None) -> int | None:
    """In whole years; None where nobody knows."""
    if born is None:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def age_of(session: Session, card_number: str | None) -> int | None:
    """Of the reader today, in the library's zone."""
    reader = session.get(Reader, card_number) if card_number else None
    today = clock.now().astimezone(ZoneInfo(str(session.info["settings"].time_zone))).date()
    return age_on(today, reader.birth_date) if reader else None


def ages_of_family(session: Session, card_number: str | None) -> list[int | None]:
    """Of the reader and the children they answer for."""
    children = select(Reader.card_number).where(Reader.guardian_card_number == card_number)
    cards = [card_number, *(session.scalars(children) if card_number else ())]
    return [age_of(session, card) for card in cards]


def is_child(session: Session, age: int | None) -> bool:
    """Below the age of consent, as far as is known."""
    return age is not None and age < session.info["settings"].consent_age


def answers_for(session: Session, who: Taker | None, taker: str) -> bool:
    """Whether `who` acts for that taker: it is they themselves, or the guardian of a child."""
    if who is None or who.name == taker or not who.card_number:
        return who is not None and who.name == taker
    kind, _, card_number = taker.partition(":")
    child = session.get(Reader, card_number) if kind == "reader" else None
    if child is None or child.guardian_card_number != who.card_number:
        return False
    age = age_of(session, card_number)
    return age is None or is_child(session, age)


def child_of(session: Session, who: Taker, card_number: str) -> Taker | None:
    """The taker of that card, where `who` acts for it."""
    child = of_card(card_number)
    return child if answers_for(session, who, child.name) else None
