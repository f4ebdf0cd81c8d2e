"""A quarantine travels through quizzes to the reader's digest, and back when it was declared by mistake."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from babel.dates import format_date

from shared.auth import Principal, issue
from shared.settings import load, secret_of
from tests.conftest import Footing
from tests.support.eventually import eventually
from tests.support.whole import Library, running_library
from tests.whole.story import day

CARD = "Q-1"
LAST_DAY, TITLE = day(5), "Жау тылында: онлайн-тест"
CHOICES = [{"text": {"kk": "Қайсенов"}, "weight": "1"}, {"text": {"kk": "Әуезов"}, "weight": "0"}]
ITEM = {"kind": "single", "text": {"kk": "Авторы кім?"}, "choices": CHOICES}


@pytest.fixture
def library(footing: Footing) -> Iterator[Library]:
    with running_library(footing.environment) as library:
        library.branch("b01")
        yield library


@pytest.fixture
def reader(library: Library, footing: Footing) -> dict[str, str]:
    """Somebody of the library; headers to call with in their name."""
    known = {"card_number": CARD, "family_name": "Қасымова", "given_name": "Әлия", "language": "kk"}
    library.post("/readers", known | {"birth_date": "1990-05-01", "email": "q1@example.org"}, expect=201)
    who = Principal(f"reader:{CARD}", "reader", card_number=CARD)
    return {"Authorization": f"Bearer {issue(secret_of(load(footing.environment)), who, timedelta(hours=1))}"}


def as_reader(library: Library, who: dict[str, str], method: str, path: str, body: Any = None) -> Any:
    sent = json.dumps(body or {}).encode()
    answer = library._send(method, f"/api/v1{path}", who | {"Content-Type": "application/json"}, sent)
    assert answer.status < 300, answer
    return json.loads(answer.body)


def published(library: Library) -> str:
    bank = library.post("/quizzes/banks", {"name": str(uuid.uuid4())}, expect=201)["id"]
    item = library.post("/quizzes/items", {"bank_id": bank, "item": ITEM}, expect=201)["id"]
    terms = {"title": {"kk": TITLE}, "languages": ["kk"], "closes_on": LAST_DAY, "branch_id": "b01"}
    quiz = library.post("/quizzes", terms | {"pools": [{"item_ids": [item]}]}, expect=201)["id"]
    library.post(f"/quizzes/{quiz}/publish")
    return str(quiz)


def notices(library: Library) -> list[dict[str, Any]]:
    return [each for each in library.items(f"/notices?card_number={CARD}") if TITLE in (each["body"] or "")]


def days_in(body: str, *days: str) -> list[str]:
    """These days in the order in which the line about the quiz names them."""
    line = body[body.index(TITLE) :]
    said = {each: format_date(date.fromisoformat(each), "d MMMM", "kk") for each in days}
    assert all(words in line for words in said.values()), line
    return sorted(days, key=lambda each: line.index(said[each]))


def test_a_quiz_moves_its_reader_is_told_and_all_comes_back(library: Library, reader: dict[str, str]) -> None:
    eventually(lambda: library._send("GET", f"/api/v1/notices?card_number={CARD}", {}, None).status == 200)
    quiz_id = published(library)
    attempt = as_reader(library, reader, "POST", f"/quizzes/{quiz_id}/attempts", {"language": "kk"})
    made = library.declare(branch_ids=["b01"], starts_on=day(-1), ends_on=day(9))
    library.wait_until_done(made["id"])
    moved = library.get(f"/quizzes/{quiz_id}")
    assert (moved["original_closes_on"], moved["closes_on"] > day(9)) == (LAST_DAY, True)
    eventually(lambda: len(notices(library)) == 1)
    (told,) = notices(library)
    assert (told["quarantine_id"], told["kind"], CARD in told["about"]) == (made["id"], "digest", True)

    library.post(f"/quarantines/{made['id']}/cancel")
    library.wait_until_done(made["id"])
    assert library.get(f"/quizzes/{quiz_id}")["closes_on"] == LAST_DAY
    eventually(lambda: len(notices(library)) == 2)
    (back,) = [each for each in notices(library) if each["id"] != told["id"]]
    assert days_in(told["body"], LAST_DAY, moved["closes_on"]) == [LAST_DAY, moved["closes_on"]]
    assert days_in(back["body"], LAST_DAY, moved["closes_on"]) == [moved["closes_on"], LAST_DAY]
    (item,) = attempt["items"]
    answer = {"answer": item["choices"][0]["id"], "device": "tab", "number": 1, "given_at": attempt["server_now"]}
    saved = as_reader(library, reader, "PUT", f"/quizzes/attempts/{attempt['id']}/answers/{item['id']}", answer)
    assert saved["saved"] is True
