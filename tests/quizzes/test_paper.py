"""Answers given on paper."""

import uuid

import pytest

from tests.quizzes import making
from tests.quizzes.attempting import start
from tests.quizzes.house import House


@pytest.fixture
def quiz(house: House):
    return making.published(house, making.ONE_OF_EACH)


def sheet(house, quiz):
    return house.ask("GET", f"/{quiz['id']}/paper", house.staff("librarian"))["items"]


def part(parts, text):
    return next(each["id"] for each in parts if each["text"]["en"] == text)


def right_answers(items):
    """To all but the open question."""
    by_kind = {item["kind"]: item for item in items}
    single, multiple = by_kind["single"], by_kind["multiple"]
    matching, ordering = by_kind["matching"], by_kind["ordering"]
    links = {part(matching["left"], f"l{n}"): part(matching["right"], f"r{n}") for n in (1, 2)}
    return {
        single["id"]: part(single["choices"], "The right one"),
        multiple["id"]: [part(multiple["choices"], "a"), part(multiple["choices"], "b")],
        by_kind["true_false"]["id"]: True,
        by_kind["short_text"]["id"]: "secret-6",
        by_kind["number"]["id"]: "918273",
        matching["id"]: links,
        ordering["id"]: [part(ordering["entries"], each) for each in ("first", "second", "third")],
    }


def enter(house, quiz, answers, status=201, **who):
    body = {"language": "en", "answers": answers} | (who or {"nickname": "Сова"})
    return house.ask("POST", f"/{quiz['id']}/paper", house.staff("librarian"), status, json=body)


def test_a_sheet_is_an_attempt_like_any_other(house, quiz):
    house.registered("R-1")
    items = sheet(house, quiz)
    assert len(items) == len(making.ONE_OF_EACH)
    done = enter(house, quiz, right_answers(items), card_number="R-1")
    assert (done["state"], done["points"], done["of"]) == ("graded", 7.0, 10.0)
    (event,) = house.told("attempt.graded.v1")
    assert event["card_number"] == "R-1"
    (own,) = house.ask("GET", "/attempts", house.reader("R-1"))["items"]
    assert own["id"] == done["id"]
    again = enter(house, quiz, {}, card_number="R-1")
    assert (again["points"], again["id"] == done["id"]) == (0.0, False)


def test_the_sheet_tells_nobody_what_is_right(house, quiz):
    assert "SECRET" not in str(sheet(house, quiz))
    assert sheet(house, quiz) == sheet(house, quiz)
    for who in (house.reader("R-1"), house.guest(), house.staff("editor")):
        assert house.call("GET", f"/{quiz['id']}/paper", who).status_code in (401, 403)


def test_an_open_answer_waits_to_be_marked(house, quiz):
    items = sheet(house, quiz)
    (open_one,) = [item["id"] for item in items if item["kind"] == "open"]
    done = enter(house, quiz, {open_one: "Жақсы"})
    assert (done["state"], done["to_be_marked"], done["points"]) == ("finished", 1, None)
    (line,) = house.ask("GET", "/marking", house.staff("librarian"))["items"]
    assert line["answer"] == "Жақсы"


def test_of_a_drawn_pool_the_questions_answered_are_the_ones_asked(house):
    items = [making.single(f"{n}?") for n in range(5)]
    quiz = making.published(house, pools=[{"item_ids": making.items(house, items), "draw": 2}])
    asked = {item["text"]["en"]: item for item in sheet(house, quiz)}
    right = {asked[f"{n}?"]["id"]: part(asked[f"{n}?"]["choices"], "Abai") for n in range(5)}
    two = dict(list(right.items())[3:])
    done = enter(house, quiz, two)
    assert (done["points"], done["of"]) == (2.0, 2.0)
    assert (enter(house, quiz, dict(list(right.items())[:1]), nickname="Бір")["points"]) == 1.0
    assert "answers" in enter(house, quiz, right, 422)["errors"]


def test_what_cannot_be_entered(house, quiz):
    items = sheet(house, quiz)
    single = items[0]["id"]
    assert f"answers.{single}" in enter(house, quiz, {single: "no such part"}, 422)["errors"]
    assert "answers" in enter(house, quiz, {str(uuid.uuid4()): "x"}, 422)["errors"]
    assert "card_number" in enter(house, quiz, {}, 422, card_number="UNKNOWN")["errors"]
    assert "nickname" in enter(house, quiz, {}, 422, nickname="Дана Сүлейменова")["errors"]
    assert "card_number" in enter(house, quiz, {}, 422, nickname="")["errors"]
    enter(house, making.draft(house), {}, 409)


def test_a_reader_in_the_middle_of_the_quiz_finishes_that_first(house, quiz):
    house.registered("R-1")
    start(house, quiz["id"], house.reader("R-1"))
    enter(house, quiz, {}, 409, card_number="R-1")


def test_entered_twice_under_one_key_it_is_one_sheet(house, quiz):
    body = {"language": "en", "answers": {}, "nickname": "Сова"}
    send = {"json": body, "headers": {"Idempotency-Key": "sheet 1"}}
    made = [house.ask("POST", f"/{quiz['id']}/paper", house.staff("librarian"), 201, **send) for _ in range(2)]
    assert made[0] == made[1]
