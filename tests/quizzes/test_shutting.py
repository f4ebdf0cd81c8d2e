"""A last day that is moved into the past, by a quarantine cancelled or by an editor, while somebody is playing."""

from datetime import UTC, datetime, timedelta

import pytest

from services.quizzes.closing import PROTECTED, shut_after
from services.quizzes.models import Attempt, Quiz
from tests.quizzes import making
from tests.quizzes.house import House
from tests.quizzes.making import Player
from tests.quizzes.test_deadlines import decide
from tests.support import library_time

NOW = datetime(2026, 2, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("stood", "closes_at", "until"),
    [
        (NOW + 96 * HOUR, NOW - 36 * HOUR, NOW + PROTECTED),
        (None, NOW - 36 * HOUR, NOW + PROTECTED),
        (NOW + 96 * HOUR, NOW + HOUR / 3, NOW + PROTECTED),
        (NOW + HOUR / 3, NOW - 36 * HOUR, NOW + HOUR / 3),
        (NOW - HOUR, NOW - 36 * HOUR, NOW - HOUR),
        (NOW - 36 * HOUR, NOW - HOUR, None),
        (NOW - 36 * HOUR, NOW + 36 * HOUR, None),
        (NOW + 36 * HOUR, NOW + 12 * HOUR, None),
        (NOW + 36 * HOUR, None, None),
    ],
)
def test_attempts_close_no_sooner_than_was_said_or_in_an_hour(stood, closes_at, until):
    assert shut_after(stood, closes_at, NOW) == until


def today(days: int = 0) -> str:
    return (library_time.today() + timedelta(days=days)).isoformat()


@pytest.fixture
def playing(house: House) -> Player:
    """Two days after the last day agreed, while a closure keeps the quiz open; one answer given."""
    house.branch("oskemen")
    quiz = making.published(house, branch_id="oskemen", closes_on=today(), review={"answers": "after_close"})
    decide(house, starts_on=today(), ends_on=today(4))
    house.later(days=2)
    house.tick()
    house.registered("R-1")
    player = Player.begins(house, quiz["id"], house.reader("R-1"))
    player.answers(player.item(0)["id"], 0)
    house.later(minutes=10)
    return player


def cancel(house: House) -> None:
    decide(house, 2, "cancelled", starts_on=today(), ends_on=today(4))
    house.tick()


def test_cancelling_a_quarantine_takes_no_answer_from_who_is_playing(house, playing):
    agreed = house.ask("GET", f"/{playing.view['quiz']['id']}")["original_closes_on"]
    cancel(house)
    face = house.ask("GET", f"/{playing.view['quiz']['id']}")
    assert (face["closes_on"], face["state"], face["open"]) == (agreed, "closed", False)
    assert playing.looks()["state"] == "open"
    second = playing.item(1)["id"]
    late = playing.saving(playing.known_as(second, 0), ago=60)
    (offline,) = playing.sends((second, late))
    assert offline["saved"] is True
    refused = house.ask("POST", f"/{face['id']}/attempts", house.reader("R-2"), 409, json={})
    assert refused["reason"] == "closed"
    assert playing.finishes()["percent"] == 100.0


def test_what_was_given_before_the_shutting_arrives_for_a_day_and_then_it_is_graded(house, playing):
    first, second = (playing.item(at)["id"] for at in (0, 1))
    known = playing.known_as(second, 0)
    cancel(house)
    house.later(hours=2)
    house.tick()
    assert playing.saves(second, known).json["reason"] == "closed"
    house.later(hours=21)
    house.tick()
    assert playing.saves(second, known, ago=22.5 * 3600).json["saved"] is True
    house.later(hours=3)
    assert playing.saves(first, None, ago=25.5 * 3600).json["reason"] == "closed"
    house.tick()
    assert playing.looks()["result"]["percent"] == 100.0


def test_right_answers_are_not_shown_while_somebody_may_still_finish(house, playing):
    early = Player.begins(house, playing.view["quiz"]["id"], house.reader("R-2"))
    cancel(house)
    assert [line["right"] for line in early.finishes()["review"]] == [None, None]
    house.later(hours=2)
    assert all(line["right"] for line in early.looks()["result"]["review"])


def test_an_editor_who_moves_the_last_day_into_the_past_takes_no_answer_either(house):
    quiz = making.published(house, closes_on=today(5))
    player = Player.begins(house, quiz["id"], house.reader("R-1"))
    house.later(days=2)
    item_id, known = player.item(0)["id"], player.known_as(player.item(0)["id"], 0)
    editor = house.staff("editor")
    for change in ({"closes_on": today(-1)}, {"per_page": 2}, {"closes_on": today(-2)}):
        house.ask("PATCH", f"/{quiz['id']}", editor, json=change)
    house.tick()
    assert player.saves(item_id, known, ago=3600).json["saved"] is True
    (row,) = house.rows(Quiz, id=quiz["id"])
    assert row.closes_on.isoformat() == today(-2)
    house.ask("PATCH", f"/{quiz['id']}", editor, json={"closes_on": today(9)})
    house.later(hours=30)
    house.tick()
    assert player.saves(item_id, None).json["saved"] is True
    assert [row.shut_at for row in house.rows(Quiz, id=quiz["id"])] == [None]
    assert [row.state for row in house.rows(Attempt)] == ["open"]
