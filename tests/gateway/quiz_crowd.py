"""Guests who take a quiz with differing luck, so that pictures of its results have something to show."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import urllib3

GUESTS = 60
RIGHT = {
    "Қасым Қайсенов",
    "партизан",
    "Украина",
    "Молдавия",
    "Румыния",
    "Шығыс Қазақстан",
    "«Жас партизандар»",
    "талап",
    "еңбек",
    "терең ой",
    "қанағат",
    "рақым",
}
TYPED: dict[str, list[Any]] = {"number": ["1918", "1845", "45"], "short_text": ["Ибраһим"], "true_false": [True]}


def play(url: str, quiz_id: str) -> None:
    chance = Random("pictures")
    for number in range(GUESTS):
        _one(f"{url}/api/v1/quizzes", quiz_id, number, chance)


def _one(url: str, quiz_id: str, number: int, chance: Random) -> None:
    headers = {"X-Guest-Key": f"guest-of-the-pictures-{number:020}"}

    def ask(path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = urllib3.request("POST", f"{url}{path}", json=body, headers=headers)
        assert answer.status < 300, answer.data
        return dict(answer.json())

    language = "ru" if number % 3 == 0 else "kk"
    attempt = ask(f"/{quiz_id}/attempts", {"language": language, "nickname": f"Оқырман {number}"})
    knows, given_at = chance.betavariate(4, 2), datetime.now(UTC).isoformat()
    answers = [
        {"item_id": item["id"], "answer": _answer(item, knows, chance), "device": "tab", "number": at}
        | {"given_at": given_at}
        for at, item in enumerate(attempt["items"])
    ]
    ask(f"/attempts/{attempt['id']}/answers", {"answers": answers})
    ask(f"/attempts/{attempt['id']}/finish", {})


def _answer(item: dict[str, Any], knows: float, chance: Random) -> Any:
    """Right as often as the guest `knows`."""
    if item["kind"] in TYPED:
        return chance.choice(TYPED[item["kind"]])
    if item["kind"] == "matching":
        rights = [each["id"] for each in item["right"]]
        return {left["id"]: chance.choice(rights) for left in item["left"]}
    chosen = [each["id"] for each in item["choices"] if (each["text"]["kk"] in RIGHT) == (chance.random() < knows)]
    if item["kind"] == "multiple":
        return chosen
    return chosen[0] if chosen else item["choices"][0]["id"]
