"""Drafts of a declaration: one's own, on any device, thrown away after a month; and closures declared ahead."""

import uuid
from datetime import timedelta

from services.quarantines.drafts import MOST
from services.quarantines.ticks import forget_old_drafts
from tests.quarantines.library import BASE, TODAY, errors_of

DRAFTS = f"{BASE}/drafts"


def put(library, draft_id, content, **options):
    return library.call("PUT", f"{DRAFTS}/{draft_id}", json={"content": content}, **options)


def test_a_draft_is_kept_as_it_is_and_replaced(library):
    draft_id = str(uuid.uuid4())
    first = put(library, draft_id, {"starts_on": "not a day yet", "branch_ids": ["nowhere"], "reason_kk": "Тұмау"})
    assert first.status_code == 200 and first.json["id"] == draft_id
    assert library.get(f"{DRAFTS}/{draft_id}").json["content"]["reason_kk"] == "Тұмау"
    put(library, draft_id, {"starts_on": "2026-02-09"})
    (kept,) = library.get(DRAFTS).json["items"]
    assert kept["content"] == {"starts_on": "2026-02-09"}
    assert library.events() == [] and library.get(BASE).json["items"] == []


def test_a_draft_is_seen_by_its_owner_alone(library):
    draft_id = str(uuid.uuid4())
    put(library, draft_id, {"a": "mine"})
    from shared import auth
    from shared.settings import secret_of

    other = auth.Principal("staff:2", "staff", roles={"operator": "all"})
    token = auth.issue(secret_of(library.settings), other, timedelta(hours=1))
    assert library.get(DRAFTS, token=token).json["items"] == []
    assert library.get(f"{DRAFTS}/{draft_id}", token=token).status_code == 404
    assert put(library, draft_id, {"a": "stolen"}, token=token).status_code == 404
    assert library.call("DELETE", f"{DRAFTS}/{draft_id}", token=token).status_code == 204
    assert library.get(f"{DRAFTS}/{draft_id}").json["content"] == {"a": "mine"}


def test_a_draft_thrown_away_is_gone_and_twice_is_as_good(library):
    draft_id = str(uuid.uuid4())
    put(library, draft_id, {})
    assert [library.call("DELETE", f"{DRAFTS}/{draft_id}").status_code for _ in range(2)] == [204, 204]
    assert library.get(f"{DRAFTS}/{draft_id}").status_code == 404


def test_what_is_no_draft_is_refused(library):
    for content in ("text", None, {"a": "x" * 60_001}, {"a": "\0"}):
        assert "content" in errors_of(put(library, uuid.uuid4(), content)), str(content)[:20]
    for _ in range(MOST):
        assert put(library, uuid.uuid4(), {}).status_code == 200
    assert put(library, uuid.uuid4(), {}).status_code == 409


def test_old_drafts_go_by_themselves(library):
    put(library, uuid.uuid4(), {"old": "yes"})
    library.set_today(TODAY + timedelta(days=20))
    put(library, uuid.uuid4(), {"old": "no"})
    library.set_today(TODAY + timedelta(days=40))
    forget_old_drafts(library.system.contexts["quarantines"])
    assert [each["content"] for each in library.get(DRAFTS).json["items"]] == [{"old": "no"}]


def closures(library, branch_id):
    found = library.get(f"/api/v1/branches/{branch_id}", token="").json
    return found["closed"], found["ahead"]


def test_a_branch_tells_the_closure_that_is_to_come(library):
    library.branch("root")
    library.branch("other")
    assert closures(library, "root") == (None, None)
    ahead = library.declared(branch_ids=["root"], starts_on="2026-02-09", ends_on="2026-02-15", reason={"kk": "Жөндеу"})
    library.declared(branch_ids=["root"], starts_on="2026-03-02", ends_on=None)
    closed, coming = closures(library, "root")
    assert closed is None
    assert coming == {
        "quarantine_id": ahead["id"],
        "kind": "quarantine",
        "state": "declared",
        "decided_at": ahead["decided_at"],
        "starts_on": "2026-02-09",
        "until": "2026-02-15",
        "reopens_on": "2026-02-16",
        "reason": {"kk": "Жөндеу"},
    }
    assert closures(library, "other") == (None, None)
    library.post(f"/api/v1/quarantines/{ahead['id']}/lift", {"reopens_on": "2026-02-12"})
    closed, coming = closures(library, "root")
    assert (coming["state"], coming["reopens_on"]) == ("lifted", "2026-02-12")
    assert coming["decided_at"] >= ahead["decided_at"]


def test_what_comes_after_the_present_closure_is_told_beside_it_and_what_lies_inside_is_not(library):
    library.branch("root")
    library.declared(branch_ids=["root"], starts_on="2026-02-02", ends_on="2026-02-15")
    library.declared(branch_ids=["root"], starts_on="2026-02-10", ends_on="2026-02-12")
    later = library.declared(branch_ids=["root"], starts_on="2026-02-23", ends_on=None)
    closed, coming = closures(library, "root")
    assert closed["reopens_on"] == "2026-02-16"
    assert (coming["quarantine_id"], coming["reopens_on"]) == (later["id"], None)
    library.declared(branch_ids=["root"], starts_on="2026-02-02", ends_on=None)
    assert closures(library, "root")[1] is None
