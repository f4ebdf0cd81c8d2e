from datetime import timedelta

import pytest
from marshmallow import EXCLUDE

from services.accounts.schemas import ReaderInList
from tests.accounts.library import person
from tests.support import library_time

REGISTERED, CHANGED, ERASED = "reader.registered.v1", "reader.changed.v1", "reader.erased.v1"


def test_a_reader_is_registered_and_told(library):
    reader = library.register("A-1", birth_date="2014-05-06", phone="8 (701) 111-22-33", home_branch_id="oskemen")
    assert reader["phone"] == "+77011112233"
    assert reader["household"] == "card:A-1"
    seen = library.get("A-1")
    assert library.get(reader["id"]) == seen and seen | reader == seen
    (told,) = library.told(REGISTERED)
    assert told["version"] == 1
    assert told["home_branch_id"] == "oskemen"
    assert told["guardian"] is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"family_name": ""}, "family_name"),
        ({"language": "de"}, "language"),
        ({"email": "nobody"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"birth_date": "2999-01-01"}, "birth_date"),
        ({"birth_date": "06.05.2014"}, "birth_date"),
        ({"home_branch_id": "nowhere"}, "home_branch_id"),
        ({"guardian_card_number": "nobody"}, "guardian_card_number"),
        ({"card_number": "SELF", "guardian_card_number": "SELF"}, "guardian_card_number"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_is_named(library, wrong, field):
    answer = library.call("POST", "/readers", json=person() | wrong)
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {field}
    assert library.told(REGISTERED) == []


def test_a_card_is_given_once(library):
    library.register("A-1")
    assert library.call("POST", "/readers", json=person("A-1")).status_code == 409


def test_only_what_is_given_changes_and_nothing_is_told_of_nothing(library):
    library.register("A-1", email="a@example.org", school="5")
    library.told()
    changed = library.call("PATCH", "/readers/A-1", json={"email": "b@Example.org"})
    assert (changed.json["email"], changed.json["school"]) == ("b@example.org", "5")
    assert [told["version"] for told in library.told(CHANGED)] == [2]
    library.call("PATCH", "/readers/A-1", json={"email": "b@example.org"})
    assert library.told(CHANGED) == []


def test_a_decision_on_an_old_version_is_refused(library):
    library.register("A-1")
    stale = library.call("PATCH", "/readers/A-1", json={"school": "5"}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    assert library.call("PATCH", "/readers/A-1", json={"school": "5"}, headers={"If-Match": '"1"'}).status_code == 200


@pytest.mark.parametrize(
    ("search", "found"),
    [("касымова", True), ("алия  КАСЫМОВА", True), ("KACЫMOBA", True), ("a-1", True), ("Цой", False), ("%", False)],
)
def test_readers_are_found_however_they_are_typed(library, search, found):
    library.register("A-1")
    items = library.call("GET", "/readers", query_string={"search": search}).json["items"]
    assert [item["card_number"] for item in items] == (["A-1"] if found else [])


def test_a_list_comes_in_pages_and_shows_no_contacts(library):
    for number in range(5):
        library.register(f"P-{number}", phone="+77011112233")
    first = library.call("GET", "/readers?limit=3").json
    second = library.call("GET", "/readers", query_string={"limit": 3, "cursor": first["next"]}).json
    cards = [item["card_number"] for item in first["items"] + second["items"]]
    assert cards == [f"P-{number}" for number in range(5)]
    assert second["next"] is None
    assert ReaderInList(many=True, unknown=EXCLUDE).validate(first["items"]) == {}
    assert set(first["items"][0]) == set(ReaderInList().fields)
    assert "phone" not in first["items"][0]


def test_a_librarian_sees_the_readers_of_their_branches_and_of_none(library):
    library.register("A-1", home_branch_id="oskemen")
    library.register("A-2", home_branch_id="ridder")
    library.register("A-3")
    ridder = library.token(roles={"librarian": ["ridder"]})
    items = library.call("GET", "/readers", ridder).json["items"]
    assert [item["card_number"] for item in items] == ["A-2", "A-3"]
    assert library.call("GET", "/readers/A-1", ridder).status_code == 404
    assert library.call("DELETE", "/readers/A-1", ridder).status_code == 404
    refused = library.call("POST", "/readers", ridder, json=person(home_branch_id="oskemen"))
    assert refused.status_code == 403
    moved = library.call("PATCH", "/readers/A-2", ridder, json={"home_branch_id": "oskemen"})
    assert moved.status_code == 403


def test_readers_see_themselves_and_their_children_only(library):
    library.register("PARENT")
    library.register("CHILD", guardian_card_number="PARENT")
    library.register("STRANGER")
    parent = library.reader("PARENT")
    seen = [item["card_number"] for item in library.call("GET", "/readers", parent).json["items"]]
    assert seen == ["CHILD", "PARENT"]
    assert library.call("GET", "/readers/CHILD", parent).status_code == 200
    assert library.call("GET", "/readers/STRANGER", parent).status_code == 404
    assert library.call("GET", "/readers/PARENT", library.reader("CHILD")).status_code == 404


def test_readers_change_their_contacts_but_not_their_rights(library):
    library.register("A-1", blocked=True)
    me = library.reader("A-1")
    assert library.call("PATCH", "/readers/A-1", me, json={"language": "ru"}).json["language"] == "ru"
    assert library.call("PATCH", "/readers/A-1", me, json={"blocked": False}).status_code == 403
    assert library.get("A-1")["blocked"] is True


@pytest.mark.parametrize("path", ["/readers", "/readers/A-1", "/readers/export.csv", "/readers/acts", "/staff"])
def test_nobody_reads_without_signing_in(library, path):
    assert library.call("GET", path, {}).status_code == 401


def test_a_guardian_acts_for_a_child_until_they_are_of_age(library):
    birthday = library_time.today() - timedelta(days=16 * 366)
    library.register("PARENT")
    library.register("GROWN", guardian_card_number="PARENT", birth_date=birthday.isoformat())
    library.register("CHILD", guardian_card_number="PARENT", birth_date=(birthday + timedelta(days=700)).isoformat())
    library.register("UNKNOWN", guardian_card_number="PARENT")
    parent = library.reader("PARENT")
    calls = {"GET": {}, "PATCH": {"json": {"email": "parent@example.org"}}, "DELETE": {}}
    for card, allowed in (("GROWN", False), ("CHILD", True), ("UNKNOWN", True)):
        assert (library.call("GET", f"/readers/{card}/export", parent).status_code == 200) is allowed
        for method, sent in calls.items():
            answer = library.call(method, f"/readers/{card}", parent, **sent)
            assert answer.status_code in ((200, 204) if allowed else (403,)), (card, method)
    assert library.get("GROWN", as_=library.reader("GROWN"))["email"] is None
    listed = library.call("GET", "/readers", parent).json["items"]
    assert [each["card_number"] for each in listed] == ["GROWN", "PARENT"], "the family is one household still"


def test_the_household_follows_the_guardian(library):
    library.register("GRAN")
    library.register("PARENT", guardian_card_number="GRAN")
    child = library.register("CHILD", guardian_card_number="PARENT")
    assert child["household"] == "card:PARENT"  # one level: not GRAN
    library.told()
    moved = library.call(
        "PATCH", "/readers/CHILD", json={"guardian_card_number": None, "guardian_phone": "87011112233"}
    )
    assert moved.json["household"].startswith("contact:")
    sibling = library.register("SIBLING", guardian_phone="+7 701 111 22 33")
    assert sibling["household"] == moved.json["household"]
    assert [told["household"] for told in library.told(CHANGED)] == [moved.json["household"]]


def test_who_is_erased_is_gone_and_the_children_stay(library):
    parent = library.register("PARENT", email="p@example.org")
    library.register("CHILD", guardian_card_number="PARENT")
    library.told()
    assert library.call("DELETE", "/readers/PARENT").status_code == 204
    assert library.call("GET", "/readers/PARENT").status_code == 404
    child = library.get("CHILD")
    assert (child["guardian_card_number"], child["household"]) == (None, "card:CHILD")
    events = library.told(CHANGED, ERASED)
    assert [event["card_number"] for event in events] == ["CHILD", "PARENT"]
    assert events[1] == {"reader_id": parent["id"], "version": 2, "card_number": "PARENT"}
    acts = library.call("GET", "/readers/acts", library.admin(), query_string={"about": parent["id"]}).json["items"]
    assert [act["what"] for act in acts] == ["erased a reader", "registered a reader"]


def test_a_file_cannot_bring_back_who_was_erased_but_a_librarian_can(library):
    library.register("A-1")
    library.call("DELETE", "/readers/A-1", library.reader("A-1"))
    report = library.imported(person("A-1"), person("A-2"))
    assert report["accepted"] == 1
    assert report["rejected"][0]["line"] == 2
    library.told()
    library.register("A-1")
    assert [told["version"] for told in library.told(REGISTERED)] == [3]
    assert library.imported(person("A-1"))["accepted"] == 1


def test_all_that_is_held_about_a_reader_can_be_taken_along(library):
    library.register("A-1", email="a@example.org")
    held = library.call("GET", "/readers/A-1/export", library.reader("A-1")).json
    assert (held["email"], held["has_pin"]) == ("a@example.org", False)
    assert "pin_hash" not in held


def test_the_same_request_twice_registers_once(library):
    sent = person("A-1")
    answers = [library.call("POST", "/readers", json=sent, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert len(library.told(REGISTERED)) == 1
