"""All that is kept about a reader, to take along in one file, and to have erased in every service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from services.quizzes.models import Attempt, Nickname
from tests.gateway import quizzing
from tests.gateway.house import House, Visitor, bring, house, loan, reader
from tests.gateway.test_quiz_pages import begin, play_all
from tests.support.eventually import eventually

CARD, LOANS = "4001", 601


@pytest.fixture(scope="module")
def long_known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A reader with more loans than a service answers at once, who has taken a test and been written to."""
    with house(tmp_path_factory.mktemp("known"), closed=False) as made:
        move_in(made, CARD, LOANS)
        yield made


def move_in(made: House, card: str, loans: int) -> None:
    bring(made.library, "readers", [reader(card, "Ахметов", "Ержан", email=f"r{card}@example.org")])
    past = [loan(10_000 + number, card, "А", f"Кітап {number}", 5, "returned") for number in range(loans)]
    bring(made.library, "loans", past)
    made.pins[card] = made.library.post(f"/readers/{card}/pin", {}, expect=201)["pin"]


def with_certificate(made: House, visitor: Visitor, nickname: str) -> str:
    """Takes a test to its certificate; the id of the quiz."""
    quiz_id = quizzing.published(made, [quizzing.SINGLE], "own data")
    code = made.library.post("/quizzes/classes", {"name": "5 «В»", "school": "№ 1", "quiz_id": quiz_id}, expect=201)
    hand_in = play_all(visitor, begin(made, quiz_id, visitor, nickname=nickname, class_code=code["code"]))
    result = str(visitor.send(hand_in, hand_in).location)
    to = result.replace("/result", "/certificate")
    look = visitor.send(result, to, name="Ержан Ахметов", language="kk", show_name="").text
    assert visitor.post(to, data=quizzing.fields_in(look, 'class="steps"')).status_code == 303
    return quiz_id


def taken_along(visitor: Visitor) -> dict[str, Any]:
    answer = visitor.send("/privacy", "/privacy/export")
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    found: dict[str, Any] = json.loads(answer.text)
    return found


def test_the_file_holds_all_that_every_service_keeps(long_known: House) -> None:
    visitor = long_known.signed_in(CARD)
    with_certificate(long_known, visitor, "Бүркіт 601")
    calendar = visitor.send("/books", "/books/calendar")
    assert calendar.status_code == 200
    fields = {"wanted": "reopening:email"}
    assert visitor.send("/notices/preferences", "/notices/preferences", **fields).status_code == 303
    data: dict[str, Any] = taken_along(visitor)
    assert set(data) == {"reader", "loans", "calendars", "notices", "preferences", "quizzes"}
    assert data["reader"]["family_name"] == "Ахметов"
    titles = {each["title"] for each in data["loans"]["items"]}
    assert titles == {f"Кітап {number}" for number in range(LOANS)}
    assert len(data["loans"]["items"]) == LOANS
    assert len(data["calendars"]["items"]) == 1
    off = {each["kind"]: each["off"] for each in data["preferences"]["kinds"]}
    assert off["overdue"] == ["email"] and off["reopening"] == []
    (attempt,) = data["quizzes"]["attempts"]
    assert (attempt["nickname"], attempt["school_class"]) == ("Бүркіт 601", "5 «В»")
    (item,) = attempt["items"]
    given = attempt["answers"][item["id"]]["answer"]
    assert {each["id"]: each["text"]["en"] for each in item["choices"]}[given] == "Kasym Kaisenov"
    assert attempt["result"]["certificate"]["name"] == "Ержан Ахметов"
    assert '"next"' not in json.dumps(data["loans"]) + json.dumps(data["notices"])


def test_messages_are_in_the_file(closed_house: House) -> None:
    data: dict[str, Any] = taken_along(closed_house.signed_in())
    assert [each["title"] for each in data["loans"]["items"]] == ["Абай жолы"]
    assert data["notices"]["items"] and all(each["body"] for each in data["notices"]["items"])
    assert data["quizzes"]["attempts"] == []


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_page_says_that_answers_and_certificates_are_kept(open_house: House, language: str) -> None:
    page = open_house.client(language).get("/privacy").text
    words = {"kk": ("жауаптарыңыз", "сертификат"), "ru": ("ответы", "сертификат"), "en": ("answers", "certificates")}
    assert all(word in page for word in words[language])


def test_being_erased_reaches_the_tests_one_took(long_known: House) -> None:
    move_in(long_known, "4002", 1)
    visitor = long_known.signed_in("4002")
    quiz_id = with_certificate(long_known, visitor, "Қыран 4002")
    assert visitor.send("/privacy/erase", "/privacy/erase", sure="yes").location == "/"
    database = long_known.system.contexts["quizzes"].database

    def gone() -> bool:
        with database.reading() as session:
            mine = select(func.count()).select_from(Attempt).where(Attempt.card_number == "4002")
            named = select(func.count()).select_from(Nickname).where(Nickname.taker == "reader:4002")
            return session.scalar(mine) == 0 and session.scalar(named) == 0

    eventually(gone, 30, "the tests of an erased reader still name them")
    with database.reading() as session:
        kept = session.scalars(select(Attempt).where(Attempt.quiz_id == quiz_id)).one()
        assert kept.taker.startswith("gone:"), "the attempt stays countable"
