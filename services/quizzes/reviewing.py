"""What a player is told afterwards: as much as the quiz's review options allow at the moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from services.quizzes.attempts import item_seed
from services.quizzes.closing import closing_moment
from services.quizzes.grading import feedback_for
from services.quizzes.items import (
    Item,
    Matching,
    Multiple,
    Number,
    Ordering,
    ShortText,
    Single,
    Texts,
    TrueFalse,
)
from services.quizzes.models import GRADED, OPEN, Attempt, Quiz
from services.quizzes.player import public_view, shown_answer
from services.quizzes.scoring import rounded
from shared import clock


@dataclass(frozen=True)
class Allowed:
    answers: bool
    points: bool


def allowed(quiz: Quiz, attempt: Attempt) -> Allowed:
    """Nothing before the attempt is handed in; some only after the quiz has closed."""
    closed = closing_moment(quiz)
    # Not by its state: some may still be playing for a while after its last day was moved into the past.
    over = closed is not None and closed <= clock.now()
    times = {"never": False, "after_finish": attempt.state != OPEN, "after_close": attempt.state != OPEN and over}
    return Allowed(times[quiz.review["answers"]], times[quiz.review["points"]])


def band(quiz: Quiz, percent: float) -> dict[str, str] | None:
    """The feedback of the highest band that the score reaches."""
    reached = [each for each in quiz.feedback if percent >= each["from_percent"]]
    return max(reached, key=lambda each: float(each["from_percent"]))["text"] if reached else None


def summary(quiz: Quiz, attempt: Attempt) -> dict[str, Any]:
    """Points and percent where they may be seen; whether it was passed is no secret."""
    may = allowed(quiz, attempt)
    seen = may.points and attempt.state == GRADED
    return {
        "points": attempt.points if may.points else None,
        "of": attempt.of if may.points else None,
        "percent": attempt.percent if may.points else None,
        "passed": attempt.passed,
        "to_be_marked": attempt.to_be_marked,
        "feedback": band(quiz, attempt.percent or 0.0) if seen else None,
    }


def review(quiz: Quiz, attempt: Attempt, items: Mapping[str, Item], answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`items` as they were graded; empty while neither answers nor points may be seen."""
    may = allowed(quiz, attempt)
    if not (may.answers or may.points):
        return []
    return [
        _reviewed(attempt, item_id, items[item_id], points, answers.get(item_id), may)
        for item_id, _version, points in attempt.items
    ]


def _reviewed(attempt: Attempt, item_id: str, item: Item, points: Any, answer: Any, may: Allowed) -> dict[str, Any]:
    seed = item_seed(attempt.seed, item_id)
    share = (attempt.scores or {}).get(item_id)
    of = Fraction(Decimal(points) if points is not None else item.points)
    said = [item.feedback, *feedback_for(item, answer)] if may.answers else []
    return {
        "item_id": item_id,
        "item": public_view(item, seed),
        "given": shown_answer(item, seed, answer),
        "points": rounded(Fraction(share) * of) if may.points and share is not None else None,
        "of": rounded(of) if may.points else None,
        "right": shown_answer(item, seed, right_answer(item)) if may.answers else None,
        "feedback": _joined(said) if may.answers else None,
    }


def _joined(said: list[Texts]) -> dict[str, str] | None:
    together = {
        language: "\n".join(text[language] for text in said if text[language]) for language in ("kk", "ru", "en")
    }
    return {language: text for language, text in together.items() if text} or None


def right_answer(item: Item) -> Any:
    """The answer worth all the points, in positions; None for an open one. Of several, the first."""
    if isinstance(item, Single):
        return max(range(len(item.choices)), key=lambda at: (item.choices[at].weight, -at))
    if isinstance(item, Multiple):
        return [at for at, choice in enumerate(item.choices) if choice.weight > 0]
    if isinstance(item, TrueFalse):
        return item.right
    if isinstance(item, ShortText):
        return max(item.accepted, key=lambda each: each.weight).text
    if isinstance(item, Number):
        return format(max(item.accepted, key=lambda each: each.weight).value, "f")
    if isinstance(item, Matching):
        return {str(at): item.rights.index(pair.right) for at, pair in enumerate(item.pairs)}
    return list(range(len(item.entries))) if isinstance(item, Ordering) else None
