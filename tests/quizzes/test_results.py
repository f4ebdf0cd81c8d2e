"""What staff read of a quiz, and grading again."""

import csv
import io
from fractions import Fraction

import pytest

from services.quizzes.codec import to_json
from services.quizzes.items import Choice, Single, Texts
from services.quizzes.models import Attempt, RegradeChange
from shared import clock
from tests.quizzes import making
from tests.quizzes.attempting import copies, played, start
from tests.quizzes.house import House

GRADED = "attempt.graded.v1"
RIGHT = {"First?": "Abai", "Second?": "Abai"}
HALF = {"First?": "Abai", "Second?": "Goethe"}
WRONG = {"First?": "Pushkin", "Second?": "Goethe"}


@pytest.fixture
def quiz(house: House):
    return making.published(house, leaderboard=True)


def statistics(house, quiz):
    return house.ask("GET", f"/{quiz['id']}/statistics", house.staff("librarian"))


def test_figures_of_a_quiz(house, quiz):
    played(house, quiz["id"], house.guest(), RIGHT)
    played(house, quiz["id"], house.guest(), HALF, language="ru")
    played(house, quiz["id"], house.reader("R-1"), WRONG)
    start(house, quiz["id"], house.guest())
    found = statistics(house, quiz)
    assert (found["attempts"], found["finished"], found["counting"], found["mean_percent"]) == (4, 3, 3, 50.0)
    assert [each["count"] for each in found["distribution"]] == [1, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert (found["distribution"][-1]["from"], found["distribution"][-1]["to"]) == (90, 100)
    assert found["by_language"]["ru"] == {"counting": 1, "mean_percent": 50.0, "passed": 0}
    first, second = found["items"]
    assert first["text"]["en"] == "First?"
    assert (first["n"], first["facility"], second["facility"]) == (3, 0.6667, 0.3333)
    assert first["discrimination"] == 0.5
    assert first["by_language"] == {"en": {"facility": 0.5, "n": 2}, "ru": {"facility": 1.0, "n": 1}}
    chosen = {each["text"]["en"]: (each["right"], each["count"], each["share"]) for each in second["distractors"]}
    assert chosen == {"Abai": (True, 1, 0.3333), "Pushkin": (False, 0, 0.0), "Goethe": (False, 2, 0.6667)}
    # Three answers are too few to say anything against a question.
    assert first["flags"] == second["flags"] == []


def test_nobody_has_played_yet(house, quiz):
    found = statistics(house, quiz)
    assert (found["attempts"], found["mean_percent"], found["passed"]) == (0, None, 0)
    assert [(each["n"], each["facility"]) for each in found["items"]] == [(0, None), (0, None)]


@pytest.mark.parametrize(("counts", "mean"), [("best", 100.0), ("last", 0.0), ("first", 50.0)])
def test_of_several_attempts_one_counts_and_the_first_tells_of_the_questions(house, counts, mean):
    quiz = making.published(house, counts=counts)
    for answers in (HALF, RIGHT, WRONG):
        played(house, quiz["id"], house.reader("R-1"), answers)
    found = statistics(house, quiz)
    assert (found["attempts"], found["counting"], found["mean_percent"]) == (3, 1, mean)
    assert [each["facility"] for each in found["items"]] == [1.0, 0.0]


def test_who_may_read_results(house, quiz):
    for who in (house.reader("R-1"), house.guest(), house.staff("operator")):
        assert house.call("GET", f"/{quiz['id']}/statistics", who).status_code in (401, 403)
        assert house.call("GET", f"/{quiz['id']}/results.csv", who).status_code in (401, 403)
    house.branch("oskemen")
    own = making.published(house, branch_id="oskemen")
    assert house.call("GET", f"/{own['id']}/statistics", house.staff("librarian", ["ridder"])).status_code == 403
    assert house.call("GET", f"/{own['id']}/statistics", house.staff("librarian", ["oskemen"])).status_code == 200


def test_a_librarian_sees_attempts_and_nicknames_of_their_branches_quizzes(house):
    house.branch("oskemen")
    own = making.published(house, branch_id="oskemen")
    attempt = played(house, own["id"], house.reader("R-1"), HALF, nickname="жолбарыс")
    hiding = {"attempt_id": attempt["id"]}
    here, elsewhere = house.staff("librarian", ["oskemen"]), house.staff("librarian", ["ridder"])
    for path in (f"/attempts/{attempt['id']}", f"/attempts/{attempt['id']}/result"):
        house.ask("GET", path, elsewhere, 404)
        house.ask("GET", path, here)
    house.ask("POST", "/nicknames/hide", elsewhere, 404, json=hiding)
    house.ask("GET", f"/nicknames?quiz_id={own['id']}", elsewhere, 403)
    (named,) = house.ask("GET", f"/nicknames?quiz_id={own['id']}", here)["items"]
    assert named["hidden"] is False
    house.ask("POST", "/nicknames/hide", here, json=hiding)
    assert house.ask("GET", "/attempts?card_number=R-1", elsewhere)["items"] == []
    (listed,) = house.ask("GET", "/attempts?card_number=R-1", here)["items"]
    assert listed["id"] == attempt["id"]


def test_the_leaderboard_knows_nicknames_only(house, quiz):
    played(house, quiz["id"], house.guest(), HALF, nickname="бүркіт")
    played(house, quiz["id"], house.reader("R-1"), RIGHT, nickname="жолбарыс")
    played(house, quiz["id"], house.guest(), HALF, nickname="сова")
    played(house, quiz["id"], house.reader("R-2"), RIGHT)
    hidden = played(house, quiz["id"], house.guest(), RIGHT, nickname="hidden one")
    house.ask("POST", "/nicknames/hide", house.staff("librarian"), json={"attempt_id": hidden["id"]})
    places = house.ask("GET", f"/{quiz['id']}/leaderboard")["items"]
    assert [(each["place"], each["nickname"], each["points"]) for each in places] == [
        (1, "жолбарыс", 2.0),
        (2, "бүркіт", 1.0),
        (2, "сова", 1.0),
    ]
    assert set(places[0]) == {"place", "nickname", "points", "of", "percent"}


def test_a_quiz_without_a_leaderboard_shows_none(house):
    assert house.call("GET", f"/{making.published(house)['id']}/leaderboard").status_code == 404


def test_the_file_of_results(house, quiz):
    played(house, quiz["id"], house.reader("=1+1"), HALF, nickname="Сова")
    start(house, quiz["id"], house.guest())
    answer = house.call("GET", f"/{quiz['id']}/results.csv", house.staff("librarian"))
    assert answer.content_type == "text/csv; charset=utf-8"
    lines = {line["state"]: line for line in csv.DictReader(io.StringIO(answer.text))}
    done = lines["graded"]
    assert (done["card_number"], done["nickname"], done["points"], done["percent"]) == ("'=1+1", "Сова", "1.0", "50.0")
    assert (lines["open"]["card_number"], lines["open"]["points"]) == ("", "")


def corrected(house, quiz, right="Goethe"):
    """The second question had the wrong choice marked as right."""
    choices = ("Abai", "Pushkin", "Goethe")
    fixed = Single(
        text=making.words("Second?"),
        choices=tuple(Choice(making.words(each), Fraction(each == right)) for each in choices),
    )
    item_id = quiz["pools"][0]["item_ids"][1]
    house.ask("PATCH", f"/items/{item_id}", house.staff("editor"), json={"item": to_json(fixed)})


def regrade(house, quiz):
    asked = house.ask("POST", f"/{quiz['id']}/regrade", house.staff("editor"), status=202, json={"reason": "Wrong key"})
    house.work()
    return asked


def regrades(house, quiz):
    return house.ask("GET", f"/{quiz['id']}/regrades", house.staff("librarian"))["items"]


def test_a_corrected_question_changes_nothing_until_it_is_graded_again(house, quiz):
    players = [(house.reader(f"R-{n}"), answers) for n, answers in enumerate((RIGHT, HALF, WRONG))]
    attempts = [played(house, quiz["id"], who, answers)["id"] for who, answers in players]
    corrected(house, quiz)
    percents = {row.id: row.percent for row in house.rows(Attempt)}
    assert [percents[each] for each in attempts] == [100.0, 50.0, 0.0]
    house.told()
    asked = regrade(house, quiz)
    assert asked["state"] == "waiting"
    percents = {row.id: row.percent for row in house.rows(Attempt)}
    assert [percents[each] for each in attempts] == [50.0, 100.0, 50.0]
    told = {event["attempt_id"]: event["percent"] for event in house.told(GRADED)}
    assert told == percents
    (kept,) = regrades(house, quiz)
    figures = ("reason", "asked_by", "state", "done", "changed", "better", "worse")
    assert [kept[name] for name in figures] == ["Wrong key", "Айгүл", "done", 3, 3, 2, 1]
    was = {row.attempt_id: (row.percent_was, row.percent) for row in house.rows(RegradeChange)}
    assert was[attempts[0]] == (100.0, 50.0)


def test_grading_again_without_a_correction_changes_nothing(house, quiz):
    played(house, quiz["id"], house.reader("R-1"), HALF)
    house.told()
    regrade(house, quiz)
    assert house.told(GRADED) == []
    (kept,) = regrades(house, quiz)
    assert (kept["state"], kept["changed"]) == ("done", 0)


def right_of_the_second(house, attempt, who):
    """What the review calls right, in words."""
    _first, second = house.ask("GET", f"/attempts/{attempt['id']}/result", who)["review"]
    return next(each["text"]["en"] for each in second["item"]["choices"] if each["id"] == second["right"])


@pytest.mark.parametrize("answers", [HALF, {"Second?": "Pushkin"}], ids=["better now", "wrong by either key"])
def test_the_review_says_what_is_right_by_the_key_it_was_graded_with(house, quiz, answers):
    who = house.reader("R-1")
    attempt = played(house, quiz["id"], who, answers)
    corrected(house, quiz)
    assert right_of_the_second(house, attempt, who) == "Abai", "graded with the old key so far"
    regrade(house, quiz)
    assert right_of_the_second(house, attempt, who) == "Goethe"


def test_a_second_correction_goes_on_from_the_first(house, quiz):
    attempt = played(house, quiz["id"], house.reader("R-1"), HALF)
    corrected(house, quiz)
    regrade(house, quiz)
    corrected(house, quiz, right="Abai")
    regrade(house, quiz)
    (row,) = house.rows(Attempt, id=attempt["id"])
    assert row.percent == 50.0
    assert [each["changed"] for each in regrades(house, quiz)] == [1, 1]


def test_many_attempts_take_many_chunks(house, quiz):
    first = played(house, quiz["id"], house.guest(), HALF)
    copies(house, first["id"], 1_200)
    corrected(house, quiz)
    regrade(house, quiz)
    assert {row.percent for row in house.rows(Attempt)} == {100.0}
    found = statistics(house, quiz)
    assert (found["finished"], found["items"][1]["facility"], found["items"][1]["n"]) == (1_201, 1.0, 1_201)
    assert "too_easy" in found["items"][1]["flags"]


def test_only_editors_grade_again(house, quiz):
    body = {"reason": "x"}
    assert house.call("POST", f"/{quiz['id']}/regrade", house.staff("librarian"), json=body).status_code == 403
    assert house.call("POST", f"/{quiz['id']}/regrade", house.staff("editor"), json={}).status_code == 422


def test_a_question_is_counted_under_the_language_it_was_read_in(house, quiz):
    guest = house.guest()
    attempt = start(house, quiz["id"], guest, language="kk")
    given = {item["text"]["en"]: item for item in attempt["items"]}
    right = next(choice["id"] for choice in given["First?"]["choices"] if choice["text"]["en"] == "Abai")
    body = {"answer": right, "device": "tab", "given_at": clock.now().isoformat()}

    def sends(text, number, **more):
        path = f"/attempts/{attempt['id']}/answers/{given[text]['id']}"
        return house.ask("PUT", path, guest, json=body | {"number": number} | more)

    assert sends("First?", 1, language="ru")["saved"]
    assert sends("First?", 2, language="en")["saved"], "the newest answer says the language"
    house.ask(
        "PUT",
        f"/attempts/{attempt['id']}/answers/{given['First?']['id']}",
        guest,
        422,
        json=body | {"number": 3, "language": "de"},
    )
    second = next(choice["id"] for choice in given["Second?"]["choices"] if choice["text"]["en"] == "Abai")
    many = {"answers": [body | {"item_id": given["Second?"]["id"], "answer": second, "number": 4, "language": None}]}
    assert house.ask("POST", f"/attempts/{attempt['id']}/answers", guest, json=many)["results"][0]["saved"]
    house.ask("POST", f"/attempts/{attempt['id']}/finish", guest)
    found = statistics(house, quiz)
    assert [each["by_language"] for each in found["items"]] == [
        {"en": {"facility": 1.0, "n": 1}},
        {"kk": {"facility": 1.0, "n": 1}},
    ]
    assert list(found["by_language"]) == ["kk"]


def test_a_language_the_question_does_not_have_is_the_attempt_s(house):
    half = Single(
        text=Texts(kk="Кім?", ru="Кто?"),
        choices=(Choice(Texts(kk="а", ru="а"), Fraction(1)), Choice(Texts(kk="б", ru="б"))),
    )
    quiz = making.published(house, [half], languages=["kk", "ru"], title={"kk": "Тест", "ru": "Тест"})
    player = making.Player.begins(house, quiz["id"])
    assert player.answers(player.item(0)["id"], 0, language="en")["saved"]
    player.finishes()
    assert list(statistics(house, quiz)["items"][0]["by_language"]) == ["kk"]
