"""Declaring, changing, lifting and cancelling over HTTP: scope, period, versions, events, who may, bad input."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from werkzeug.test import Client

from shared.calendar import OpenDays
from tests.quarantines.library import BASE, Library, declaration, errors_of, with_a_tree

NEVER = "2020 Jan 01 09:00-10:00"


@pytest.fixture
def library(library: Library) -> Library:
    return with_a_tree(library)


def test_declared_with_everything_it_was_given(library):
    basis = {"document": "Бұйрық", "number": "12-ө", "date": "2026-01-30"}
    answer = library.post(BASE, declaration(kind="repair", basis=basis, note="after the flood", announce=True))
    assert answer.status_code == 201
    quarantine = answer.json
    assert answer.headers["Location"] == f"{BASE}/{quarantine['id']}"
    assert answer.headers["ETag"] == '"1"'
    expected = declaration(kind="repair", basis=basis, announce=True) | {
        "version": 1,
        "state": "declared",
        "phase": "closed",
        "scope": ["attic", "north", "other", "root"],
        "reopens_on": "2026-02-16",
        "declared_by": "A. S.",
    }
    assert {name: quarantine[name] for name in expected} == expected
    one = library.get(f"{BASE}/{quarantine['id']}")
    assert one.headers["ETag"] == '"1"'
    (history,) = one.json["history"]
    assert (history["by"], history["name"], history["note"]) == ("staff:1", "A. S.", "after the flood")


def test_the_event_holds_the_whole_quarantine_with_open_days(library):
    quarantine = library.declared(branch_ids=["north"], returns_per_day=40, ends_on="2026-02-13")
    (said,) = library.events("quarantine.")
    assert said["type"] == "quarantine.declared.v1"
    assert (said["quarantine_id"], said["version"], said["everywhere"]) == (quarantine["id"], 1, False)
    assert (said["ends_on"], said["reopens_on"]) == ("2026-02-13", "2026-02-14")
    assert [(each["branch_id"], each["returns_per_day"]) for each in said["branches"]] == [("attic", 40), ("north", 40)]
    north = OpenDays.from_json(said["branches"][1]["open_days"])
    assert north.first <= date(2025, 2, 2)
    assert north.last >= date(2028, 2, 13)
    assert [north.is_open(date(2026, 2, day)) for day in (13, 14, 16)] == [True, False, True]
    # A public holiday: women's day falls on a Sunday and is moved to Monday.
    assert not north.is_open(date(2026, 3, 9))


def test_a_limit_of_its_own_for_each_branch(library):
    library.declared(branch_ids=["root"], returns_per_day={"north": 5, "root": 9})
    (said,) = library.events("quarantine.")
    limits = {each["branch_id"]: each["returns_per_day"] for each in said["branches"]}
    assert limits == {"attic": None, "north": 5, "root": 9}


def test_without_a_reason_the_kind_is_the_reason(library):
    for kind, words in (("quarantine", "Карантин"), ("repair", "Ремонт"), ("other", "Библиотека временно закрыта")):
        assert library.declared(reason=..., kind=kind)["reason"]["ru"] == words


@pytest.mark.parametrize(
    ("period", "ends_on", "reopens_on"),
    [
        ({"ends_on": "2026-02-15"}, "2026-02-15", "2026-02-16"),
        ({"ends_on": "2026-02-13"}, "2026-02-13", "2026-02-16"),
        ({"reopens_on": "2026-02-16"}, "2026-02-15", "2026-02-16"),
        ({"ends_on": None, "reopens_on": "2026-02-17"}, "2026-02-16", "2026-02-17"),
        ({"ends_on": "2026-02-13", "reopens_on": "2026-02-16"}, "2026-02-13", "2026-02-16"),
        ({"ends_on": "2026-02-02"}, "2026-02-02", "2026-02-03"),
        ({"ends_on": None}, None, None),
        ({}, None, None),
    ],
)
def test_the_last_closed_day_or_the_first_open_one(library, period, ends_on, reopens_on):
    library.branch("weekdays", None, "Mo-Fr 09:00-18:00")
    quarantine = library.declared(**({"branch_ids": ["weekdays"], "ends_on": ...} | period))
    assert (quarantine["ends_on"], quarantine["reopens_on"]) == (ends_on, reopens_on)


def test_a_branch_that_never_opens_is_named(library):
    library.branch("ruin", "other", NEVER)
    library.branch("wreck", "other", NEVER)
    errors = errors_of(library.post(BASE, declaration()))
    assert "ruin, wreck" in errors["branch_ids"][0]
    assert library.post(BASE, declaration(branch_ids=["root"])).status_code == 201
    endless = library.declared(branch_ids=["ruin"], ends_on=None)
    assert "ruin" in errors_of(library.patch(f"{BASE}/{endless['id']}", {"ends_on": "2026-03-01"}))["branch_ids"][0]
    one = f"{BASE}/{endless['id']}"
    assert "ruin" in errors_of(library.post(f"{one}/lift", {"reopens_on": "2026-03-02"}))["branch_ids"][0]
    assert library.post(f"{one}/cancel").status_code == 200


def test_only_an_operator_at_every_branch_of_the_scope(library):
    at_north = library.token({"operator": ["north", "attic"], "librarian": "all"})
    assert library.post(BASE, declaration(), token="").status_code == 401
    assert library.post(BASE, declaration(), token=library.token({"librarian": "all"})).status_code == 403
    refused = library.post(BASE, declaration(branch_ids=["root"]), token=at_north)
    assert refused.status_code == 403
    assert refused.json["detail"].endswith("root.")
    assert library.post(f"{BASE}/preview", declaration(), token=at_north).status_code == 403
    assert library.post(BASE, declaration(branch_ids=["north"]), token=at_north).status_code == 201
    quarantine = library.declared(branch_ids=["root"])
    one = f"{BASE}/{quarantine['id']}"
    assert library.patch(one, {"ends_on": None}, token=at_north).status_code == 403
    assert library.post(f"{one}/lift", {"reopens_on": "2026-02-10"}, token=at_north).status_code == 403
    assert library.post(f"{one}/cancel", token=at_north).status_code == 403
    assert library.get(one, token=library.token({}, kind="reader")).status_code == 403
    assert library.get(BASE, token="").status_code == 401
    assert library.get(one, token=library.token({"editor": "all"})).status_code == 200


def test_pressing_declare_twice_is_one(library):
    headers = {"Idempotency-Key": "declare 1"}
    first, second = (library.post(BASE, declaration(), headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert first.headers["Location"] == second.headers["Location"]
    assert len(library.events("quarantine.")) == 1
    other = library.post(BASE, declaration(grace_days=2), headers=headers)
    assert "Idempotency-Key" in errors_of(other)


def test_pressed_by_several_at_once_it_is_one_as_well(library):
    def press(_: int) -> str:
        client = Client(library.system.wsgi())
        headers = {"Idempotency-Key": "at once", "Authorization": f"Bearer {library.token()}"}
        return str(client.post(BASE, json=declaration(), headers=headers).json["id"])

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(press, range(4)))) == 1
    assert len(library.events("quarantine.")) == 1


def test_the_whole_life(library):
    one = f"{BASE}/{library.declared()['id']}"
    longer = library.patch(one, {"ends_on": "2026-02-28", "note": "more cases"})
    assert (longer.json["version"], longer.json["state"], longer.json["reopens_on"]) == (2, "changed", "2026-03-02")
    endless = library.patch(one, {"ends_on": None})
    assert (endless.json["ends_on"], endless.json["reopens_on"], endless.headers["ETag"]) == (None, None, '"3"')
    shorter = library.patch(one, {"reopens_on": "2026-02-10", "grace_days": 2})
    assert (shorter.json["ends_on"], shorter.json["grace_days"]) == ("2026-02-09", 2)
    lifted = library.post(f"{one}/lift", {"reopens_on": "2026-02-06", "note": "all well"})
    assert (lifted.json["state"], lifted.json["ends_on"], lifted.json["reopens_on"]) == (
        "lifted",
        "2026-02-05",
        "2026-02-06",
    )
    cancelled = library.post(f"{one}/cancel", {"note": "by mistake"})
    assert (cancelled.json["state"], cancelled.json["phase"], cancelled.json["version"]) == (
        "cancelled",
        "cancelled",
        6,
    )
    said = library.events("quarantine.")
    assert [each["type"].split(".")[1] for each in said] == [
        "declared",
        "changed",
        "changed",
        "changed",
        "lifted",
        "cancelled",
    ]
    assert [each["version"] for each in said] == [1, 2, 3, 4, 5, 6]
    history = library.get(one).json["history"]
    assert [each["note"] for each in history] == [None, "more cases", None, None, "all well", "by mistake"]
    assert [each["ends_on"] for each in history][:3] == ["2026-02-15", "2026-02-28", None]


@pytest.mark.parametrize("before", ["lift", "cancel"])
def test_what_a_state_does_not_allow_is_a_conflict(library, before):
    one = f"{BASE}/{library.declared()['id']}"
    library.post(f"{one}/{before}", {"reopens_on": "2026-02-10"} if before == "lift" else {})
    state = "lifted" if before == "lift" else "cancelled"
    for answer in (
        library.patch(one, {"ends_on": "2026-03-01"}),
        library.post(f"{one}/lift", {"reopens_on": "2026-02-11"}),
        library.post(f"{one}/preview", {"decision": "lift", "reopens_on": "2026-02-11"}),
        *([library.post(f"{one}/cancel")] if before == "cancel" else []),
    ):
        assert answer.status_code == 409
        assert answer.json["detail"] == f"This is not possible in the present state: {state}."
    assert library.get(one).json["version"] == 2


def test_a_decision_on_an_old_version_is_refused(library):
    one = f"{BASE}/{library.declared()['id']}"
    stale = {"headers": {"If-Match": '"1"'}}
    assert library.patch(one, {"ends_on": "2026-02-20"}, **stale).status_code == 200
    assert library.patch(one, {"ends_on": "2026-02-25"}, **stale).status_code == 412
    assert library.post(f"{one}/lift", {"reopens_on": "2026-02-10"}, **stale).status_code == 412
    assert library.post(f"{one}/cancel", **stale).status_code == 412
    assert library.get(one).json["version"] == 2
    assert library.post(f"{one}/cancel", headers={"If-Match": "*"}).status_code == 200


def test_of_two_people_who_decide_at_once_one_is_refused(library):
    one = f"{BASE}/{library.declared()['id']}"

    def extend(day: int) -> int:
        headers = {"If-Match": '"1"', "Authorization": f"Bearer {library.token()}"}
        return Client(library.system.wsgi()).patch(one, json={"ends_on": f"2026-02-{day}"}, headers=headers).status_code

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(extend, (20, 21, 22, 23))) == [200, 412, 412, 412]
    assert [each["version"] for each in library.events("quarantine.")] == [1, 2]


def test_a_lift_needs_its_day_after_the_first_closed_one(library):
    one = f"{BASE}/{library.declared()['id']}"
    assert "Missing" in str(errors_of(library.post(f"{one}/lift"))["reopens_on"])
    for day in ("2026-02-02", "2026-01-20"):
        assert "after the first" in str(errors_of(library.post(f"{one}/lift", {"reopens_on": day}))["reopens_on"])
    assert library.post(f"{one}/lift", {"reopens_on": "2026-02-03"}).json["ends_on"] == "2026-02-02"


def test_a_quarantine_may_be_lifted_before_its_first_day_and_ahead(library):
    ahead = library.declared(starts_on="2026-03-02", ends_on=None)
    assert ahead["phase"] == "ahead"
    lifted = library.post(f"{BASE}/{ahead['id']}/lift", {"reopens_on": "2026-04-01"}).json
    assert (lifted["state"], lifted["ends_on"], lifted["phase"]) == ("lifted", "2026-03-31", "ahead")


def test_a_change_of_something_else_keeps_the_period(library):
    quarantine = library.declared(reopens_on="2026-02-16", ends_on=..., returns_per_day=10)
    changed = library.patch(f"{BASE}/{quarantine['id']}", {"returns_per_day": None, "grace_days": 3}).json
    assert (changed["ends_on"], changed["reopens_on"]) == ("2026-02-15", "2026-02-16")
    assert (changed["returns_per_day"], changed["grace_days"]) == (None, 3)


def test_the_scope_is_resolved_at_each_version(library):
    quarantine = library.declared(branch_ids=["north"])
    library.branch("cellar", "north")
    assert library.quarantine(quarantine["id"])["scope"] == ["attic", "north"]
    changed = library.patch(f"{BASE}/{quarantine['id']}", {"ends_on": "2026-02-20"}).json
    assert (changed["branch_ids"], changed["scope"]) == (["north"], ["attic", "cellar", "north"])
    said = library.events("quarantine.")
    assert [len(each["branches"]) for each in said] == [2, 3]
    history = library.quarantine(quarantine["id"])["history"]
    assert [each["branch_ids"] for each in history] == [["attic", "north"], ["attic", "cellar", "north"]]


def test_open_days_are_kept_with_each_version(library):
    quarantine = library.declared(branch_ids=["other"])
    library.patch("/api/v1/branches/other", {"opening_hours": "Tu 10:00-12:00"})
    library.patch(f"{BASE}/{quarantine['id']}", {"ends_on": "2026-02-15"})
    before, after = (each["branches"][0]["open_days"] for each in library.events("quarantine."))
    assert OpenDays.from_json(before).is_open(date(2026, 2, 16))
    assert not OpenDays.from_json(after).is_open(date(2026, 2, 16))
    assert library.quarantine(quarantine["id"])["reopens_on"] == "2026-02-17"


def test_the_calendar_reaches_past_every_closure_beside_it(library):
    library.declared(starts_on="2030-01-01", ends_on="2034-12-31")
    quarantine = library.declared(starts_on="2024-05-01", ends_on="2024-05-31")
    days = OpenDays.from_json(library.events("quarantine.", quarantine["id"])[0]["branches"][0]["open_days"])
    assert days.first <= date(2023, 5, 1)
    assert days.last >= date(2036, 12, 31)
    endless = library.declared(branch_ids=["north"], starts_on="2026-02-01", ends_on=None)
    days = OpenDays.from_json(library.events("quarantine.", endless["id"])[0]["branches"][0]["open_days"])
    assert days.last >= date(2029, 2, 1)


def test_a_branch_can_be_closed_twenty_times_and_by_several_at_once(library):
    for month in range(1, 11):
        library.declared(branch_ids=["north"], starts_on=f"2026-{month:02}-05", ends_on=f"2026-{month:02}-10")
        library.declared(branch_ids=["root"], starts_on=f"2026-{month:02}-08", ends_on=f"2026-{month:02}-20")
    assert len(library.get(f"{BASE}?branch=north&limit=500").json["items"]) == 20
    assert len(library.get(f"{BASE}?branch=root").json["items"]) == 10


def test_who_may_is_decided_before_the_body_is_read(library):
    assert library.post(BASE, {"nonsense": 1}, token="").status_code == 401
    assert library.post(BASE, {"nonsense": 1}, token=library.token({"editor": "all"})).status_code == 403
    assert library.call("POST", BASE, data=b"{", content_type="application/json").status_code in (400, 422)
