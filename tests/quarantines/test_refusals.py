"""Bad input to a decision: one clear problem, naming the field, in the caller's language; nothing half-done."""

from collections.abc import Iterator

import pytest

from shared import clock, settings
from tests.quarantines.library import BASE, Library, declaration, errors_of


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """One for all tests of the module, since none of them changes anything."""
    home = tmp_path_factory.mktemp("home")
    made = Library(settings.load({"KITAPHANA_HOME": str(home), "KITAPHANA_CLOCK_FILE": str(home / "clock")}))
    made.branch("root")
    made.branch("north", "root")
    made.branch("attic", "north")
    made.branch("other")
    made.declared(branch_ids=["attic"])
    yield made
    made.system.close()
    clock.shift_by_file("")


@pytest.mark.parametrize(
    ("change", "field", "part"),
    [
        ({"branch_ids": ["root", "nowhere"]}, "branch_ids", "Unknown branch: nowhere."),
        ({"branch_ids": []}, "branch_ids", "at least one branch"),
        ({"branch_ids": "north"}, "branch_ids", "at least one branch"),
        ({"branch_ids": [1]}, "branch_ids", "at least one branch"),
        ({"branch_ids": ...}, "branch_ids", "Missing data"),
        ({"starts_on": ...}, "starts_on", "Missing data"),
        ({"starts_on": "2.2.2026"}, "starts_on", "Not a valid date"),
        ({"starts_on": "1926-02-02"}, "starts_on", "ten years"),
        ({"ends_on": "2062-02-02"}, "ends_on", "ten years"),
        ({"ends_on": "2026-02-01"}, "ends_on", "before the first"),
        ({"ends_on": ..., "reopens_on": "2026-02-02"}, "reopens_on", "after the first closed day"),
        ({"reopens_on": "2026-02-20"}, "reopens_on", "disagree"),
        ({"reopens_on": "2026-02-15"}, "reopens_on", "disagree"),
        ({"grace_days": -1}, "grace_days", "0"),
        ({"grace_days": "many"}, "grace_days", "integer"),
        ({"returns_per_day": 0}, "returns_per_day", "whole number"),
        ({"returns_per_day": True}, "returns_per_day", "whole number"),
        ({"returns_per_day": {"north": "x"}}, "returns_per_day", "whole number"),
        ({"branch_ids": ["north"], "returns_per_day": {"other": 5}}, "returns_per_day", "other"),
        ({"include_overdue": "perhaps"}, "include_overdue", "boolean"),
        ({"reason": {"kk": " "}}, "reason", "one language"),
        ({"reason": {"de": "Seuche"}}, "reason", "Unknown field"),
        ({"basis": {"date": "soon"}}, "basis", "Not a valid date"),
        ({"colour": "red"}, "colour", "Unknown field"),
        ({"note": "a\0b"}, "note", "Not a valid string"),
        ({"reason": {"kk": "a\0b"}}, "reason", "Not a valid string"),
    ],
)
def test_what_cannot_be_declared_is_refused_by_field_and_nothing_is_done(library, change, field, part):
    answer = library.post(BASE, declaration(**change))
    assert part in str(errors_of(answer)[field])
    assert len(library.get(BASE).json["items"]) == 1
    assert len(library.events("quarantine.")) == 1


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", "Соңғы жабық күн"),
        ("ru", "Последний день закрытия раньше первого."),
        ("en", "The last closed day is before the first."),
    ],
)
def test_a_refusal_speaks_the_callers_language(library, language, words):
    answer = library.post(BASE, declaration(ends_on="2026-02-01"), headers={"Accept-Language": language})
    assert errors_of(answer)["ends_on"][0].startswith(words)
    assert answer.headers["Content-Language"] == language


@pytest.mark.parametrize(
    ("body", "field", "part"),
    [
        ({}, "ends_on", "Say what changes"),
        ({"note": "nothing else"}, "ends_on", "Say what changes"),
        ({"ends_on": "2026-02-01"}, "ends_on", "before the first"),
        ({"reopens_on": "2026-02-02"}, "reopens_on", "after the first closed day"),
        ({"ends_on": "2026-02-10", "reopens_on": "2026-02-20"}, "reopens_on", "disagree"),
        ({"starts_on": "2026-02-03"}, "starts_on", "Unknown field"),
        ({"branch_ids": "all"}, "branch_ids", "Unknown field"),
        ({"returns_per_day": {"nowhere": 4}}, "returns_per_day", "nowhere"),
        ({"grace_days": None}, "grace_days", "null"),
    ],
)
def test_a_change_that_cannot_be(library, body, field, part):
    (quarantine,) = library.get(f"{BASE}?branch=attic").json["items"]
    assert part in str(errors_of(library.patch(f"{BASE}/{quarantine['id']}", body))[field])
    assert library.quarantine(quarantine["id"])["version"] == 1
