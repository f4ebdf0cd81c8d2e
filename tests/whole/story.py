"""What happens in a library of twelve branches that closes its doors, told and checked step by step."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from demo.library import SampleFiles, generate
from tests.support.whole import Library
from tests.whole import judge

HOURS = ["Mo-Sa 09:00-18:00", "Mo-Fr 09:00-18:00; Fr[-1] off", "Tu-Sa 10:00-19:00"]
BRANCHES = [f"b{number:02}" for number in range(1, 13)]
TREE = {
    branch: None if number == 0 else BRANCHES[0] if number < 4 else BRANCHES[number // 4]
    for number, branch in enumerate(BRANCHES)
}
TODAY = datetime.now(ZoneInfo("Asia/Almaty")).date()


def day(offset: int) -> str:
    return (TODAY + timedelta(days=offset)).isoformat()


def own_files(folder: Path, readers: int, loans: int) -> SampleFiles:
    """The generator's files with the branches of this test."""
    files = generate(folder, TODAY, readers=readers, loans=loans, branches=12, seed=7)
    names = [line.split(",")[0] for line in files.branches.read_text(encoding="utf-8").splitlines()[1:]]
    for path in (files.readers, files.loans):
        text = path.read_text(encoding="utf-8")
        for name, branch in zip(names, BRANCHES, strict=True):
            text = text.replace(f",{name},", f",{branch},")
        path.write_text(text, encoding="utf-8")
    return files


def check(
    library: Library, imported: judge.Imported, decided: judge.Decided, quarantine_id: str, seconds: float
) -> None:
    proof = library.wait_until_done(quarantine_id, seconds)
    assert judge.wrong_loans(library.items, imported, decided) == []
    assert proof["clean"], {name: value for name, value in proof.items() if name != "progress"}
    counted = proof["readers_told"] + proof["unreachable"] + proof["pending"] + len(proof["missing"])
    assert counted == proof["readers_affected"]
    assert judge.faults_of_notices(library.items, imported, quarantine_id) == []


def three_overlapping_closures(library: Library, imported: judge.Imported, seconds: float = 120) -> None:
    """Extended, lifted and cancelled; one without an end. Every date by the oracle after every step."""
    decided = judge.Decided({branch: HOURS[number % 3] for number, branch in enumerate(BRANCHES)})
    body = {"branch_ids": [BRANCHES[1]], "starts_on": day(-3), "ends_on": day(18), "grace_days": 2}
    expected = library.post("/quarantines/preview", body | usual())
    first = library.declare(**body)
    shut = judge.scope_of(TREE, [BRANCHES[1]])
    entered = {"starts_on": TODAY - timedelta(days=3), "ends_on": TODAY + timedelta(days=18), "grace_days": 2}
    decided.closures[first["id"]] = (shut, dict(entered))
    check(library, imported, decided, first["id"], seconds)
    told_as_foreseen(library, expected, first["id"])
    assert expected["loans"] == sum(
        loan["due_on"] != loan["original_due_on"] for loan in library.items("/loans?status=on_loan")
    )
    affected = judge.moved_cards(library.items, imported, shut)
    assert expected["readers"] == len(affected)
    told_of_cards = judge.cards_expiring(imported, TODAY - timedelta(days=3), TODAY + timedelta(days=18))
    assert affected <= judge.about(library.items, first["id"]) <= affected | told_of_cards

    wide = {"branch_ids": "all", "starts_on": day(5), "ends_on": day(40), "grace_days": 0, "announce": True}
    expected = library.post("/quarantines/preview", usual() | wide)
    second = library.declare(**wide)
    entered_second = {"starts_on": TODAY + timedelta(days=5), "ends_on": TODAY + timedelta(days=40)}
    decided.closures[second["id"]] = (frozenset(BRANCHES), dict(entered_second))
    check(library, imported, decided, second["id"], seconds)
    told_as_foreseen(library, expected, second["id"])
    assert expected["announcements"] > 0

    endless = {"branch_ids": BRANCHES[8:10], "starts_on": day(-1), "ends_on": None, "grace_days": 0}
    expected = library.post("/quarantines/preview", usual() | endless)
    third = library.declare(**endless)
    shut_third = judge.scope_of(TREE, BRANCHES[8:10])
    decided.closures[third["id"]] = (shut_third, {"starts_on": TODAY - timedelta(days=1), "ends_on": None})
    check(library, imported, decided, third["id"], seconds)
    told_as_foreseen(library, expected, third["id"])

    expected = foreseen(library, first, "change", ends_on=day(55))
    library.call("PATCH", f"/quarantines/{first['id']}", json_body={"ends_on": day(55)})
    decided.closures[first["id"]] = (shut, entered | {"ends_on": TODAY + timedelta(days=55)})
    check(library, imported, decided, first["id"], seconds)
    told_as_foreseen(library, expected, first["id"])

    expected = foreseen(library, third, "lift", reopens_on=day(10))
    library.post(f"/quarantines/{third['id']}/lift", {"reopens_on": day(10)})
    lifted = {"starts_on": TODAY - timedelta(days=1), "ends_on": TODAY + timedelta(days=9)}
    decided.closures[third["id"]] = (shut_third, lifted)
    check(library, imported, decided, third["id"], seconds)
    told_as_foreseen(library, expected, third["id"])

    for quarantine in (second, first, third):
        expected = foreseen(library, quarantine, "cancel")
        library.post(f"/quarantines/{quarantine['id']}/cancel", {})
        del decided.closures[quarantine["id"]]
        check(library, imported, decided, quarantine["id"], seconds)
        told_as_foreseen(library, expected, quarantine["id"])
    assert all(loan["due_on"] == loan["original_due_on"] for loan in library.items("/loans?status=on_loan"))


def foreseen(library: Library, quarantine: dict[str, Any], decision: str, **body: Any) -> dict[str, Any]:
    found: dict[str, Any] = library.post(f"/quarantines/{quarantine['id']}/preview", {"decision": decision, **body})
    return found


def told_as_foreseen(library: Library, expected: dict[str, Any], quarantine_id: str) -> None:
    """The notices of the present version are as many as its preview said, and so are those that reach nobody."""
    version = library.get(f"/quarantines/{quarantine_id}")["version"]
    notices = [
        notice
        for notice in library.items(f"/notices?quarantine_id={quarantine_id}")
        if notice["version"] == version and notice["state"] in judge.GOING_OUT
    ]
    digests = [notice for notice in notices if notice["kind"] in ("digest", "correction")]
    announced = [notice for notice in notices if notice["kind"] == "announcement"]
    assert expected["missing_parts"] == []
    assert (expected["notices"], expected["announcements"]) == (len(digests), len(announced))
    assert expected["unreachable"] == sum(notice["state"] == "failed" for notice in digests)


def usual() -> dict[str, Any]:
    return {"returns_per_day": None, "include_overdue": True, "announce": False, "reason": {"kk": "Карантин"}}


def returns_spread(library: Library, imported: judge.Imported, capacity: int, seconds: float = 120) -> None:
    """Within the capacity of each branch, every family on one day; institutions come by arrangement."""
    made = library.declare(starts_on=day(0), ends_on=day(20), returns_per_day=capacity)
    proof = library.wait_until_done(made["id"], seconds)
    assert proof["clean"], proof
    for branch in BRANCHES:
        moved = [
            loan
            for loan in library.items(f"/loans?branch_id={branch}&status=on_loan")
            if loan["due_on"] != loan["original_due_on"] and not judge.is_institution(loan["card_number"], imported)
        ]
        days: dict[str, set[str]] = {}
        families: dict[str, dict[str, int]] = {}
        for loan in moved:
            family = judge.addressee(loan["card_number"], imported, consent_age=200)[0]
            days.setdefault(family, set()).add(loan["due_on"])
            books = families.setdefault(loan["due_on"], {})
            books[family] = books.get(family, 0) + 1
        assert all(len(chosen) == 1 for chosen in days.values()), "a family comes on two days"
        due = judge.returns_by_day(library.items, branch)
        for chosen_day, books in families.items():
            alone = len(books) == 1 and sum(books.values()) > capacity
            placed = sum(n for card, n in due[chosen_day].items() if not judge.is_institution(card, imported))
            assert placed <= capacity or alone, (branch, chosen_day)


def open_branches(library: Library) -> None:
    for number, branch in enumerate(BRANCHES):
        library.branch(branch, HOURS[number % 3], TREE[branch])


def fill(library: Library, folder: Path, readers: int, loans: int) -> judge.Imported:
    """Imports a library of that size; no line is refused."""
    files = own_files(folder, readers, loans)
    assert library.import_file("readers", files.readers)["rejected"] == []
    assert library.import_file("loans", files.loans)["rejected"] == []
    return judge.Imported.read(files.loans, files.readers)
