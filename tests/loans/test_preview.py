"""The preview is the deed without the writing; reconciliation finds what is not right."""

import random
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.loans import models
from shared.auth import service_token
from shared.settings import secret_of
from tests.loans.closing import Decided, all_due, decide, feb, put_out, set_today, told
from tests.loans.library import Library
from tests.oracle import expected_due_on


def as_service(library: Library) -> str:
    return service_token(secret_of(library.settings), "quarantines")


def ask_preview(library: Library, decision: Decided, name: str = "declare") -> dict[str, Any]:
    body = {"quarantine": decision.data, "decision": name}
    answer = library.post("/loans/preview", body, token=as_service(library))
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def reconcile(library: Library, decision: Decided, **query: Any) -> dict[str, Any]:
    answer = library.get("/loans/reconciliation", as_service(library), quarantine_id=decision.id, **query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def stock(library: Library, seed: int = 1) -> dict[str, tuple[date, date, str]]:
    """Sixty loans of twenty readers at two branches: loan -> (original date, day lent, branch)."""
    chance = random.Random(seed)
    library.branch("other")
    found = {}
    for n in range(20):
        household = f"card:K-{n // 2 * 2:02}"
        card = library.reader(f"K-{n:02}", household=household)
        for _ in range(3):
            original = date(2026, 1, 20) + timedelta(days=chance.randrange(50))
            lent, branch = original - timedelta(days=chance.choice((7, 14, 30))), chance.choice(("main", "other"))
            found[put_out(library, card, original, branch=branch, anchored_on=lent)] = (original, lent, branch)
    return found


BOTH = ("main", "other")
SEVERAL = [
    [Decided(feb(2), feb(15), branches=BOTH)],
    [Decided(feb(2), feb(15), branches=BOTH, grace_days=2), Decided(feb(10), feb(20), include_overdue=False)],
    [Decided(feb(2), feb(8), branches=BOTH, hours="Mo-Fr 09:00-18:00"), Decided(feb(20), None, branches=("other",))],
    [
        Decided(date(2026, 1, 25), feb(5), branches=BOTH),
        Decided(feb(6), feb(9)),
        Decided(feb(3), feb(27), grace_days=1),
    ],
]


@pytest.mark.parametrize("decisions", SEVERAL)
def test_every_loan_is_as_the_oracle_says_and_as_the_preview_said(
    library: Library, today: Path, decisions: list[Decided]
) -> None:
    on = feb(4)
    set_today(today, on)
    loans = stock(library)
    for decision in decisions:
        before = all_due(library)
        said = ask_preview(library, decision)
        decide(library, decision)
        assert_done_as_said(library, decision, before, said)
    for loan, (original, lent, branch) in loans.items():
        shutdowns = [decision.shutdown() for decision in decisions if branch in decision.branches]
        assert all_due(library)[loan] == expected_due_on(original, lent, shutdowns, on)
    for decision in reversed(decisions):
        before = all_due(library)
        cancelled = decision.then("cancelled")
        said = ask_preview(library, cancelled, "cancel")
        decide(library, cancelled)
        assert_done_as_said(library, cancelled, before, said)
    assert all_due(library) == {loan: original for loan, (original, _, _) in loans.items()}


@pytest.mark.parametrize("limit", [2, 4])
def test_with_return_slots_too(library: Library, today: Path, limit: int) -> None:
    set_today(today, feb(4))
    stock(library)
    decision = Decided(feb(2), feb(15), branches=BOTH, returns_per_day=limit)
    for version in (decision, decision.then(ends_on=feb(10)), decision.then(ends_on=feb(20)).then()):
        before = all_due(library)
        said = ask_preview(library, version)
        decide(library, version)
        assert_done_as_said(library, version, before, said)
        found = reconcile(library, version)
        assert (found["loans_right"], found["wrong"]) == (60, [])


def branch_of(library: Library, loan_id: str) -> str:
    with library.database.reading() as session:
        return session.get_one(models.Loan, loan_id).branch_id


def assert_done_as_said(
    library: Library, decision: Decided, before: dict[str, date | None], said: dict[str, Any]
) -> None:
    after = all_due(library)
    events = told(library, decision)
    moved = {loan for loan in after if after[loan] != before[loan]}
    assert moved == {line["loan_id"] for each in events for line in each["changes"]}
    assert said["loans"] == len(moved)
    assert_named(said, events)
    assert said["readers"] == len(events)
    assert sum(each["loans"] for each in said["by_branch"]) == len(moved)
    assert said["no_date"] == sum(1 for loan in moved if after[loan] is None)
    shown = {(line["branch_id"], line["day"]): line["after"] for line in said["returns"] if line["after"]}
    per_day = Counter((branch_of(library, loan), str(day)) for loan, day in after.items() if day is not None)
    assert shown == {key: per_day[key] for key in shown}
    first = decision.starts_on.isoformat()
    assert {key for key in per_day if key[0] in decision.branches and key[1] >= first} <= shown.keys()
    brought_nearer = [loan for loan in moved if (now := after[loan]) and ((was := before[loan]) is None or now < was)]
    assert said["nearer"] == len(brought_nearer)


def assert_named(said: dict[str, Any], events: list[dict[str, Any]]) -> None:
    """Loans that move again by name and day, the readers of the others by card."""
    moved = {line["loan_id"]: (each["card_number"], line) for each in events for line in each["changes"]}
    first = sorted({card for card, line in moved.values() if line["loan_version"] == 2})
    again = {loan: (card, line["from"], line["to"]) for loan, (card, line) in moved.items() if line["loan_version"] > 2}
    assert said["cards"] == first
    assert again == {
        loan: (card, group["was"], group["now"])
        for group in said["again"]
        for loan, card in zip(group["loans"], group["cards"], strict=True)
    }


def test_the_preview_counts_what_comes_nearer_or_is_past_already(library: Library, today: Path) -> None:
    set_today(today, feb(12))
    card = library.reader()
    for due_on in (feb(3), feb(13), feb(14), feb(27)):
        put_out(library, card, due_on)
    decide(library, closed := Decided(feb(2), feb(22)))
    said = ask_preview(library, closed.then("cancelled"), "cancel")
    assert (said["loans"], said["nearer"], said["loans_back"]) == (3, 3, 3)
    assert (said["already_past"], said["due_within_three_days"], said["overdue_frozen"]) == (1, 2, 0)


def test_the_preview_counts_the_overdue_whose_clock_stops(library: Library, today: Path) -> None:
    set_today(today, feb(4))
    card = library.reader()
    put_out(library, card, date(2026, 1, 20))
    put_out(library, card, feb(3))
    said = ask_preview(library, Decided(feb(2), feb(15)))
    assert (said["loans"], said["overdue_frozen"], said["readers"]) == (2, 1, 1)


def test_a_branch_that_never_opens_is_named(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    put_out(library, library.reader(), feb(5))
    said = ask_preview(library, Decided(feb(2), feb(15), hours="2025 Mo-Fr 09:00-18:00"))
    assert said["never_open"] == ["main"]


def test_reconciliation_finds_the_wrong_loan_and_pages_cards_in_order(library: Library, today: Path) -> None:
    set_today(today, feb(4))
    loans = stock(library)
    decide(library, closed := Decided(feb(2), feb(15), branches=BOTH))
    whole = reconcile(library, closed)
    assert (whole["loans_in_scope"], whole["loans_right"], whole["wrong"]) == (60, 60, [])
    assert [item["card_number"] for item in whole["items"]] == sorted(each["card_number"] for each in told(library))

    paged, cursor = [], {}
    while True:
        page = reconcile(library, closed, limit=7, **cursor)
        paged += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert paged == whole["items"]
    moved = {line["loan_id"] for item in paged for line in item["loans"]}
    assert moved == {line["loan_id"] for each in told(library) for line in each["changes"]}

    victim = min(moved)
    right = all_due(library)[victim]
    library.change(victim, due_on=feb(1))
    broken = reconcile(library, closed)
    assert broken["loans_right"] == 59
    [wrong] = broken["wrong"]
    assert (wrong["loan_id"], wrong["due_on"], wrong["expected"]) == (victim, "2026-02-01", str(right))
    assert wrong["branch_id"] == loans[victim][2]


def test_only_services_may_ask(library: Library) -> None:
    closed = Decided(feb(2), feb(15))
    assert library.post("/loans/preview", {"quarantine": closed.data}).status_code == 403
    assert library.get("/loans/reconciliation", quarantine_id=closed.id).status_code == 403
    broken = {"quarantine": closed.data | {"starts_on": "soon"}}
    assert library.post("/loans/preview", broken, token=as_service(library)).status_code == 422
