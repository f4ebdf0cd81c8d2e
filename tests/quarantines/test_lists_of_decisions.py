"""Lists and single quarantines: pages, filters, what is not there, and what a branch says of being closed."""

from datetime import date

import pytest

from tests.quarantines.library import BASE, Library, declaration, errors_of, with_a_tree


@pytest.fixture
def library(library: Library) -> Library:
    return with_a_tree(library)


def test_lists_are_paged_newest_first_and_filtered(library):
    made = [library.declared()["id"] for _ in range(3)]
    library.post(f"{BASE}/{made[0]}/cancel")
    seen, cursor = [], ""
    while True:
        answer = library.get(f"{BASE}?limit=2{cursor}").json
        seen += [each["id"] for each in answer["items"]]
        if answer["next"] is None:
            break
        cursor = f"&cursor={answer['next']}"
    assert seen == made[::-1]
    assert [each["id"] for each in library.get(f"{BASE}?state=cancelled").json["items"]] == [made[0]]
    assert [each["id"] for each in library.get(f"{BASE}?state=declared").json["items"]] == made[:0:-1]
    assert library.get(f"{BASE}?branch=nowhere").json["items"] == []
    assert "state" in errors_of(library.get(f"{BASE}?state=open"))
    for bad in ("x", "WyJhIiwgImIiXQ", "WzEsMl0"):
        assert "cursor" in errors_of(library.get(f"{BASE}?cursor={bad}"))


@pytest.mark.parametrize("id", ["11111111-2222-4333-8444-555555555555", "nonsense"])
def test_an_unknown_quarantine_is_not_there(library, id):
    assert library.get(f"{BASE}/{id}").status_code == 404
    assert library.get(f"{BASE}/{id}/progress").status_code == 404
    assert library.get(f"{BASE}/{id}/reconciliation").status_code == 404
    assert library.patch(f"{BASE}/{id}", {"ends_on": None}).status_code == 404
    assert library.post(f"{BASE}/{id}/cancel").status_code == 404


def test_a_branch_says_whether_it_is_closed_today_and_until_when(library):
    def closed(branch: str) -> tuple[str | None, str | None] | None:
        found = library.get(f"/api/v1/branches/{branch}", token="").json["closed"]
        return found and (found["until"], found["reopens_on"])

    quarantine = library.declared(branch_ids=["north"], starts_on="2026-02-02", ends_on="2026-02-13")
    assert closed("north") == ("2026-02-13", "2026-02-16")
    assert closed("root") is None
    # A closure that follows at once keeps the doors shut.
    repair = library.declared(branch_ids=["north"], starts_on="2026-02-14", ends_on="2026-02-18")
    assert closed("north") == ("2026-02-13", "2026-02-19")
    endless = library.declared(branch_ids=["north"], starts_on="2026-02-02", ends_on=None)
    assert closed("north") == (None, None)
    for each in (endless, repair):
        library.post(f"{BASE}/{each['id']}/cancel")
    library.set_today(date(2026, 2, 13))
    assert closed("north") == ("2026-02-13", "2026-02-16")
    library.set_today(date(2026, 2, 14))
    assert closed("north") is None
    assert library.quarantine(quarantine["id"])["phase"] == "over"


def test_a_branch_closed_by_several_names_the_one_that_ends_last(library):
    library.declared(branch_ids=["north"], ends_on="2026-02-05")
    longest = library.declared(branch_ids=["north"], ends_on="2026-02-20")
    items = library.get("/api/v1/branches", token="").json["items"]
    found = {each["id"]: each["closed"] for each in items}
    assert found["north"]["quarantine_id"] == longest["id"]
    assert found["north"]["until"] == "2026-02-20"
    assert found["other"] is None


def test_who_decided_what_on_any_quarantine(library):
    first = library.post(BASE, declaration(note="after the flood")).json["id"]
    second = library.post(BASE, declaration(branch_ids=["other"])).json["id"]
    library.post(f"{BASE}/{first}/cancel", {"note": "by mistake"})
    acts = library.get(f"{BASE}/acts").json["items"]
    assert [(act["quarantine_id"], act["state"], act["note"]) for act in acts] == [
        (first, "cancelled", "by mistake"),
        (second, "declared", None),
        (first, "declared", "after the flood"),
    ]
    newest = library.get(f"{BASE}/acts?limit=2").json
    rest = library.get(f"{BASE}/acts?limit=2&cursor={newest['next']}").json
    assert [*newest["items"], *rest["items"]] == acts and rest["next"] is None
    assert library.get(f"{BASE}/acts?until=2020-01-01T00:00:00Z").json["items"] == []

    def found(**query):
        items = library.get(f"{BASE}/acts", query_string=query).json["items"]
        return [(act["quarantine_id"], act["state"]) for act in items]

    assert found(search="FLOOD after") == [(first, "declared")] and found(search="zzzz") == []
    assert found(state="declared", limit=1) == [(second, "declared")]
    assert len(found(who=acts[0]["by"])) == 3 and found(who="staff:nobody") == []
    assert found(search=acts[0]["reason"]["kk"], state="cancelled") == [(first, "cancelled")]
