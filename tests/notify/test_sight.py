"""Staff of one branch know of its readers, as in accounts: of no other's messages, telephones, papers and numbers."""

from __future__ import annotations

import pytest

from shared.auth import Principal
from tests.notify import builders as make
from tests.notify.house import House, move
from tests.notify.test_console import DAYS

HERE, THERE = (Principal(f"staff:{at}", "staff", roles={"librarian": [at]}) for at in ("here", "there"))
BOTH = Principal("staff:both", "staff", roles={"librarian": ["here"], "operator": ["there"]})
OPERATOR = Principal("staff:operator", "staff", roles={"operator": ["there"]})
EVERYWHERE = Principal("staff:all", "staff", roles={"librarian": "all", "operator": "all"})
PUPIL = {"school": "№12", "school_class": "5Ә"}


@pytest.fixture
def library(house: House) -> House:
    """A mother here whose child reads there; one with a telephone here, there and at no branch."""
    house.hear(
        make.reader("M-1", given_name="Іңкәр", home_branch_id="here"),
        make.child("M-1", card="C-1", given_name="Ғалым", home_branch_id="there", **PUPIL),
        make.reader("H-1", email=None, phone="+77051112233", given_name="Анна", home_branch_id="here"),
        make.reader("T-1", email=None, phone="+77051112244", given_name="Ерік", home_branch_id="there"),
        make.reader("O-1", email=None, phone="+77051112255", given_name="Өмірбек", home_branch_id=None),
    )
    house.quarantine_id = house.declare(*(move(card, f"L-{card}") for card in ("M-1", "C-1", "H-1", "T-1", "O-1")))
    house.deliver()
    return house


def items(house: House, path: str, who: Principal) -> list[dict]:
    answer = house.call("GET", path, who, query_string={"quarantine_id": house.quarantine_id})
    assert answer.status_code == 200, answer.text
    return answer.json["items"]


def cards(house: House, path: str, who: Principal) -> set[str]:
    return {each["card_number"] for each in items(house, path, who)}


def asked_for(rows: list[dict]) -> set[str]:
    return {row["ask_for"].split()[0] for row in rows}


def test_messages_are_those_to_or_about_ones_own_readers(library: House) -> None:
    assert cards(library, "/notices", HERE) == {"M-1", "H-1", "O-1"}
    assert cards(library, "/notices", THERE) == {"M-1", "T-1", "O-1"}, "the mother's is about a child of theirs"
    assert len(cards(library, "/notices", EVERYWHERE)) == 4
    hers = {each["card_number"]: each["id"] for each in items(library, "/notices", EVERYWHERE)}["H-1"]
    outcome = {"way": "call", "result": "reached"}
    for method, deed, body in (
        ("GET", "", None),
        ("POST", "/retry", None),
        ("POST", "/outcome", outcome),
        ("POST", "/bounce", {"channel": "email", "reason": "gone"}),
        ("DELETE", "/link", None),
    ):
        answer = library.call(method, f"/notices/{hers}{deed}", THERE, **({"json": body} if body else {}))
        assert answer.status_code == 404, (deed, answer.text)
    assert library.call("GET", f"/notices/{hers}", HERE).status_code == 200


def test_the_call_queue_holds_ones_own_households(library: House) -> None:
    body = {"quarantine_id": library.quarantine_id}
    assert asked_for(items(library, "/notices/unreachable", THERE)) == {"Ерік", "Өмірбек"}
    taken = library.call("POST", "/notices/calls/take", THERE, json=body).json["items"]
    assert asked_for(taken) == {"Ерік", "Өмірбек"}
    totals = library.call("GET", "/notices/unreachable/totals", HERE, query_string=body).json
    assert (totals["calls"], totals["taken"]) == (1, 1), "of the two taken there, one is nobody's"
    (queue,) = library.call("GET", "/notices/unreachable/queues", THERE).json["items"]
    assert queue["households"] == 2
    left = library.call("POST", "/notices/calls/take", HERE, json=body).json["items"]
    assert asked_for(left) == {"Анна"}


def test_who_cannot_call_counts_for_the_branches_they_may_close(library: House) -> None:
    query = {"quarantine_id": library.quarantine_id}
    assert library.call("GET", "/notices/unreachable/totals", OPERATOR, query_string=query).json["calls"] == 2
    assert cards(library, "/notices/failed", OPERATOR) == {"T-1", "O-1"}
    assert cards(library, "/notices/failed", HERE) == {"H-1", "O-1"}
    assert cards(library, "/notices/failed", BOTH) == {"H-1", "T-1", "O-1"}
    ids = [each["id"] for each in items(library, "/notices/failed", EVERYWHERE)]
    library.hear(*(make.reader(card, version=2, email=f"{card}@example.org") for card in ("H-1", "T-1", "O-1")))
    library.hear(make.reader("H-1", version=3, email="h@example.org", home_branch_id="here"))
    library.hear(make.reader("T-1", version=3, email="t@example.org", home_branch_id="there"))
    body = {"quarantine_id": library.quarantine_id, "notice_ids": ids}
    assert library.call("POST", "/notices/failed/retry", OPERATOR, json=body).json["again"] == 2


def test_papers_and_numbers_are_of_ones_own_readers(library: House) -> None:
    assert items(library, "/notices/papers/slips", HERE) == []
    assert len(items(library, "/notices/papers/slips", THERE)) == len(items(library, "/notices/papers/slips", BOTH)) + 1
    for who, readers, failed in ((HERE, {"here": 1}, 2), (THERE, {"there": 1}, 2), (EVERYWHERE, None, 3)):
        found = library.call("GET", "/notices/report", who, query_string=DAYS).json
        told = {each["key"]: each["readers"] for each in found["by_branch"]}
        assert told == (readers or {"here": 1, "there": 1}) and found["not_told"] == failed
    row = next(each for each in items(library, "/notices/unreachable", HERE) if each["ask_for"].startswith("Анна"))
    library.call("POST", f"/notices/{row['notice_id']}/outcome", HERE, json={"way": "call", "result": "reached"})
    by_hand = {"way": "call", "result": "reached", "tries": 1}
    for who in (HERE, THERE):
        tries = library.call("GET", "/notices/report", who, query_string=DAYS).json["attempts"]
        assert (by_hand in tries) == (who is HERE)
