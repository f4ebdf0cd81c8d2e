"""What is right, and what is said to it, never reaches a player before review allows it."""

import re
from typing import Any

import pytest

from services.quizzes.items import Multiple, Ordering, Single, kind_of
from tests.quizzes import making as make
from tests.quizzes.house import House
from tests.quizzes.making import Player

GUESSES = {
    "single": 0,
    "multiple": [2],
    "true_false": False,
    "short_text": "x",
    "number": "1",
    "matching": {"0": 1},
    "ordering": [2, 1, 0],
    "open": "x",
}
FORBIDDEN = {"weight", "accepted", "right_answer", "feedback_true", "feedback_false", "feedback_wrong", "tolerance"}


def secrets_in(body: Any) -> list[str]:
    """Names and texts of what is right anywhere in a JSON."""
    if isinstance(body, dict):
        inside = [found for value in body.values() for found in secrets_in(value)]
        return [name for name in body if name in FORBIDDEN] + inside
    if isinstance(body, list):
        return [found for value in body for found in secrets_in(value)]
    return re.findall(r"SECRET-\d+|918273", str(body))


def answers_shown(review: list[dict[str, Any]]) -> list[Any]:
    return [line["right"] for line in review if line["right"] is not None]


@pytest.fixture
def everything(house: House) -> list[Any]:
    """Every body the player is sent, from the beginning until after handing in, while review allows nothing."""
    review = {"answers": "never", "points": "never"}
    quiz = make.published(house, make.ONE_OF_EACH, review=review, feedback=[{"from_percent": 0, "text": {"en": "!"}}])
    player = Player.begins(house, quiz["id"])
    seen: list[Any] = [house.ask("GET", ""), house.ask("GET", f"/{quiz['id']}"), player.view]
    for item in player.view["items"]:
        guess = player.known_as(item["id"], GUESSES[item["kind"]])
        seen.append(player.saves(item["id"], guess).json)
        seen.append(player.saves(item["id"], {"nonsense": 1}).json)
        seen.append(player.sends((item["id"], player.saving(guess))))
    seen += [player.looks(), player.finishes(), player.looks()]
    seen += [house.ask("GET", f"/attempts/{player.id}/result", player.headers)]
    seen += [house.ask("GET", "/attempts", player.headers)]
    return seen


def test_no_answer_to_the_player_holds_what_is_right(everything: list[Any]):
    assert secrets_in(everything) == []
    result = everything[-2]
    assert (result["review"], result["points"], result["percent"], result["feedback"]) == ([], None, None, None)


def test_it_would_be_found_if_it_were_there(house: House):
    quiz = make.published(house, make.ONE_OF_EACH)
    player = Player.begins(house, quiz["id"])
    for item in player.view["items"]:
        player.answers(item["id"], GUESSES[item["kind"]])
    result = player.finishes()
    assert {"SECRET-1", "SECRET-3", "SECRET-5", "SECRET-6", "SECRET-9", "SECRET-10", "918273"} <= set(
        secrets_in(result)
    )
    assert len(answers_shown(result["review"])) == len(make.ONE_OF_EACH) - 1


def test_names_of_parts_say_nothing_of_their_place(house: House):
    """Neither their order nor their identifiers are the same for two players, nor follow from the item alone."""
    mixed = [item for item in make.ONE_OF_EACH if isinstance(item, Single | Multiple | Ordering)]
    quiz = make.published(house, mixed)
    views = [Player.begins(house, quiz["id"], house.reader(f"KZ{at}")).view["items"] for at in range(8)]
    for at, item in enumerate(mixed):
        side = "entries" if isinstance(item, Ordering) else "choices"
        orders = {tuple(part["text"]["en"] for part in view[at][side]) for view in views}
        assert len(orders) > 1, kind_of(item)
        ids = [part["id"] for view in views for part in view[at][side]]
        assert len(set(ids)) == len(ids)


def test_review_after_the_close_waits_for_it(house: House):
    review = {"answers": "after_close", "points": "after_finish"}
    quiz = make.published(house, [make.single()], review=review)
    player = Player.begins(house, quiz["id"])
    player.answers(player.item(0)["id"], 0)
    before = player.finishes()
    assert (before["points"], answers_shown(before["review"]), before["review"][0]["points"]) == (1.0, [], 1.0)
    house.ask("POST", f"/{quiz['id']}/close", house.staff("editor"))
    after = house.ask("GET", f"/attempts/{player.id}/result", player.headers)
    assert answers_shown(after["review"]) == [player.known_as(player.item(0)["id"], 0)]


def test_nothing_is_reviewed_before_handing_in(house: House):
    player = Player.begins(house, make.published(house)["id"])
    refused = house.ask("GET", f"/attempts/{player.id}/result", player.headers, 409)
    assert refused["reason"] == "open"
    assert player.looks()["result"] is None
