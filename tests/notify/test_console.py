"""What the console asks of notify: search, the work list in numbers, papers, the report, who did what; and wishes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared import clock
from shared.auth import Principal
from tests.notify import builders as make
from tests.notify.house import AFTER, LIBRARIAN, House, move
from tests.support import library_time

COLLEAGUE = Principal("staff:2", "staff", roles={"librarian": "all"})
ADMIN = Principal("staff:3", "staff", roles={"admin": "all"})
PHONE = "+77051112233"
DAYS = {
    "since": (library_time.today() - timedelta(days=2)).isoformat(),
    "until": (library_time.today() + timedelta(days=2)).isoformat(),
}


def reader(card: str) -> Principal:
    return Principal(f"reader:{card}", "reader", card_number=card)


@pytest.fixture
def family(house: House) -> House:
    """A mother with mail and her child; a neighbour with a phone; another with nothing."""
    house.hear(
        make.reader("M-1", given_name="Іңкәр", family_name="Үсенова"),
        make.child("M-1", card="C-1", given_name="Ғалым", school="№12", school_class="5Ә"),
        make.reader("N-1", email=None, phone=PHONE, language="ru", given_name="Анна"),
        make.reader("N-2", email=None, given_name="Өмірбек"),
    )
    moves = [move("M-1", "L-M"), move("C-1", "L-C"), move("N-1", "L-N"), move("N-2", "L-O")]
    house.quarantine_id = house.declare(*moves)
    return house


def titles(house: House, **query: str) -> list[str]:
    found = house.call("GET", "/notices", LIBRARIAN, query_string=query)
    assert found.status_code == 200, found.text
    return sorted(item["recipient"] for item in found.json["items"])


def test_messages_are_found_by_name_card_subject_and_way(family: House) -> None:
    family.deliver()
    mother = ["Іңкәр Үсенова"]
    for written in ("усенова", "ИНКАР Үсенова", "M-1", "C-1", "галым"):
        assert titles(family, search=written) == mother, written
    assert titles(family, search="қайтару мерзімі") == mother
    assert titles(family, search="%") == [] and len(titles(family)) == 3
    assert titles(family, channel="email") == mother and titles(family, language="ru") == ["Анна Ахметова"]
    assert family.call("GET", "/notices?channel=pigeon", LIBRARIAN).status_code == 422


def totals(house: House, who: Principal = LIBRARIAN) -> dict[str, int]:
    address = f"/notices/unreachable/totals?quarantine_id={house.quarantine_id}"
    return dict(house.call("GET", address, who).json)


def take(house: House, who: Principal = LIBRARIAN) -> list[dict]:
    return house.call("POST", "/notices/calls/take", who, json={"quarantine_id": house.quarantine_id}).json["items"]


def test_the_work_list_in_numbers(family: House) -> None:
    assert totals(family) == {"calls": 1, "letters": 1, "no_guardian": 0, "taken": 0, "later": 0}
    (row,) = take(family)
    assert totals(family)["calls"] == 1
    assert (totals(family, COLLEAGUE)["calls"], totals(family, COLLEAGUE)["taken"]) == (0, 1)
    outcome = {"way": "call", "result": "no_answer"}
    family.call("POST", f"/notices/{row['notice_id']}/outcome", LIBRARIAN, json=outcome)
    assert totals(family) == {"calls": 0, "letters": 1, "no_guardian": 0, "taken": 0, "later": 1}


def test_one_sees_what_one_has_taken(family: House) -> None:
    address = f"/notices/unreachable?quarantine_id={family.quarantine_id}"
    assert family.call("GET", f"{address}&mine=true", LIBRARIAN).json["items"] == []
    take(family)
    assert [row["phone"] for row in family.call("GET", f"{address}&mine=true", LIBRARIAN).json["items"]] == [PHONE]
    assert family.call("GET", f"{address}&mine=true", COLLEAGUE).json["items"] == []
    ways = {way: family.call("GET", f"{address}&way={way}", LIBRARIAN).json["items"] for way in ("call", "letter")}
    assert {way: [row["ask_for"] for row in rows] for way, rows in ways.items()} == {
        "call": ["Анна Ахметова"],
        "letter": ["Өмірбек Ахметова"],
    }


def test_a_family_is_found_on_the_work_list_by_a_name_or_a_card(family: House) -> None:
    def found(search: str) -> list[str]:
        query = {"quarantine_id": family.quarantine_id, "search": search}
        rows = family.call("GET", "/notices/unreachable", LIBRARIAN, query_string=query).json["items"]
        return [row["ask_for"] for row in rows]

    assert found("ахметова АННА") == ["Анна Ахметова"]
    assert found("омирбек") == ["Өмірбек Ахметова"]
    assert found("nobody") == []


def test_the_queues_with_somebody_left_are_listed_whatever_became_of_the_quarantine(family: House) -> None:
    def queues() -> dict[str, int]:
        items = family.call("GET", "/notices/unreachable/queues", LIBRARIAN).json["items"]
        return {each["quarantine_id"]: each["households"] for each in items}

    family.deliver()
    waiting = family.call("GET", f"/notices/unreachable?quarantine_id={family.quarantine_id}", LIBRARIAN).json["items"]
    assert queues() == {family.quarantine_id: len(waiting)} and waiting
    for row in waiting:
        body = {"way": "call", "result": "reached"}
        family.call("POST", f"/notices/{row['notice_id']}/outcome", LIBRARIAN, json=body)
    assert queues() == {}


def test_the_text_for_chats_takes_back_what_was_undone(family: House) -> None:
    path = f"/notices/papers/chats?quarantine_id={family.quarantine_id}"
    assert family.call("GET", path, LIBRARIAN).json["case"] == "now"
    family.declare(quarantine_id=family.quarantine_id, version=2, state="cancelled")
    undone = family.call("GET", path, LIBRARIAN).json
    assert undone["case"] == "undone" and "Исправление" in undone["texts"]["ru"]


def test_chats_slips_and_letters_say_no_titles_but_where_they_must(family: House) -> None:
    query = f"?quarantine_id={family.quarantine_id}"
    chats = family.call("GET", f"/notices/papers/chats{query}", LIBRARIAN).json
    assert set(chats["texts"]) == {"kk", "ru", "en"} and chats["texts"]["kk"].startswith("Құрметті ата-аналар!")
    (sheet,) = family.call("GET", f"/notices/papers/slips{query}", LIBRARIAN).json["items"]
    assert (sheet["school"], sheet["school_class"]) == ("№12", "5Ә")
    assert sheet["slips"] == [{"name": "Ғалым А", "language": "kk", "days": [{"day": AFTER, "books": 1}]}]
    (letter,) = family.call("GET", f"/notices/papers/letters{query}", LIBRARIAN).json["items"]
    assert letter["recipient"] == "Өмірбек Ахметова" and "Кімге: Өмірбек Ахметова" in letter["body"]
    handed = {"way": "letter", "result": "handed_over"}
    family.call("POST", f"/notices/{letter['notice_id']}/outcome", LIBRARIAN, json=handed)
    assert family.call("GET", f"/notices/papers/letters{query}", LIBRARIAN).json["items"] == []


def test_numbers_of_a_period_name_nobody(family: House) -> None:
    family.deliver()
    (row,) = take(family)
    reached = {"way": "call", "result": "reached"}
    family.call("POST", f"/notices/{row['notice_id']}/outcome", LIBRARIAN, json=reached)
    report = family.call("GET", "/notices/report", LIBRARIAN, query_string=DAYS).json

    def counted(part: str) -> dict[str, tuple[int, int]]:
        return {each["key"]: (each["households"], each["readers"]) for each in report[part]}

    assert counted("by_way") == {"email": (1, 2), "call": (1, 1)}
    assert counted("by_language") == {"kk": (1, 2), "ru": (1, 1)}
    assert counted("by_age") == {"7-10": (1, 1), "30+": (2, 2)}
    assert report["not_told"] == 1
    assert {"way": "call", "result": "reached", "tries": 1} in report["attempts"]
    long_ago = {"since": "2020-01-01", "until": "2020-02-29"}
    assert family.call("GET", "/notices/report", LIBRARIAN, query_string=long_ago).json["by_way"] == []


def test_who_called_and_who_saw_phone_numbers_is_told(family: House) -> None:
    (row,) = take(family)
    outcome = {"way": "call", "result": "no_answer", "note": "кешке"}
    family.call("POST", f"/notices/{row['notice_id']}/outcome", COLLEAGUE, json=outcome)
    deeds = family.call("GET", "/notices/acts", ADMIN).json["items"]
    assert [(deed["who"], deed["what"]) for deed in deeds] == [("staff:2", "call: no_answer"), ("staff:1", "viewed")]
    assert (deeds[0]["note"], deeds[0]["notice_id"], deeds[1]["notice_id"]) == ("кешке", row["notice_id"], None)
    first = family.call("GET", "/notices/acts?limit=1", ADMIN).json
    rest = family.call("GET", f"/notices/acts?limit=1&cursor={first['next']}", ADMIN).json
    assert [*first["items"], *rest["items"]] == deeds and rest["next"] is None

    def found(**query: str) -> list[str]:
        return [each["what"] for each in family.call("GET", "/notices/acts", ADMIN, query_string=query).json["items"]]

    assert deeds[0]["recipient"] == "Анна Ахметова"
    assert found(search="АННА") == found(search="кешке анна") == ["call: no_answer"] and found(search="%") == []
    assert found(who="staff:1") == found(what="viewed") == ["viewed"] and found(who="staff:1", search="анна") == []
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    assert family.call("GET", "/notices/acts", ADMIN, query_string={"since": tomorrow}).json["items"] == []
    assert family.call("GET", "/notices/acts?cursor=WzEsMiwzXQ", ADMIN).status_code == 422


def wish(house: House, card: str, **off: list[str]) -> int:
    return house.call("PUT", "/notices/preferences", reader(card), json={"off": off}).status_code


def remind(house: House, card: str) -> None:
    day = library_time.today().isoformat()
    loan = {"loan_id": f"L-{card}", "card_number": card, "title": "Ұлпан", "author": None, "branch_id": "ortalyq"}
    loan |= {"version": 3, "status": "on_loan", "lent_on": day, "original_due_on": day, "due_on": day, "day": day}
    house.hear(make.event("loan.due_soon.v1", "loans", loan))


def test_what_is_not_wanted_waits_in_the_inbox_and_is_not_sent(house: House) -> None:
    house.hear(make.reader("W-1"), make.reader("W-2"))
    assert wish(house, "W-1", due_soon=["email"]) == 200
    remind(house, "W-1")
    remind(house, "W-2")
    unwanted, wanted = house.notice(card_number="W-1"), house.notice(card_number="W-2")
    assert (unwanted.state, house.deliveries(unwanted.id)) == ("sent", [])
    assert (wanted.state, len(house.deliveries(wanted.id))) == ("queued", 1)
    (seen,) = house.call("GET", "/notices", reader("W-1")).json["items"]
    assert seen["kind"] == "due_soon"


def test_moved_dates_are_always_told(house: House) -> None:
    house.hear(make.reader("W-3"))
    assert wish(house, "W-3", digest=["email"]) == 422
    assert wish(house, "W-3", overdue=["email"], due_soon=["email"], reopening=["email"], announcement=["email"]) == 200
    house.declare(move("W-3", "L-3"))
    assert len(house.deliveries(house.notice(card_number="W-3").id)) == 1


def test_wishes_are_shown_as_they_stand(house: House) -> None:
    house.hear(make.reader("W-4"), make.child("W-4", card="W-5"))
    wish(house, "W-4", due_soon=["email"])
    wish(house, "W-4", overdue=["email", "sms"])
    shown = house.call("GET", "/notices/preferences", reader("W-4")).json
    assert (shown["to_guardian"], shown["channels"]) == (False, ["email"])
    off = {each["kind"]: each["off"] for each in shown["kinds"] if not each["essential"]}
    assert off == {"due_soon": [], "overdue": ["email", "sms"], "reopening": [], "announcement": []}
    assert {each["kind"] for each in shown["kinds"] if each["essential"]} == {"digest", "correction"}
    assert house.call("GET", "/notices/preferences", reader("W-5")).json["to_guardian"] is True
    assert house.call("GET", "/notices/preferences", reader("nobody")).status_code == 404
    assert wish(house, "nobody", overdue=["email"]) == 404


OPERATOR = Principal("staff:4", "staff", roles={"operator": "all"})


def failed(house: House, who: Principal = OPERATOR, **query: str) -> list[dict]:
    query = {"quarantine_id": house.quarantine_id} | query
    found = house.call("GET", "/notices/failed", who, query_string=query)
    assert found.status_code == 200, found.text
    return found.json["items"]


def test_what_reached_nobody_is_listed_for_the_operator_without_its_words(family: House) -> None:
    rows = failed(family)
    assert {(row["card_number"], row["has_address"], row["last_error"]) for row in rows} == {
        ("N-1", False, None),
        ("N-2", False, None),
    }
    assert not {"subject", "body", "deliveries"} & set(rows[0])
    assert [row["card_number"] for row in failed(family, search="омирбек")] == ["N-2"]
    assert failed(family, address="true") == [] and len(failed(family, address="false")) == 2
    first = family.call(
        "GET", "/notices/failed", OPERATOR, query_string={"quarantine_id": family.quarantine_id, "limit": 1}
    )
    rest = failed(family, cursor=first.json["next"])
    assert {first.json["items"][0]["id"], *(row["id"] for row in rest)} == {row["id"] for row in rows}
    assert family.call("GET", "/notices", OPERATOR).status_code == 403


def test_many_are_tried_again_at_once_and_the_refusals_are_summed(family: House) -> None:
    ids = {row["card_number"]: row["id"] for row in failed(family)}
    body = {"quarantine_id": family.quarantine_id, "notice_ids": list(ids.values())}
    refused = family.call("POST", "/notices/failed/retry", OPERATOR, json=body).json
    assert refused["again"] == 0
    (why,) = refused["refused"]
    assert why["notices"] == 2 and why["detail"].startswith("Байланыс дерегі жоқ.")
    family.hear(make.reader("N-2", version=2, given_name="Өмірбек", email="omirbek@example.org"))
    assert [row["card_number"] for row in failed(family, address="true")] == ["N-2"]
    done = family.call("POST", "/notices/failed/retry", OPERATOR, json=body).json
    assert done["again"] == 1 and done["refused"][0]["notices"] == 1
    family.deliver()
    assert [row["card_number"] for row in failed(family)] == ["N-1"]
    other = body | {"quarantine_id": "00000000-0000-0000-0000-000000000001"}
    assert family.call("POST", "/notices/failed/retry", OPERATOR, json=other).json == {"again": 0, "refused": []}
