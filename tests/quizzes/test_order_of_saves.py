"""Answers may come twice, late, from two tabs and in any order: what is kept at the end is always the same."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.quizzes import making as make
from tests.quizzes.house import House
from tests.quizzes.making import Player

QUESTIONS = [make.single("First?"), make.single("Second?")]


@st.composite
def tapping(draw: st.DrawFn) -> list[tuple[int, int | None, str, int, float]]:
    """(question, choice or none, tab, the tab's count, seconds after the beginning) of each answer given."""
    given_at, counts, said = 0.0, {"a": 0, "b": 0}, []
    for _ in range(draw(st.integers(1, 6))):
        given_at += draw(st.sampled_from([0.0, 0.001, 30.0]))
        tab = draw(st.sampled_from("ab"))
        counts[tab] += 1
        answer = draw(st.none() | st.integers(0, 2))
        said.append((draw(st.integers(0, 1)), answer, tab, counts[tab], given_at))
    return said


def bodies(player: Player, said: list[tuple[int, int | None, str, int, float]]) -> list[tuple[str, dict[str, Any]]]:
    begun = datetime.fromisoformat(player.view["started_at"])
    found = []
    for at, answer, tab, number, seconds in said:
        item = player.item(at)
        shown = None if answer is None else item["choices"][answer]["id"]
        when = (begun + timedelta(seconds=seconds)).isoformat()
        found.append((item["id"], {"answer": shown, "device": tab, "number": number, "given_at": when}))
    return found


def newest(player: Player, said: list[tuple[int, int | None, str, int, float]]) -> dict[str, int | None]:
    """Question -> the choice given last, by the moment, the tab and its count."""
    ordered = sorted(said, key=lambda each: (each[4], each[2], each[3]))
    return {player.item(at)["text"]["en"]: answer for at, answer, *_ in ordered}


def kept(player: Player) -> dict[str, int | None]:
    found = {}
    answers = player.kept()
    for item in (player.item(0), player.item(1)):
        if item["id"] in answers:
            ids = [choice["id"] for choice in item["choices"]]
            answer = answers[item["id"]]
            found[item["text"]["en"]] = None if answer is None else ids.index(answer)
    return found


@given(tapping(), st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_order_of_arrival_keeps_the_same(house: House, said, data):
    quiz = house.ask("GET", "")["items"] or [make.published(house, QUESTIONS)]
    player = Player.begins(house, quiz[0]["id"], house.reader(uuid.uuid4().hex))
    arriving = bodies(player, said)
    arriving += data.draw(st.lists(st.sampled_from(arriving), max_size=3))
    arriving = data.draw(st.permutations(arriving))
    house.later(minutes=5)
    split = data.draw(st.integers(0, len(arriving)))
    for item_id, body in arriving[:split]:
        house.ask("PUT", f"/attempts/{player.id}/answers/{item_id}", player.headers, json=body)
    if arriving[split:]:
        player.sends(*arriving[split:])
    assert kept(player) == newest(player, said)
