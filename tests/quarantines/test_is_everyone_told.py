"""Is everyone told? Loans and notify compared card by card, and when there is no verdict."""

from typing import Any

import pytest

from services.quarantines.steps import ACTING
from tests.quarantines.library import BASE, Library
from tests.quarantines.peers import Peer


@pytest.fixture
def library(library: Library) -> Library:
    library.branch("root")
    library.branch("north", "root")
    return library


def in_pages(items: list[dict[str, Any]], size: int, **first: Any) -> Any:
    """Answers a sorted list page by page, as loans and notify do."""

    def answer(query: dict[str, Any]) -> dict[str, Any]:
        start = int(query.get("cursor", 0))
        following = start + size if start + size < len(items) else None
        head = first if start == 0 else {}
        return head | {"items": items[start : start + size], "next": None if following is None else str(following)}

    return answer


def reconcilers(library: Library, cards: int = 7, wrong: Any = (), **last: Any) -> tuple[Peer, Peer]:
    """Loans that moved one book of each card to 16 Feb, and notices that told it; `last` changes the last card's."""
    moved = [{"card_number": f"{n:03}", "loans": [{"loan_id": f"l{n}", "due_on": "2026-02-16"}]} for n in range(cards)]
    told = [
        {
            "card_number": f"{n:03}",
            "loans": [{"loan_id": f"l{n}", "told_on": "2026-02-16", "knows": True, "state": "told", "reason": None}],
        }
        for n in range(cards)
    ]
    told[-1]["loans"][0] |= last
    loans, notify = Peer(library, "loans"), Peer(library, "notify")
    totals = {"loans_in_scope": cards, "loans_right": cards - len(wrong), "wrong": list(wrong)}
    loans.answers("/api/v1/loans/reconciliation", in_pages(moved, 3, **totals))
    notify.answers("/api/v1/notices/reconciliation", in_pages(told, 2))
    return loans, notify


def reconciliation(library: Library, quarantine_id: str, **options: Any) -> dict[str, Any]:
    answer = library.get(f"{BASE}/{quarantine_id}/reconciliation", **options)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def test_clean_when_every_loan_is_right_and_every_reader_told(library):
    loans, notify = reconcilers(library)
    quarantine = library.declared()
    library.finish(quarantine, ACTING)
    assert reconciliation(library, quarantine["id"]) == {
        "quarantine_id": quarantine["id"],
        "version": 1,
        "clean": True,
        "all_told": True,
        "loans_in_scope": 7,
        "loans_right": 7,
        "readers_affected": 7,
        "readers_told": 7,
        "pending": 0,
        "unreachable": 0,
        "missing": [],
        "missing_count": 0,
        "unfinished": [],
    }
    assert [each.get("cursor") for each in loans.asked] == [None, "3", "6"]
    assert len(notify.asked) == 4
    assert {each["quarantine_id"] for each in loans.asked} == {quarantine["id"]}
    assert {each.kind for each in loans.tokens} == {"service"}


@pytest.mark.parametrize(
    ("last", "count", "clean"),
    [
        ({"state": "unreachable", "told_on": None}, "unreachable", True),
        ({"state": "pending"}, "pending", False),
        ({"state": "failed", "reason": "mailbox full"}, "missing_count", False),
    ],
)
def test_who_is_not_told_is_counted_once(library, last, count, clean):
    reconcilers(library, **last)
    quarantine = library.declared()
    library.finish(quarantine, ACTING)
    found = reconciliation(library, quarantine["id"])
    assert (found["clean"], found["all_told"], found["readers_told"], found[count]) == (clean, False, 6, 1)
    assert [each["card_number"] for each in found["missing"]] == (["006"] if count == "missing_count" else [])


def test_the_reason_is_said_in_the_callers_language(library):
    reconcilers(library, state="failed", reason="mailbox full")
    quarantine = library.declared()
    found = reconciliation(library, quarantine["id"], headers={"Accept-Language": "ru"})
    assert found["missing"][0]["reason"] == "Уведомление не доставлено (выдача: l6). Причина: mailbox full."


def test_a_loan_with_a_wrong_date_is_listed(library):
    bad = {"loan_id": "l9", "card_number": "999", "branch_id": "root", "due_on": None, "expected": "2026-02-16"}
    reconcilers(library, wrong=[bad])
    quarantine = library.declared()
    library.finish(quarantine, ACTING)
    found = reconciliation(library, quarantine["id"])
    assert (found["clean"], found["loans_right"], found["missing_count"], found["readers_affected"]) == (False, 6, 1, 8)
    assert found["missing"] == [
        {"card_number": "999", "reason": "Loan l9: due on –, by the rule 2026-02-16.", "loans": ["l9"]}
    ]


def test_nothing_is_clean_before_the_work_is_done(library):
    reconcilers(library)
    quarantine = library.declared()
    found = reconciliation(library, quarantine["id"])
    assert (found["clean"], found["unfinished"]) == (False, ["loans move", "notify notices"])
    library.finish(quarantine, [("loans", "move"), ("notify", "notices")])
    assert reconciliation(library, quarantine["id"])["clean"] is True
    library.patch(f"{BASE}/{quarantine['id']}", {"grace_days": 1})
    assert reconciliation(library, quarantine["id"])["clean"] is False


def test_a_decision_taken_meanwhile_leaves_nothing_clean(library):
    quarantine = library.declared()
    library.finish(quarantine, ACTING)
    loans, _ = reconcilers(library)

    def change(_: Any) -> dict[str, Any]:
        changed = library.patch(f"{BASE}/{quarantine['id']}", {"grace_days": 2}).json
        library.finish(changed, ACTING)
        return {"items": [], "next": None, "loans_in_scope": 0, "loans_right": 0, "wrong": []}

    other = Peer(library, "loans")
    other.answers("/api/v1/loans/reconciliation", change)
    found = reconciliation(library, quarantine["id"])
    assert (found["version"], found["clean"]) == (2, False)
    assert loans.asked == []


@pytest.mark.parametrize(("name", "noun"), [("loans", "loans"), ("notify", "notices")])
@pytest.mark.parametrize("status", [500, 404])
def test_without_one_of_the_two_there_is_no_verdict(library, name, noun, status):
    reconcilers(library)
    Peer(library, name).answers(f"/api/v1/{noun}/reconciliation", {}, status)
    quarantine = library.declared()
    answer = library.get(f"{BASE}/{quarantine['id']}/reconciliation")
    assert answer.status_code == 503
    assert name in answer.json["detail"]
    assert answer.headers["Retry-After"] == "5"


def test_staff_and_the_command_line_may_ask(library):
    reconcilers(library)
    path = f"{BASE}/{library.declared()['id']}/reconciliation"
    assert library.get(path, token="").status_code == 401
    assert library.get(path, token=library.token({}, kind="reader")).status_code == 403
    assert library.get(path, token=library.token({}, kind="service")).status_code == 200
    assert library.get(path, token=library.token({"librarian": ["root"]})).status_code == 200
