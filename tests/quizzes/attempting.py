"""Attempts put straight into the tables: many, or in a state that would take long to play."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import insert

from services.quizzes.models import Answer, Attempt
from services.quizzes.takers import GUEST_KEY
from shared import clock
from tests.quizzes.house import House
from tests.quizzes.making import nickname

NOT_YET = dict.fromkeys(
    (
        "class_id",
        "ends_at",
        "grace_until",
        "late_until",
        "finished_at",
        "graded_at",
        "scores",
        "graded_with",
        "points",
        "of",
        "percent",
        "passed",
    )
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


def start(house: House, quiz_id: str, who: dict[str, str], **more: Any) -> dict[str, Any]:
    if GUEST_KEY in who:
        more.setdefault("nickname", nickname())
    return dict(house.ask("POST", f"/{quiz_id}/attempts", who, json={"language": "en"} | more))


def answer(house: House, attempt: dict[str, Any], who: dict[str, str], answers: dict[str, Any]) -> None:
    """`answers`: English text of a question -> English text of the choice, or what the question takes."""
    for number, item in enumerate(attempt["items"]):
        if item["text"]["en"] in answers:
            body = {"device": "tab", "number": number, "given_at": clock.now().isoformat()}
            given = _given(item, answers[item["text"]["en"]])
            path = f"/attempts/{attempt['id']}/answers/{item['id']}"
            assert house.ask("PUT", path, who, json=body | {"answer": given})["saved"]


def _given(item: dict[str, Any], wanted: Any) -> Any:
    if item["kind"] != "single":
        return wanted
    return next(choice["id"] for choice in item["choices"] if choice["text"]["en"] == wanted)


def played(house: House, quiz_id: str, who: dict[str, str], answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Begun, answered and handed in: the attempt."""
    attempt = start(house, quiz_id, who, **more)
    answer(house, attempt, who, answers)
    house.ask("POST", f"/attempts/{attempt['id']}/finish", who)
    return dict(house.ask("GET", f"/attempts/{attempt['id']}", who))


def copies(house: House, attempt_id: str, count: int) -> None:
    """The attempt and its answers once more for as many other guests."""
    (attempt,), answers = house.rows(Attempt, id=attempt_id), house.rows(Answer, attempt_id=attempt_id)
    ids = [str(uuid.uuid4()) for _ in range(count)]
    with house.database.transaction() as session:
        session.execute(insert(Attempt), [_copy(attempt) | {"id": new, "taker": f"guest:{new}"} for new in ids])
        session.execute(insert(Answer), [_copy(row) | {"attempt_id": new} for new in ids for row in answers])


def _copy(row: Any) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}
