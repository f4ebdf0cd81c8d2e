"""Certificates and grading again: what one says stays, and who no longer deserves it is named to the editor."""

import uuid

import pytest

from services.quizzes.models import Certificate
from tests.quizzes import making
from tests.quizzes.attempting import played
from tests.quizzes.house import House
from tests.quizzes.test_certificates_api import RIGHT, check, wish
from tests.quizzes.test_results import corrected, regrade, regrades


@pytest.fixture
def quiz(house: House):
    return making.published(house, certificate=True, pass_percent=60)


def printed(house, code):
    return house.call("GET", f"/certificates/{code}.pdf").data


def given(house, quiz, card="R-1", answers=RIGHT):
    who = house.reader(card)
    attempt = played(house, quiz["id"], who, answers)
    return attempt, who, wish(house, attempt, who)["code"]


def withdraw(house, quiz, regrade_id, status=None, as_=None, **body):
    path = f"/{quiz['id']}/regrades/{regrade_id}/withdraw-certificates"
    return house.ask("POST", path, as_ or house.staff("editor"), status, json=body)


def test_a_certificate_says_what_was_achieved_when_it_was_given(house, quiz):
    attempt, who, code = given(house, quiz)
    before = printed(house, code)
    corrected(house, quiz)
    regrade(house, quiz)
    result = house.ask("GET", f"/attempts/{attempt['id']}/result", who)
    assert (result["percent"], result["passed"], result["certificate"]["allowed"]) == (50.0, False, False)
    shown = check(house, code)
    assert (shown["valid"], shown["percent"]) == (True, 100.0)
    assert printed(house, code) == before
    (kept,) = regrades(house, quiz)
    assert (kept["undeserved"], kept["undeserved_codes"]) == (1, [code])


def test_an_editor_takes_back_all_of_a_regrade_at_once(house, quiz):
    codes = sorted(given(house, quiz, f"R-{n}")[2] for n in range(2))
    still = given(house, quiz, "R-9", {"First?": "Abai", "Second?": "Abai"})[2]
    house.ask("POST", f"/certificates/{still}/withdraw", house.staff("librarian"), json={"reason": "Copied"})
    corrected(house, quiz)
    asked = regrade(house, quiz)
    assert sorted(regrades(house, quiz)[0]["undeserved_codes"]) == codes
    assert withdraw(house, quiz, asked["id"])["withdrawn"] == 2
    for code in codes:
        assert check(house, code)["valid"] is False
    assert {row.reason for row in house.rows(Certificate, withdrawn_by="Айгүл")} == {"Wrong key", "Copied"}
    assert (regrades(house, quiz)[0]["undeserved"], withdraw(house, quiz, asked["id"])["withdrawn"]) == (0, 0)


def test_who_passes_again_in_a_later_regrade_deserves_it_again(house, quiz):
    code = given(house, quiz)[2]
    corrected(house, quiz)
    first = regrade(house, quiz)
    corrected(house, quiz, right="Abai")
    regrade(house, quiz)
    assert [each["undeserved"] for each in regrades(house, quiz)] == [0, 0]
    assert withdraw(house, quiz, first["id"])["withdrawn"] == 0
    assert check(house, code)["valid"] is True


def test_asked_for_again_after_a_better_result_it_says_the_better_one(house):
    quiz = making.published(house, certificate=True)
    attempt, who, code = given(house, quiz, answers={"First?": "Abai", "Second?": "Goethe"})
    corrected(house, quiz)
    regrade(house, quiz)
    assert check(house, code)["percent"] == 50.0
    assert wish(house, attempt, who)["code"] == code
    assert check(house, code)["percent"] == 100.0


def test_only_editors_of_the_quiz_take_them_back(house, quiz):
    given(house, quiz)
    corrected(house, quiz)
    asked = regrade(house, quiz)
    withdraw(house, quiz, asked["id"], 403, house.staff("librarian"))
    withdraw(house, quiz, str(uuid.uuid4()), 404)
    withdraw(house, making.published(house), asked["id"], 404)
    assert withdraw(house, quiz, asked["id"], reason="The key was wrong")["withdrawn"] == 1
    assert [row.reason for row in house.rows(Certificate)] == ["The key was wrong"]
