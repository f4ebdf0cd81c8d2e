"""The numbers of what may still be decided, before one is chosen: those of the previews of the deeds themselves."""

import uuid
from datetime import date
from typing import Any

from tests.quarantines.library import BASE
from tests.quarantines.test_asking import library, previewers

__all__ = ["library"]


def test_before_one_chooses_each_choice_has_the_numbers_of_its_own_preview(library):
    peers = previewers(library)
    library.set_today(date(2026, 2, 6))
    one = f"{BASE}/{library.declared(starts_on='2026-02-02', ends_on='2026-02-13')['id']}"
    before = len(library.events())
    found = library.get(f"{one}/choices").json
    assert (found["version"], found["reopens_on"]) == (1, "2026-02-07")
    assert found["lift"]["loans"] == found["cancel"]["loans"] == 4812
    asked = {each["decision"]: each["quarantine"] for each in peers["loans"].asked}
    library.post(f"{one}/preview", {"decision": "lift", "reopens_on": found["reopens_on"]})
    library.post(f"{one}/preview", {"decision": "cancel"})
    again = {each["decision"]: each["quarantine"] for each in peers["loans"].asked[2:]}
    assert same_but_for_the_moment(asked) == same_but_for_the_moment(again)
    assert len(library.events()) == before and library.quarantine(one.rsplit("/", 1)[1])["version"] == 1


def same_but_for_the_moment(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: {**quarantine, "decided_at": ""} for name, quarantine in asked.items()}


def test_only_what_may_still_be_decided_is_counted(library):
    peers = previewers(library)
    ahead = f"{BASE}/{library.declared(starts_on='2026-02-03', ends_on='2026-02-13')['id']}"
    found = library.get(f"{ahead}/choices").json
    assert found["lift"] is None and found["cancel"]["notices"] == 1500
    library.set_today(date(2026, 2, 5))
    assert library.get(ahead).json["decisions_left"] == ["change", "lift", "cancel"]
    library.post(f"{ahead}/lift", {"reopens_on": "2026-02-12"})
    found = library.get(f"{ahead}/choices").json
    assert found["lift"] is None and found["cancel"]["loans"] == 4812
    library.post(f"{ahead}/cancel")
    asked = len(peers["loans"].asked)
    found = library.get(f"{ahead}/choices").json
    assert (found["lift"], found["cancel"], len(peers["loans"].asked)) == (None, None, asked)


def test_a_choice_that_would_be_refused_has_no_numbers_and_the_others_have(library):
    previewers(library)
    one = f"{BASE}/{library.declared(branch_ids='all')['id']}"
    library.branch("never", "root", opening_hours="off")
    found = library.get(f"{one}/choices").json
    assert found["lift"] is None and found["cancel"]["loans"] == 4812


def test_who_may_not_decide_is_told_no_numbers(library):
    previewers(library)
    one = f"{BASE}/{library.declared()['id']}"
    assert library.get(f"{one}/choices", token=library.token({"operator": ["north"]})).status_code == 403
    assert library.get(f"{one}/choices", token=library.token({"librarian": "all"})).status_code == 403
    assert library.get(f"{BASE}/{uuid.uuid4()}/choices").status_code == 404
