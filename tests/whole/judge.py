"""The independent verdict on a whole library: what the API answers against the oracle, loan by loan.

Knows the files that were imported and the decisions that were taken; shares no code with the product.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle import Shutdown, expected_due_on

Items = Callable[[str], Iterator[dict[str, Any]]]
GOING_OUT = ("queued", "sent", "failed")


@dataclass
class Imported:
    """The loans as their file says, by id."""

    loans: dict[str, dict[str, str]]
    readers: dict[str, dict[str, str]]

    @classmethod
    def read(cls, loans: Path, readers: Path) -> Imported:
        return cls(_by(loans, "loan_id"), _by(readers, "card_number"))


def _by(path: Path, key: str) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row[key]: row for row in csv.DictReader(file)}


@dataclass
class Decided:
    """The closures as they stand, by quarantine id: the branches each shuts and what staff entered."""

    hours: Mapping[str, str]
    closures: dict[str, tuple[frozenset[str], dict[str, Any]]] = field(default_factory=dict)

    def shutdowns(self, branch_id: str) -> list[Shutdown]:
        return [
            Shutdown(id=quarantine_id, opening_hours=self.hours[branch_id], **entered)
            for quarantine_id, (branches, entered) in self.closures.items()
            if branch_id in branches
        ]


def wrong_loans(items: Items, imported: Imported, decided: Decided) -> list[tuple[str, Any, Any]]:
    """(loan, date in force, date by the rule) of every imported loan that is not as the rule says."""
    today = datetime.now(ZoneInfo("Asia/Almaty")).date()
    found = {loan["id"]: loan for loan in items("/loans")}
    assert set(imported.loans) <= set(found), "loans are missing"
    wrong = []
    for loan_id, row in imported.loans.items():
        original = date.fromisoformat(row["due_on"])
        expected: date | None = original
        if row["status"] == "on_loan":
            lent_on = date.fromisoformat(row["lent_on"])
            expected = expected_due_on(original, lent_on, decided.shutdowns(row["branch_id"]), today)
        stated = found[loan_id]["due_on"]
        if stated != (expected.isoformat() if expected else None):
            wrong.append((loan_id, stated, expected))
    return wrong


def moved_cards(items: Items, imported: Imported, branches: Iterable[str]) -> set[str]:
    """Cards with a book out whose date is not the agreed one."""
    scope = set(branches)
    return {
        loan["card_number"]
        for loan in items("/loans?status=on_loan")
        if loan["id"] in imported.loans and loan["branch_id"] in scope and loan["due_on"] != loan["original_due_on"]
    }


def addressee(card: str, imported: Imported, consent_age: int = 16) -> tuple[str, str]:
    """(who is written to, in which language), from the readers' file alone."""
    reader = imported.readers[card]
    if not _is_child(reader, consent_age):
        return card, reader["language"]
    if guardian := reader["guardian_card_number"]:
        return guardian, imported.readers[guardian]["language"]
    contact = reader.get("guardian_phone") or reader.get("guardian_email")
    if contact:
        return contact, reader.get("guardian_language") or reader["language"]
    return card, reader["language"]


def is_institution(card: str, imported: Imported) -> bool:
    return imported.readers[card]["kind"] == "institution"


def _is_child(reader: Mapping[str, str], consent_age: int) -> bool:
    if not reader["birth_date"] or reader["kind"] == "institution":
        return False
    born, today = date.fromisoformat(reader["birth_date"]), datetime.now(ZoneInfo("Asia/Almaty")).date()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < consent_age


def faults_of_notices(items: Items, imported: Imported, quarantine_id: str) -> list[str]:
    """What is wrong with the notices of a decision: two for one person and version, a wrong language."""
    notices = [n for n in items(f"/notices?quarantine_id={quarantine_id}") if n["kind"] in ("digest", "correction")]
    going = [notice for notice in notices if notice["state"] in GOING_OUT]
    per_person = Counter((_family(notice, imported), notice["version"]) for notice in going)
    faults = [f"{count} notices for one family and version" for count in per_person.values() if count > 1]
    for notice in going:
        languages = {addressee(card, imported)[1] for card in notice["about"]}
        if notice["language"] not in languages:
            faults.append(f"notice {notice['id']} in {notice['language']}, expected {languages}")
    return faults


def _family(notice: Mapping[str, Any], imported: Imported) -> str:
    return min(addressee(card, imported)[0] for card in notice["about"])


def about(items: Items, quarantine_id: str) -> set[str]:
    """Cards that some notice of the decision is about."""
    return {
        card
        for notice in items(f"/notices?quarantine_id={quarantine_id}")
        for card in notice["about"]
        if notice["state"] in GOING_OUT
    }


def cards_expiring(imported: Imported, first: date, last: date) -> set[str]:
    """Cards of readers whose card would end on one of these days."""
    ends = {card: reader["card_expires_on"] for card, reader in imported.readers.items()}
    return {card for card, day in ends.items() if day and first <= date.fromisoformat(day) <= last}


def returns_by_day(items: Items, branch_id: str) -> dict[str, dict[str, int]]:
    """Books due at a branch, by day and card."""
    days: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for loan in items(f"/loans?branch_id={branch_id}&status=on_loan"):
        if loan["due_on"]:
            days[loan["due_on"]][loan["card_number"]] += 1
    return days


def scope_of(tree: Mapping[str, str | None], nodes: Sequence[str]) -> frozenset[str]:
    """The nodes and everything below them."""
    chosen = set(nodes)
    while more := {branch for branch, parent in tree.items() if parent in chosen} - chosen:
        chosen |= more
    return frozenset(chosen)
