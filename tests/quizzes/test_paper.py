"""Answers given on paper."""

import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from services.quizzes.models import Attempt
from tests.quizzes import making
from tests.quizzes.attempting import played, start
from tests.quizzes.house import House
from tests.quizzes.test_deadlines import decide
from tests.support import library_time


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


def test_the_sheets_of_a_class_reach_its_teacher(house, quiz):
    librarian = house.staff("librarian")
    own, other = making.published(house), house.ask("POST", "/classes", librarian, json={"name": "5 А"})
    bound = house.ask("POST", "/classes", librarian, json={"name": "6 Б", "quiz_id": own["id"]})
    enter(house, quiz, right_answers(sheet(house, quiz)), class_id=other["id"], nickname="Сова")
    seen = house.ask("GET", f"/classes/by-link/{other['teacher_link']}", house.token("service"))
    assert [(pupil["name"], pupil["points"]) for pupil in seen["pupils"]] == [("Сова", 7.0)]
    for wrong in (bound["id"], str(uuid.uuid4())):
        assert "class_id" in enter(house, quiz, {}, 422, class_id=wrong, nickname="Лев")["errors"]


def test_a_reader_has_no_more_sheets_than_attempts(house):
    house.registered("R-1")
    quiz = making.published(house, attempts_allowed=2)
    played(house, quiz["id"], house.reader("R-1"), {})
    enter(house, quiz, {}, card_number="R-1")
    refused = enter(house, quiz, {}, 409, card_number="R-1")
    assert refused["reason"] == "no_attempts_left"
    assert [row.number for row in house.rows(Attempt, card_number="R-1")] == [1, 2]
    enter(house, quiz, {}, nickname="Сова")


def days() -> list[str]:
    """Today and the days after it; the last of the list is yesterday."""
    today = library_time.today()
    return [(today + timedelta(days=offset)).isoformat() for offset in (0, 1, 2, 3, 4, -1)]


def test_a_sheet_is_judged_by_the_day_it_was_written(house):
    house.branch("oskemen")
    day = days()
    quiz = making.published(house, branch_id="oskemen", opens_on=day[0], closes_on=day[2], certificate=True)
    assert "written_on" in enter(house, quiz, {}, 422, nickname="Сова", written_on=day[1])["errors"], "still to come"
    house.later(days=4)
    house.tick()
    for late in ({}, {"written_on": day[3]}, {"written_on": day[-1]}):
        assert "written_on" in enter(house, quiz, {}, 422, nickname="Сова", **late)["errors"]
    done = enter(house, quiz, {}, nickname="Сова", written_on=day[2])
    (row,) = house.rows(Attempt)
    there = ZoneInfo("Asia/Almaty")
    assert (done["state"], row.finished_at.astimezone(there).date().isoformat()) == ("graded", day[2])
    assert row.started_at == row.finished_at < row.graded_at


def test_a_sheet_written_while_a_closure_kept_the_quiz_open_counts(house):
    house.branch("oskemen")
    day = days()
    quiz = making.published(house, branch_id="oskemen", closes_on=day[0])
    decide(house, starts_on=day[0], ends_on=day[4])
    house.later(days=2)
    decide(house, 2, "cancelled", starts_on=day[0], ends_on=day[4])
    house.later(days=5)
    assert enter(house, quiz, {}, nickname="Сова", written_on=day[2])["state"] == "graded"
    assert "written_on" in enter(house, quiz, {}, 422, nickname="Лев", written_on=day[3])["errors"]


def test_entered_twice_under_one_key_it_is_one_sheet(house, quiz):
    body = {"language": "en", "answers": {}, "nickname": "Сова"}
    send = {"json": body, "headers": {"Idempotency-Key": "sheet 1"}}
    made = [house.ask("POST", f"/{quiz['id']}/paper", house.staff("librarian"), 201, **send) for _ in range(2)]
    assert made[0] == made[1]
