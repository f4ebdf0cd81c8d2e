"""The day a card expires, moved by the quarantines of its home branch."""

from datetime import date, timedelta

import pytest

from tests.accounts.library import person, quarantine

DATES, CHANGED, STEP = "accounts.dates_changed.v1", "reader.changed.v1", "step.progressed.v1"
FAR = "2027-06-01"


@pytest.fixture
def cards(library):
    library.imported(
        person("IN", home_branch_id="oskemen", card_expires_on="2026-02-10"),
        person("FIRST", home_branch_id="oskemen", card_expires_on="2026-02-02"),
        person("BEFORE", home_branch_id="oskemen", card_expires_on="2026-02-01"),
        person("AFTER", home_branch_id="oskemen", card_expires_on=FAR),
        person("NEVER", home_branch_id="oskemen"),
        person("ELSEWHERE", home_branch_id="ridder", card_expires_on="2026-02-10"),
        person("NOWHERE", card_expires_on="2026-02-10"),
    )
    library.told()
    return library


def days(library):
    listed = library.call("GET", "/readers").json["items"]
    return {item["card_number"]: item["card_expires_on"] for item in listed}


ORIGINALS = {
    "IN": "2026-02-10",
    "FIRST": "2026-02-02",
    "BEFORE": "2026-02-01",
    "AFTER": FAR,
    "NEVER": None,
    "ELSEWHERE": "2026-02-10",
    "NOWHERE": "2026-02-10",
}


def test_cards_that_would_expire_inside_get_the_first_open_day_after_it(cards):
    cards.decide(1)
    assert days(cards) == ORIGINALS | {"IN": "2026-02-16", "FIRST": "2026-02-16"}
    assert cards.get("IN")["original_card_expires_on"] == "2026-02-10"


def test_each_reader_is_told_of_once_and_the_step_ends(cards):
    cards.decide(1)
    told = cards.told(DATES)
    cards.events_seen = 0
    assert [event["card_number"] for event in told] == ["FIRST", "IN"]
    reader_id = cards.get("IN")["id"]
    assert told[1]["changes"] == [
        {"id": reader_id, "kind": "card", "title": "IN", "from": "2026-02-10", "to": "2026-02-16"}
    ]
    changed = [event for event in cards.told(CHANGED) if event["card_number"] == "IN"]
    assert [(event["version"], event["card_expires_on"]) for event in changed] == [(2, "2026-02-16")]
    cards.events_seen = 0
    last = cards.told(STEP)[-1]
    counts = ("step", "state", "done", "total", "failed", "events")
    assert [last[name] for name in counts] == ["cards", "done", 2, 2, 0, 2]


def test_extend_shorten_and_cancel_give_back_every_original(cards):
    cards.decide(1)
    cards.decide(2, "changed", ends_on="2026-02-27", grace_days=1)
    assert days(cards)["IN"] == "2026-03-03"
    cards.decide(3, "changed", ends_on="2026-02-05", grace_days=0)
    assert days(cards) == ORIGINALS | {"FIRST": "2026-02-06"}
    cards.decide(4, "changed", ends_on=None)
    assert days(cards) == ORIGINALS | {"IN": None, "FIRST": None, "AFTER": None}
    cards.decide(5, "lifted", ends_on="2026-02-08")
    assert days(cards) == ORIGINALS | {"FIRST": "2026-02-09"}
    cards.decide(6, "cancelled", ends_on="2026-02-08")
    assert days(cards) == ORIGINALS


def test_lifted_before_its_first_day_it_moves_nothing(cards):
    cards.decide(1)
    cards.decide(2, "lifted", ends_on="2026-02-01")
    assert days(cards) == ORIGINALS


def test_a_decision_that_moves_no_card_ends_its_step_too(cards):
    cards.decide(1, starts_on="2030-01-01", ends_on="2030-01-02")
    (last,) = cards.told(STEP)
    assert (last["state"], last["done"], last["total"], last["events"]) == ("done", 0, 0, 0)


def test_twice_late_and_out_of_order_change_nothing(cards):
    first = cards.hear("quarantine.declared.v1", quarantine(1))
    cards.hear("quarantine.changed.v1", quarantine(2, "changed", ends_on="2026-02-20"))
    cards.work()
    moved = days(cards)
    assert moved["IN"] == "2026-02-23"
    cards.told()
    cards.hear_again(first)
    cards.decide(2, "changed", ends_on="2026-02-20")
    cards.decide(1)
    assert days(cards) == moved
    assert cards.told(DATES, CHANGED, STEP) == []


def test_a_newer_version_ends_the_run_of_the_older(cards):
    cards.hear("quarantine.declared.v1", quarantine(1))
    cards.hear("quarantine.cancelled.v1", quarantine(2, "cancelled"))
    cards.work()
    assert days(cards) == ORIGINALS
    assert {event["version"] for event in cards.told(STEP)} == {2}


def test_a_branch_that_leaves_the_scope_gets_its_days_back(cards):
    cards.decide(1, branches=["oskemen", "ridder"])
    assert days(cards)["ELSEWHERE"] == "2026-02-16"
    cards.hear("quarantine.changed.v1", quarantine(2, "changed", branches=["oskemen"]))
    cards.decide(3, "changed", branches=["oskemen"], ends_on="2026-02-20")
    assert days(cards) == ORIGINALS | {"IN": "2026-02-23", "FIRST": "2026-02-23"}


def test_readers_without_a_branch_move_with_the_whole_library_by_calendar_days(cards):
    cards.decide(1, everywhere=True, branches=["oskemen", "ridder"])
    moved = {"IN": "2026-02-16", "FIRST": "2026-02-16", "ELSEWHERE": "2026-02-16", "NOWHERE": "2026-02-14"}
    assert days(cards) == ORIGINALS | moved


def test_overlapping_closures_take_the_later_one(cards):
    cards.decide(1)
    other = "5f0d6c1e-0000-4000-8000-000000000002"
    cards.decide(1, quarantine_id=other, starts_on="2026-02-12", ends_on="2026-02-20", grace_days=1)
    assert days(cards)["IN"] == "2026-02-24"
    cards.decide(2, "cancelled", quarantine_id=other)
    assert days(cards)["IN"] == "2026-02-16"


def test_a_card_registered_during_a_closure_is_right_at_once(cards):
    cards.decide(1)
    late = cards.register("LATE", home_branch_id="oskemen", card_expires_on="2026-02-11")
    assert (late["card_expires_on"], late["original_card_expires_on"]) == ("2026-02-16", "2026-02-11")
    cards.imported(person("LATER", home_branch_id="oskemen", card_expires_on="2026-02-11"))
    assert days(cards)["LATER"] == "2026-02-16"


def test_a_reader_who_moves_to_another_branch_gets_its_day(cards):
    cards.decide(1)
    moved = cards.call("PATCH", "/readers/IN", json={"home_branch_id": "ridder"}).json
    assert moved["card_expires_on"] == "2026-02-10"


@pytest.mark.parametrize(
    ("given", "agreed"),
    [
        ("2026-02-10", "2026-02-10"),
        ("2026-02-16", "2026-02-10"),
        ("2026-02-23", "2026-02-10"),
        ("2026-02-12", "2026-02-12"),
    ],
)
def test_a_day_that_the_card_had_by_this_system_is_no_new_agreement(cards, given, agreed):
    cards.decide(1)
    cards.decide(2, "changed", ends_on="2026-02-20")
    cards.imported(person("IN", home_branch_id="oskemen", card_expires_on=given))
    reader = cards.get("IN")
    assert (reader["original_card_expires_on"], reader["card_expires_on"]) == (agreed, "2026-02-23")


def test_an_export_during_an_open_end_loses_no_original(cards):
    cards.decide(1, ends_on=None)
    exported = cards.call("GET", "/readers/export.csv").data
    cards.import_(exported)
    cards.decide(2, "cancelled", ends_on=None)
    assert days(cards) == ORIGINALS


def test_the_preview_counts_what_then_moves_and_writes_nothing(cards):
    service = cards.token("service")
    for version, state, others in [
        (1, "declared", {}),
        (2, "changed", {"ends_on": "2026-02-27"}),
        (3, "changed", {"ends_on": "2026-02-05"}),
        (4, "cancelled", {}),
    ]:
        data = quarantine(version, state, **others)
        before = days(cards)
        seen = cards.call("POST", "/readers/preview", service, json={"quarantine": data, "decision": state})
        assert days(cards) == before
        cards.told()
        cards.decide(version, state, **others)
        moved = {each["card_number"]: each["changes"][0] for each in cards.told(DATES)}
        assert seen.json["cards"] == len(moved) > 0
        assert {card: (line["from"], line["to"]) for card, line in moved.items()} == {
            card: (group["was"], group["now"]) for group in seen.json["changes"] for card in group["cards"]
        }


def test_only_services_may_ask_for_a_preview(cards):
    body = {"quarantine": quarantine(), "decision": "declare"}
    assert cards.call("POST", "/readers/preview", json=body).status_code == 403
    assert cards.call("POST", "/readers/preview", cards.token("service"), json={"quarantine": {}}).status_code == 422


def test_many_cards_take_many_chunks(library):
    first = date(2026, 2, 2)
    rows = [
        person(f"M-{n:04}", home_branch_id="oskemen", card_expires_on=(first + timedelta(n % 20)).isoformat())
        for n in range(1300)
    ]
    library.imported(*rows)
    library.told()
    library.decide(1)
    told = library.told(DATES)
    inside = [row["card_number"] for row in rows if row["card_expires_on"] <= "2026-02-13"]
    assert [event["card_number"] for event in told] == inside
    assert {event["changes"][0]["to"] for event in told} == {"2026-02-16"}
