"""Last days of quizzes, moved by the quarantines of their branch, or of the whole library."""

import uuid
from datetime import date

import pytest

from services.quizzes.models import QuizDateChange
from shared.calendar import open_days
from tests.accounts.library import quarantine
from tests.quizzes import making
from tests.quizzes.attempting import begun
from tests.quizzes.house import WEEKDAYS, House
from tests.support import library_time

DATES, PUBLISHED, STEP = "quizzes.dates_changed.v1", "quiz.published.v1", "step.progressed.v1"
LATER = "2030-06-01"
OPEN_DAYS = open_days(WEEKDAYS, date(2026, 1, 1), date(2032, 12, 31), country=None).to_json()
ORIGINALS = {
    "IN": "2030-02-12",
    "FIRST": "2030-02-04",
    "BEFORE": "2030-02-03",
    "AFTER": LATER,
    "NEVER": None,
    "ELSEWHERE": "2030-02-12",
    "NOWHERE": "2030-02-12",
}
BRANCHES = {"ELSEWHERE": "ridder", "NOWHERE": None}


def decision(version=1, state="declared", **others):
    """Monday 4 to Friday 15 February 2030 unless said otherwise."""
    data = quarantine(version, state, **{"starts_on": "2030-02-04", "ends_on": "2030-02-15"} | others)
    for each in data["branches"]:
        each["open_days"] = OPEN_DAYS
    return data


@pytest.fixture
def quizzes(house: House) -> House:
    """One quiz for each of ORIGINALS, at Oskemen unless BRANCHES says otherwise."""
    house.branch("oskemen")
    house.branch("ridder")
    items = making.items(house, [making.single()])
    for name, day in ORIGINALS.items():
        title = dict.fromkeys(("kk", "ru", "en"), name)
        branch_id = BRANCHES.get(name, "oskemen")
        making.published(house, pools=[{"item_ids": items}], title=title, branch_id=branch_id, closes_on=day)
    house.told()
    return house


def decide(house, version=1, state="declared", **others):
    house.hear(f"quarantine.{state}.v1", decision(version, state, **others))
    house.work()


def listed(house):
    items = house.ask("GET", "?state=all&limit=100", house.staff("editor"))["items"]
    return {item["title"]["en"]: item for item in items}


def days(house):
    return {name: item["closes_on"] for name, item in listed(house).items()}


def test_a_last_day_inside_becomes_the_first_open_day_after_it(quizzes):
    decide(quizzes)
    assert days(quizzes) == ORIGINALS | {"IN": "2030-02-18", "FIRST": "2030-02-18"}
    moved = listed(quizzes)["IN"]
    assert (moved["original_closes_on"], moved["why"]["en"]) == ("2030-02-12", "Quarantine")
    assert listed(quizzes)["AFTER"]["why"] is None


def test_each_reader_in_the_middle_of_one_is_told_of_once_in_their_language(quizzes):
    quizzes.registered("R-1", language="ru")
    quizzes.registered("R-2")
    known = {name: item["id"] for name, item in listed(quizzes).items()}
    begun(quizzes, known["IN"], "R-1", "R-2", None)
    begun(quizzes, known["FIRST"], "R-1")
    begun(quizzes, known["AFTER"], "R-2")
    begun(quizzes, known["IN"], "R-3", state="graded")
    decide(quizzes)
    told = quizzes.told(DATES)
    assert [event["card_number"] for event in told] == ["R-1", "R-2"]
    changes = {change["id"]: change for change in told[0]["changes"]}
    line = {"kind": "quiz", "title": "IN", "from": "2030-02-12", "to": "2030-02-18"}
    assert set(changes) == {known["IN"], known["FIRST"]}
    assert changes[known["IN"]] == line | {"id": known["IN"]}
    assert [change["id"] for change in told[1]["changes"]] == [known["IN"]]
    quizzes.events_seen = 0
    last = quizzes.told(STEP)[-1]
    counts = ("step", "state", "done", "total", "failed", "events")
    assert [last[name] for name in counts] == ["deadlines", "done", 2, 2, 0, 2]


def test_the_title_is_said_as_the_reader_reads(house):
    quiz = making.published(
        house, title={"kk": "Қазақша", "ru": "По-русски"}, languages=["kk", "ru"], closes_on="2030-02-12"
    )
    house.registered("R-1", language="ru")
    begun(house, quiz["id"], "R-1", "R-9")
    decide(house, everywhere=True, branches=[])
    told = {event["card_number"]: event["changes"][0] for event in house.told(DATES)}
    assert (told["R-1"]["title"], told["R-9"]["title"]) == ("По-русски", "Қазақша")


def test_everybody_hears_of_the_new_day(quizzes):
    decide(quizzes)
    told = {event["title"]["en"]: event for event in quizzes.told(PUBLISHED)}
    assert set(told) == {"IN", "FIRST"}
    assert (told["IN"]["closes_on"], told["IN"]["version"]) == ("2030-02-18", listed(quizzes)["IN"].get("version", 3))


def test_extend_shorten_and_cancel_give_back_every_original(quizzes):
    decide(quizzes)
    decide(quizzes, 2, "changed", ends_on="2030-03-01", grace_days=1)
    assert days(quizzes)["IN"] == "2030-03-05"
    decide(quizzes, 3, "changed", ends_on="2030-02-07")
    assert days(quizzes) == ORIGINALS | {"FIRST": "2030-02-08"}
    decide(quizzes, 4, "changed", ends_on=None)
    assert days(quizzes) == ORIGINALS | {"IN": None, "FIRST": None, "AFTER": None}
    decide(quizzes, 5, "lifted", ends_on="2030-02-10")
    assert days(quizzes) == ORIGINALS | {"FIRST": "2030-02-11"}
    decide(quizzes, 6, "cancelled")
    assert days(quizzes) == ORIGINALS
    assert {item["why"] and "moved" for item in listed(quizzes).values()} == {None}


def test_lifted_before_its_first_day_it_moves_nothing(quizzes):
    decide(quizzes)
    decide(quizzes, 2, "lifted", ends_on="2030-02-03")
    assert days(quizzes) == ORIGINALS


def test_a_decision_that_moves_nothing_ends_its_step_too(quizzes):
    decide(quizzes, starts_on="2031-01-01", ends_on="2031-01-02")
    (*_, last) = quizzes.told(STEP)
    assert (last["state"], last["done"], last["total"], last["events"]) == ("done", 0, 0, 0)


def test_twice_late_and_out_of_order_change_nothing(quizzes):
    first = quizzes.hear("quarantine.declared.v1", decision())
    decide(quizzes, 2, "changed", ends_on="2030-02-22")
    moved = days(quizzes)
    assert moved["IN"] == "2030-02-25"
    quizzes.told()
    quizzes.hear_again(first)
    decide(quizzes, 2, "changed", ends_on="2030-02-22")
    decide(quizzes)
    assert days(quizzes) == moved
    assert quizzes.told(DATES, PUBLISHED, STEP) == []


def test_a_newer_version_ends_the_run_of_the_older(quizzes):
    quizzes.hear("quarantine.declared.v1", decision())
    decide(quizzes, 2, "cancelled")
    assert days(quizzes) == ORIGINALS
    assert {event["version"] for event in quizzes.told(STEP)} == {2}


def test_a_branch_that_leaves_the_scope_gets_its_days_back(quizzes):
    decide(quizzes, branches=["oskemen", "ridder"])
    assert days(quizzes)["ELSEWHERE"] == "2030-02-18"
    quizzes.hear("quarantine.changed.v1", decision(2, "changed"))
    decide(quizzes, 3, "changed", ends_on="2030-02-22")
    assert days(quizzes) == ORIGINALS | {"IN": "2030-02-25", "FIRST": "2030-02-25"}


def test_quizzes_without_a_branch_move_with_the_whole_library_by_calendar_days(quizzes):
    decide(quizzes, everywhere=True, branches=["oskemen", "ridder"])
    moved = {"IN": "2030-02-18", "FIRST": "2030-02-18", "ELSEWHERE": "2030-02-18", "NOWHERE": "2030-02-16"}
    assert days(quizzes) == ORIGINALS | moved


def test_the_reason_is_that_of_the_closure_that_gave_the_day(quizzes):
    decide(quizzes)
    other = {"quarantine_id": str(uuid.uuid4()), "reason": {"kk": "Жөндеу", "ru": "Ремонт", "en": "Repair"}}
    decide(quizzes, starts_on="2030-02-14", ends_on="2030-02-22", **other)
    assert (days(quizzes)["IN"], listed(quizzes)["IN"]["why"]["en"]) == ("2030-02-25", "Repair")
    decide(quizzes, 2, "cancelled", starts_on="2030-02-14", ends_on="2030-02-22", **other)
    assert (days(quizzes)["IN"], listed(quizzes)["IN"]["why"]["en"]) == ("2030-02-18", "Quarantine")


def test_what_is_agreed_during_a_closure_is_right_at_once(quizzes):
    decide(quizzes)
    new = making.published(quizzes, branch_id="oskemen", closes_on="2030-02-13")
    assert (new["closes_on"], new["original_closes_on"]) == ("2030-02-18", "2030-02-13")
    editor = quizzes.staff("editor")
    again = quizzes.ask("PATCH", f"/{new['id']}", editor, json={"closes_on": "2030-02-18", "per_page": 2})
    assert again["original_closes_on"] == "2030-02-13"
    elsewhere = quizzes.ask("PATCH", f"/{new['id']}", editor, json={"branch_id": "ridder"})
    assert (elsewhere["closes_on"], elsewhere["why"]) == ("2030-02-13", None)


def test_a_quiz_that_its_day_has_closed_opens_again_and_one_closed_by_hand_does_not(house):
    house.branch("oskemen")
    today = library_time.today().isoformat()
    quiz_ids = [making.published(house, branch_id="oskemen", closes_on=today)["id"] for _ in range(2)]
    house.ask("POST", f"/{quiz_ids[1]}/close", house.staff("editor"))
    house.later(days=2)
    house.tick()
    states = [house.ask("GET", f"/{quiz_id}")["state"] for quiz_id in quiz_ids]
    assert states == ["closed", "closed"]
    decide(house, starts_on=today, ends_on=None)
    assert [house.ask("GET", f"/{quiz_id}")["state"] for quiz_id in quiz_ids] == ["published", "closed"]
    decide(house, 2, "cancelled", starts_on=today, ends_on=None)
    house.tick()
    assert house.ask("GET", f"/{quiz_ids[0]}")["state"] == "closed"


def test_a_draft_moves_in_silence(house):
    house.branch("oskemen")
    draft = making.draft(house, branch_id="oskemen", closes_on="2030-02-12")
    decide(house)
    assert house.ask("GET", f"/{draft['id']}/whole", house.staff("editor"))["closes_on"] == "2030-02-18"
    assert house.told(PUBLISHED) == []
    house.events_seen = 0
    assert house.told(STEP)[-1]["total"] == 0


def test_the_preview_counts_what_then_moves_and_writes_nothing(quizzes):
    known = {name: item["id"] for name, item in listed(quizzes).items()}
    begun(quizzes, known["IN"], "R-1", "R-2")
    begun(quizzes, known["FIRST"], "R-2", None)
    service = quizzes.token("service")
    steps = [
        (1, "declared", {}),
        (2, "changed", {"ends_on": "2030-03-01"}),
        (3, "changed", {"ends_on": "2030-02-07"}),
        (4, "cancelled", {}),
    ]
    for version, state, others in steps:
        data = decision(version, state, **others)
        before = days(quizzes)
        seen = quizzes.ask("POST", "/deadlines/preview", service, json={"quarantine": data, "decision": state})
        assert days(quizzes) == before
        quizzes.told()
        decide(quizzes, version, state, **others)
        told = quizzes.told()
        assert seen["deadlines"] == sum("guests" in event for event in told)
        lines = [(event["card_number"], line) for event in told for line in event.get("changes", ())]
        assert seen["readers"] == len({card for card, _ in lines})
        assert sorted((card, line["id"], line["from"], line["to"]) for card, line in lines) == sorted(
            (card, each["id"], each["was"], each["now"]) for each in seen["changes"] for card in each["cards"]
        )


def test_only_services_may_ask_for_a_preview(house):
    body = {"quarantine": decision(), "decision": "declare"}
    assert house.call("POST", "/deadlines/preview", house.staff("operator"), json=body).status_code == 403
    bad = house.call("POST", "/deadlines/preview", house.token("service"), json={"quarantine": {}, "decision": "x"})
    assert bad.status_code == 422


def test_many_readers_take_many_chunks(house):
    quiz = making.published(house, closes_on="2030-02-12")
    cards = [f"M-{n:04}" for n in range(1200)]
    begun(house, quiz["id"], *cards)
    decide(house, everywhere=True, branches=[])
    assert [event["card_number"] for event in house.told(DATES)] == cards


def test_history_keeps_every_move(quizzes):
    decide(quizzes)
    decide(quizzes, 2, "cancelled")
    (quiz_id,) = [item["id"] for name, item in listed(quizzes).items() if name == "IN"]
    kept = quizzes.rows(QuizDateChange, quiz_id=quiz_id)
    days_kept = [(each.was.isoformat(), each.now.isoformat(), each.version) for each in kept]
    assert sorted(days_kept, key=lambda each: each[2]) == [
        ("2030-02-12", "2030-02-18", 1),
        ("2030-02-18", "2030-02-12", 2),
    ]
