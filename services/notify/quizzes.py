"""Open quizzes, as quizzes tells of them: what a child may do while the doors are closed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.notify.digest import Offer
from services.notify.models import Quiz
from services.notify.people import years_between
from shared.bulk import insert_rows
from shared.events import Event

PUBLISHED = "quiz.published.v1"
MOST_OFFERED = 3
MOST_LOOKED_AT = 200
NEWER = """ON CONFLICT (quiz_id) DO UPDATE SET version = excluded.version, open = excluded.open,
    title = excluded.title, branch_id = excluded.branch_id, opens_on = excluded.opens_on,
    closes_on = excluded.closes_on, age_from = excluded.age_from, age_to = excluded.age_to
    WHERE excluded.version > quizzes.version"""


@dataclass(frozen=True)
class OpenQuiz:
    """An offer and the ages it is for, where it is for some."""

    offer: Offer
    age_from: int | None = None
    age_to: int | None = None

    def suits(self, age: int | None) -> bool:
        if age is None:
            return True
        return (self.age_from is None or age >= self.age_from) and (self.age_to is None or age <= self.age_to)


def on_quizzes(session: Session, events: Sequence[Event]) -> None:
    """quiz.published, quiz.closed: the newest version of each quiz is kept."""
    newest: dict[str, dict[str, Any]] = {}
    for event in sorted(events, key=lambda event: event.data["version"]):
        told = {name: event.data[name] for name in ("quiz_id", "version", "title", "branch_id")}
        days = {name: event.data[name] for name in ("opens_on", "closes_on")}
        ages = {name: event.data.get(name) for name in ("age_from", "age_to")}
        newest[event.data["quiz_id"]] = told | days | ages | {"open": event.type == PUBLISHED}
    insert_rows(session, Quiz.__table__, list(newest.values()), then=NEWER)  # type: ignore[arg-type]


def open_to(session: Session, branch_ids: Collection[str], today: date) -> tuple[OpenQuiz, ...]:
    """The quizzes open today to readers of these branches, the one that closes first before the others."""
    here = or_(Quiz.branch_id.is_(None), Quiz.branch_id.in_(sorted(branch_ids)))
    begun = or_(Quiz.opens_on.is_(None), Quiz.opens_on <= today)
    not_over = or_(Quiz.closes_on.is_(None), Quiz.closes_on >= today)
    chosen = select(Quiz).where(Quiz.open, here, begun, not_over)
    ordered = chosen.order_by(Quiz.closes_on.is_(None), Quiz.closes_on, Quiz.quiz_id).limit(MOST_LOOKED_AT)
    base = session.info["settings"].base_url()
    return tuple(
        OpenQuiz(Offer(quiz.title, f"{base}/quizzes/{quiz.quiz_id}"), quiz.age_from, quiz.age_to)
        for quiz in session.scalars(ordered)
    )


def offers(open_ones: Sequence[OpenQuiz], births: Collection[date | None], today: date) -> tuple[Offer, ...]:
    """The first of them that are for the age of one of these readers; one whose birth date nobody knows may be any."""
    ages = [years_between(born, today) if born else None for born in births] or [None]
    return tuple(each.offer for each in open_ones if any(each.suits(age) for age in ages))[:MOST_OFFERED]


def titles(session: Session, quiz_ids: Collection[str]) -> dict[str, Mapping[str, str | None]]:
    """Their titles in every language, of those heard of."""
    chosen = select(Quiz.quiz_id, Quiz.title).where(Quiz.quiz_id.in_(sorted(quiz_ids)))
    return {row.quiz_id: row.title for row in session.execute(chosen)}
