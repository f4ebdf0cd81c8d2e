"""Open answers read by a person."""

import pytest

from services.quizzes.items import Open
from tests.quizzes import making
from tests.quizzes.attempting import played
from tests.quizzes.house import House

GRADED = "attempt.graded.v1"
QUESTION = "What do you think?"


@pytest.fixture
def quiz(house: House):
    return making.published(
        house, [making.single("First?"), Open(text=making.words(QUESTION), points=3)], pass_percent=50, certificate=True
    )


def opinion(house, quiz, who, first="Abai", words="Жақсы кітап"):
    return played(house, quiz["id"], who, {"First?": first, QUESTION: words})


def waiting(house, **query):
    return house.ask("GET", "/marking", house.staff("librarian"), query_string=query)


def give(house, line, points, status=None, **more):
    body = {"attempt_id": line["attempt_id"], "item_id": line["item_id"], "points": points} | more
    return house.ask("POST", "/marking", house.staff("librarian"), status, json=body)


def test_an_open_answer_waits_without_a_name_and_is_graded_with_its_mark(house, quiz):
    reader = house.reader("R-1")
    attempt = opinion(house, quiz, reader)
    assert (attempt["state"], attempt["result"]["to_be_marked"]) == ("finished", 1)
    assert house.told(GRADED) == []
    (line,) = waiting(house)["items"]
    assert (line["text"]["en"], line["answer"], line["of"], line["quiz"]["id"]) == (
        QUESTION, "Жақсы кітап", 3.0, quiz["id"]
    )  # fmt: skip
    assert "R-1" not in str(line)
    marked = give(house, line, "2.5", comment="Жарайсың")
    assert (marked["state"], marked["points"], marked["percent"]) == ("graded", 3.5, 87.5)
    (event,) = house.told(GRADED)
    assert (event["card_number"], event["percent"], event["passed"]) == ("R-1", 87.5, True)
    assert waiting(house)["items"] == []
    result = house.ask("GET", f"/attempts/{attempt['id']}/result", reader)
    assert (result["points"], result["certificate"]["allowed"]) == (3.5, True)


def test_a_mark_may_be_given_anew(house, quiz):
    opinion(house, quiz, house.reader("R-1"), first="Pushkin")
    (line,) = waiting(house)["items"]
    give(house, line, 3)
    assert house.told(GRADED)[0]["passed"]
    assert give(house, line, "0.5")["percent"] == 12.5
    (again,) = house.told(GRADED)
    assert (again["percent"], again["passed"]) == (12.5, False)
    give(house, line, "0.50")
    assert house.told(GRADED) == []


def test_a_mark_survives_grading_again(house, quiz):
    opinion(house, quiz, house.reader("R-1"))
    (line,) = waiting(house)["items"]
    give(house, line, 1)
    house.told()
    house.ask("POST", f"/{quiz['id']}/regrade", house.staff("editor"), json={"reason": "again"})
    house.work()
    assert house.told(GRADED) == []
    assert give(house, line, 1)["points"] == 2.0


def test_what_is_not_answered_needs_no_mark(house, quiz):
    attempt = played(house, quiz["id"], house.guest(), {"First?": "Abai"})
    assert attempt["state"] == "graded"
    assert waiting(house)["items"] == []


@pytest.mark.parametrize(
    ("points", "field"), [("3.01", "points"), (-1, "points"), ("many", "points"), (None, "points")]
)
def test_points_that_cannot_be(house, quiz, points, field):
    opinion(house, quiz, house.guest())
    (line,) = waiting(house)["items"]
    assert field in give(house, line, points, status=422)["errors"]
    assert waiting(house)["items"] == [line]


def test_only_open_answers_are_marked(house, quiz):
    attempt = opinion(house, quiz, house.guest())
    (line,) = waiting(house)["items"]
    (single,) = [item["id"] for item in attempt["items"] if item["kind"] == "single"]
    assert "item_id" in give(house, line | {"item_id": single}, 1, status=422)["errors"]
    nobody = {"attempt_id": quiz["id"], "item_id": single}
    give(house, nobody, 1, status=404)


def test_the_queue_comes_in_pages_and_by_quiz(house, quiz):
    other = making.published(house, [Open(text=making.words(QUESTION))])
    for n in range(3):
        opinion(house, quiz, house.reader(f"R-{n}"))
    played(house, other["id"], house.reader("R-1"), {QUESTION: "x"})
    seen, cursor = [], None
    while cursor or not seen:
        answered = waiting(house, limit=1, **({"cursor": cursor} if cursor else {}))
        seen += answered["items"]
        cursor = answered["next"]
    assert len({line["attempt_id"] for line in seen}) == len(seen) == 4
    assert len(waiting(house, quiz_id=quiz["id"])["items"]) == 3


def test_librarians_see_their_branches_answers(house):
    house.branch("oskemen")
    quiz = making.published(house, [Open(text=making.words(QUESTION))], branch_id="oskemen")
    played(house, quiz["id"], house.guest(), {QUESTION: "x"})
    elsewhere, here = house.staff("librarian", ["ridder"]), house.staff("librarian", ["oskemen"])
    assert house.ask("GET", "/marking", elsewhere)["items"] == []
    (line,) = house.ask("GET", "/marking", here)["items"]
    body = {"attempt_id": line["attempt_id"], "item_id": line["item_id"], "points": 1}
    house.ask("POST", "/marking", elsewhere, 403, json=body)
    house.ask("POST", "/marking", here, json=body)
    house.ask("GET", "/marking", house.staff("editor"), 403)
