"""The call queue: two clerks, three tries, letters, and what must be known to call."""

from typing import Any

from sqlalchemy import select

from services.notify.models import Suppression, Viewing
from shared.auth import Principal
from tests.notify import builders as make
from tests.notify.house import COLLEAGUE, LIBRARIAN, House, listed, move


def without_mail(house: House, number: int) -> None:
    cards = [f"P-{each:02}" for each in range(number)]
    house.hear(*(make.reader(card, email=None, phone=f"+770511122{card[2:]}") for card in cards))
    house.quarantine_id = house.declare(*(move(card, f"L-{card}") for card in cards))


def take(house: House, who: Principal) -> list[dict[str, Any]]:
    body = {"quarantine_id": house.quarantine_id}
    items: list[dict[str, Any]] = house.call("POST", "/notices/calls/take", who, json=body).json["items"]
    return items


def test_two_clerks_call_different_families(house: House) -> None:
    without_mail(house, 15)
    mine, theirs = take(house, LIBRARIAN), take(house, COLLEAGUE)
    assert (len(mine), len(theirs)) == (10, 5)
    assert not {row["phone"] for row in mine} & {row["phone"] for row in theirs}
    ids = {row["notice_id"] for row in mine}
    assert {row["notice_id"] for row in take(house, LIBRARIAN)} == ids
    assert {row["notice_id"] for row in listed(house, LIBRARIAN)} == ids
    house.later(hours=2, minutes=1)
    assert len(listed(house, LIBRARIAN)) == 15


def test_what_to_say_and_to_whom(house: House) -> None:
    house.hear(make.reader("M-1", email=None, phone="+77051112233"), make.child("M-1", card="C-1", given_name="Айша"))
    house.quarantine_id = house.declare(move("C-1", "L-C"))
    (row,) = listed(house, LIBRARIAN)
    assert (row["ask_for"], row["phone"], row["way"], row["no_guardian"]) == (
        "Айгерім Ахметова",
        "+77051112233",
        "call",
        False,
    )
    assert "Айша" in row["say"]
    with house.database.reading() as session:
        (viewing,) = session.scalars(select(Viewing))
    assert (viewing.by, viewing.addressees) == ("staff:1", [row["notice_id"]])


def test_nobody_answers_three_times_then_a_letter(house: House) -> None:
    without_mail(house, 1)
    for tries in (1, 2, 3):
        (row,) = take(house, LIBRARIAN)
        outcome = {"way": "call", "result": "no_answer"}
        assert house.call("POST", f"/notices/{row['notice_id']}/outcome", LIBRARIAN, json=outcome).status_code == 200
        if tries < 3:
            assert listed(house, LIBRARIAN) == []
            house.later(days=1)
    assert take(house, LIBRARIAN) == []
    (row,) = listed(house, LIBRARIAN)
    assert (row["way"], row["tries"]) == ("letter", 3)
    letter = {"way": "letter", "result": "handed_over"}
    assert house.call("POST", f"/notices/{row['notice_id']}/outcome", LIBRARIAN, json=letter).json["state"] == "sent"
    assert listed(house, LIBRARIAN) == []


def test_a_wrong_number_asks_for_a_letter(house: House) -> None:
    without_mail(house, 1)
    (row,) = take(house, LIBRARIAN)
    outcome = {"way": "call", "result": "wrong_number"}
    house.call("POST", f"/notices/{row['notice_id']}/outcome", LIBRARIAN, json=outcome)
    assert [each["way"] for each in listed(house, LIBRARIAN)] == ["letter"]
    with house.database.reading() as session:
        assert session.get(Suppression, ("sms", row["phone"])) is not None


def test_refused_is_left_in_peace_but_not_told(house: House) -> None:
    without_mail(house, 1)
    (row,) = take(house, LIBRARIAN)
    outcome = {"way": "call", "result": "refused"}
    house.call("POST", f"/notices/{row['notice_id']}/outcome", LIBRARIAN, json=outcome)
    assert listed(house, LIBRARIAN) == []
    assert house.notice().state == "failed"
