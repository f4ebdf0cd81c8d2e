"""The preview counts the notices that the release then writes: who knows the day already gets none."""

import uuid
from typing import Any

import pytest

from services.notify.lines import UnsettledBook, UnsettledDate, cards_with_books, cards_with_dates
from shared import auth
from tests.notify import builders as make
from tests.notify.house import AFTER, LATER, SOON, House, move

SERVICE = auth.Principal("quarantines", "service")


def foreseen(house: House, event: Any, *again: dict[str, Any], cards: Any = (), dates: Any = ()) -> dict[str, Any]:
    """What the decision in this event would write, when loans moves these books."""
    body = {"quarantine": event.data, "cards": list(cards), "again": list(again), "dates": list(dates)}
    answer = house.call("POST", "/notices/preview", SERVICE, json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def back(*pairs: tuple[str, str], to: str = SOON) -> dict[str, Any]:
    return {"now": to, "loans": [loan for loan, _ in pairs], "cards": [card for _, card in pairs]}


@pytest.fixture
def told(house: House) -> tuple[House, str]:
    """Two readers whose books moved: one has been told by mail, the other cannot be reached."""
    house.hear(make.reader("R-1"), make.reader("R-2", email=None))
    quarantine = house.declare(move("R-1", "a"), move("R-2", "b"))
    house.deliver()
    return house, quarantine


def written(house: House, quarantine: str, version: int) -> list[str]:
    return [each.addressee for each in house.notices(quarantine_id=quarantine, version=version)]


def test_an_undoing_is_told_to_those_who_were_told_otherwise(told: tuple[House, str]) -> None:
    house, quarantine = told
    seen = foreseen(house, make.quarantine(quarantine, 2, "cancelled"), back(("a", "R-1"), ("b", "R-2")))
    undone = [move(card, loan, AFTER, SOON, 3) for card, loan in (("R-1", "a"), ("R-2", "b"))]
    house.declare(*undone, quarantine_id=quarantine, version=2, state="cancelled")
    assert (seen["notices"], seen["unreachable"]) == (1, 0)
    assert written(house, quarantine, 2) == ["card:R-1"]


def test_an_extension_is_told_to_all(told: tuple[House, str]) -> None:
    house, quarantine = told
    further = back(("a", "R-1"), ("b", "R-2"), to=LATER)
    seen = foreseen(house, make.quarantine(quarantine, 2, "changed"), further)
    house.declare(
        *(move(card, loan, AFTER, LATER, 3) for card, loan in (("R-1", "a"), ("R-2", "b"))),
        quarantine_id=quarantine, version=2, state="changed",
    )  # fmt: skip
    assert (seen["notices"], seen["unreachable"], seen["already_told"]) == (2, 1, 1)
    assert written(house, quarantine, 2) == ["card:R-1", "card:R-2"]


def test_what_a_former_version_moved_and_has_not_told_is_told_with_the_next(house: House) -> None:
    house.hear(make.reader("R-1"))
    quarantine = house.declare(move("R-1", "a"))
    assert foreseen(house, make.quarantine(quarantine, 2, "changed"))["notices"] == 1
    house.declare(quarantine_id=quarantine, version=2, state="changed")
    assert written(house, quarantine, 2) == ["card:R-1"]


def test_another_closure_that_waits_in_the_queue_counts_as_told(house: House) -> None:
    house.hear(make.reader("R-1"))
    house.declare(move("R-1", "a"))
    other = make.quarantine(quarantine := str(uuid.uuid4()))
    house.hear(make.moved(quarantine, str(uuid.uuid4()), "R-1", make.change("a", AFTER, LATER, 3)))
    assert foreseen(house, other, back(("a", "R-1"), to=AFTER))["notices"] == 0
    assert foreseen(house, other, back(("a", "R-1"), to=SOON))["notices"] == 1


def test_who_has_only_another_day_that_moves_gets_a_digest_too(house: House) -> None:
    house.hear(make.reader("R-1"), make.reader("R-2"), make.child("R-2", card="C-1"), make.reader("R-3"))
    card = {"service": "accounts", "kind": "card", "now": AFTER, "cards": ["R-1", "C-1"]}
    test = {"service": "quizzes", "kind": "quiz", "id": "q", "now": None, "cards": ["R-2"]}
    endless = {"service": "accounts", "kind": "card", "now": None, "cards": ["R-3"]}
    seen = foreseen(house, make.quarantine(str(uuid.uuid4())), dates=[card, test, endless])
    assert (seen["notices"], seen["by_channel"]) == (2, {"email": 2})


@pytest.mark.parametrize("announce", [True, False])
def test_announcements_are_a_number_of_their_own(house: House, announce: bool) -> None:
    home = {"home_branch_id": "ortalyq"}
    readers = [make.reader("R-1", **home), make.reader("R-2", **home), make.child("R-2", card="C-1", **home)]
    house.hear(*readers, make.reader("R-3", home_branch_id="elsewhere"))
    event = make.quarantine(str(uuid.uuid4()))
    event.data["announce"] = announce
    run = str(uuid.uuid4())
    seen = foreseen(house, event, cards=["R-1"])
    assert (seen["notices"], seen["announcements"]) == (1, int(announce))
    house.hear(event, make.moved(event.data["quarantine_id"], run, "R-1", make.change("a", SOON, AFTER)))
    house.hear(make.ended(event.data["quarantine_id"], run, 1), *make.others_ended(event.data["quarantine_id"]))
    house.work()
    kinds = [each.kind for each in house.notices()]
    assert (kinds.count("digest"), kinds.count("announcement")) == (1, int(announce))
    cancelled = make.quarantine(event.data["quarantine_id"], 2, "cancelled")
    cancelled.data["announce"] = announce
    assert foreseen(house, cancelled, back(("a", "R-1")))["announcements"] == 0


def test_books_by_what_their_reader_knows() -> None:
    again = [{"now": 3, "loans": ["a", "b", "c"], "cards": ["A", "B", "C"]}]
    assert cards_with_books(again, {}) == {"A", "B", "C"}
    unsettled = {
        "a": UnsettledBook("A", 2, 3, True),
        "b": UnsettledBook("B", 2, 1, False),
        "d": UnsettledBook("D", 2, 1, True),
        "e": UnsettledBook("E", 2, 1, False),
    }
    assert cards_with_books(again, unsettled) == {"B", "C", "D"}


def test_other_days_by_what_their_reader_knows() -> None:
    groups = [{"service": "s", "kind": "card", "id": None, "now": 3, "cards": ["A", "B"]}]
    assert cards_with_dates(groups, {}) == {"A", "B"}
    unsettled = {
        ("A", "s", ""): UnsettledDate("card", 2, 3),
        ("C", "s", ""): UnsettledDate("card", None, 3),
        ("D", "t", "q"): UnsettledDate("quiz", None, 3),
    }
    assert cards_with_dates(groups, unsettled) == {"B", "D"}
    assert cards_with_dates([groups[0] | {"now": None}], {}) == set()


@pytest.mark.parametrize("wrong", [{"cards": "all"}, {"cards": [1]}, {"again": [back(("a", "R-1")) | {"cards": []}]}])
def test_what_cannot_be_counted_is_refused(house: House, wrong: dict[str, Any]) -> None:
    body = {"quarantine": make.quarantine(str(uuid.uuid4())).data, "cards": []} | wrong
    assert house.call("POST", "/notices/preview", SERVICE, json=body).status_code == 422
