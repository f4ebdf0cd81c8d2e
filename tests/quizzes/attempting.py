"""Attempts put straight into the tables: many, or in a state that would take long to play."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import insert

from services.quizzes.models import Attempt
from shared import clock
from tests.quizzes.house import House

NOT_YET = dict.fromkeys(
    ("class_id", "ends_at", "finished_at", "graded_at", "scores", "graded_with", "points", "of", "percent", "passed")
)


def row(quiz_id: str, card: str | None = None, **others: Any) -> dict[str, Any]:
    """An unfinished attempt of a reader, of a guest without a card."""
    attempt_id = str(uuid.uuid4())
    taker = f"reader:{card}" if card else f"guest:{attempt_id}"
    begun = {"number": 1, "state": "open", "language": "kk", "seed": "s", "items": [], "to_be_marked": 0}
    known = {"id": attempt_id, "quiz_id": quiz_id, "taker": taker, "card_number": card, "started_at": clock.now()}
    return NOT_YET | known | begun | others


def begun(house: House, quiz_id: str, *cards: str | None, **others: Any) -> list[str]:
    """An attempt for each card; their ids."""
    rows = [row(quiz_id, card, **others) for card in cards]
    with house.database.transaction() as session:
        session.execute(insert(Attempt), rows)
    return [each["id"] for each in rows]
