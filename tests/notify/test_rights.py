"""Staff of some branches work with the messages of families at home there, or whose books of these branches moved."""

from __future__ import annotations

from typing import Any

import pytest

from shared.auth import Principal
from tests.notify import builders as make
from tests.notify.house import House, move

EVERYWHERE = Principal("staff:1", "staff", roles={"librarian": "all"})
PHONE = "+77051112233"


def at(branch: str, role: str = "librarian") -> Principal:
    return Principal(f"staff:{branch}", "staff", roles={role: [branch]})


@pytest.fixture
def district(house: House) -> House:
    """Three families: at home in one place with a book of it, with a book of another, and a pupil of the other."""
    house.hear(
        make.reader("R-1", given_name="Айна", email=None, phone=PHONE, home_branch_id="ridder"),
        make.reader("R-2", given_name="Болат", email=None, home_branch_id="ridder"),
        make.reader("O-1", given_name="Вера", email=None, home_branch_id="ortalyq", school="№1", school_class="5Ә"),
    )
    card, at_ridder = move("R-1", "L-1")
    moves = [(card, at_ridder | {"branch_id": "ridder"}), move("R-2", "L-2"), move("O-1", "L-3")]
    house.quarantine_id = house.declare(*moves)
    return house


def seen(house: House, path: str, who: Principal, name: str) -> list[Any]:
    sep = "&" if "?" in path else "?"
    answer = house.call("GET", f"/notices{path}{sep}quarantine_id={house.quarantine_id}", who)
    assert answer.status_code == 200, answer.text
    return sorted(str(each[name]).partition(" ")[0] for each in answer.json["items"])


WHO_SEES = {"all": ["Айна", "Болат", "Вера"], "ridder": ["Айна", "Болат"], "ortalyq": ["Болат", "Вера"], "other": []}


@pytest.mark.parametrize("branch", WHO_SEES)
def test_each_list_holds_the_families_of_ones_branches(district: House, branch: str) -> None:
    names = WHO_SEES[branch]
    who = EVERYWHERE if branch == "all" else at(branch)
    assert seen(district, "", who, "recipient") == names
    assert seen(district, "/unreachable", who, "ask_for") == names
    assert seen(district, "/failed", who, "recipient") == names
    operator = who if branch == "all" else at(branch, "operator")
    assert seen(district, "/failed", operator, "recipient") == names
    totals = district.call("GET", f"/notices/unreachable/totals?quarantine_id={district.quarantine_id}", who).json
    assert totals["calls"] + totals["letters"] == len(names)
    letters = [name for name in names if name != "Айна"]
    assert seen(district, "/papers/letters", who, "recipient") == letters
    assert seen(district, "/papers/slips", who, "school_class") == (["5Ә"] if "Вера" in names else [])


def test_nobody_does_anything_about_a_family_of_other_branches(district: House) -> None:
    aina = next(each for each in district.notices() if each.recipient.startswith("Айна"))
    away, home = at("ortalyq"), at("ridder")
    outcome = {"way": "call", "result": "reached"}
    taking = {"json": {"quarantine_id": district.quarantine_id}}
    assert district.call("POST", "/notices/calls/take", away, **taking).json["items"] == []
    for method, path, sent in (
        ("GET", f"/notices/{aina.id}", {}),
        ("POST", f"/notices/{aina.id}/retry", {}),
        ("DELETE", f"/notices/{aina.id}/link", {}),
        ("POST", f"/notices/{aina.id}/outcome", {"json": outcome}),
    ):
        assert district.call(method, path, away, **sent).status_code == 404, path
    (row,) = district.call("POST", "/notices/calls/take", home, **taking).json["items"]
    assert (row["notice_id"], row["phone"]) == (aina.id, PHONE)
    assert district.call("POST", f"/notices/{aina.id}/outcome", home, json=outcome).status_code == 200
