"""Counts what a quarantine did, from what the API answers. Pure: answers in, numbers out."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Json = dict[str, Any]
Row = Mapping[str, str]
MARKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class BranchFacts:
    """One branch: `before` and `after` are books due on each of `days`."""

    branch_id: str
    moved: int
    earliest: date | None
    latest: date | None
    already_late: int
    left_alone: int
    before: list[int]
    after: list[int]


def days_to_show(loans: list[Json], first_day: date) -> list[date]:
    """Every day from the first closed one to the last on which a book is due, before or after."""
    due = [_day(loan[field]) for loan in loans for field in ("original_due_on", "due_on") if loan[field]]
    last_day = max([*due, first_day])
    return [first_day + timedelta(days=n) for n in range((last_day - first_day).days + 1)]


def branch_facts(branch_id: str, loans: list[Json], quarantine: Json, days: list[date]) -> BranchFacts:
    on_loan = [loan for loan in loans if loan["status"] == "on_loan"]
    moved = [loan for loan in on_loan if _moved_by(loan, quarantine["id"])]
    new_dates = [_day(loan["due_on"]) for loan in moved if loan["due_on"]]
    return BranchFacts(
        branch_id=branch_id,
        moved=len(moved),
        earliest=min(new_dates, default=None),
        latest=max(new_dates, default=None),
        already_late=sum(loan["original_due_on"] < quarantine["starts_on"] for loan in moved),
        left_alone=sum(loan["status"] in ("lost", "claimed_returned") for loan in loans),
        before=_per_day(on_loan, "original_due_on", days),
        after=_per_day(on_loan, "due_on", days),
    )


def told_by(notices: Iterable[Json]) -> dict[str, Counter[str]]:
    """Language -> channel -> notices that went out over it."""
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for notice in notices:
        sent = {delivery["channel"] for delivery in notice["deliveries"] if delivery["state"] == "sent"}
        told[notice["language"]].update(sent)
    return dict(told)


def bars(counts: list[int], tallest: int) -> str:
    """One mark a day, as high as its share of `tallest`; a day without books is a dot."""
    return "".join(MARKS[(len(MARKS) - 1) * count // tallest] if count else "·" for count in counts)


def reader_to_show(readers: Iterable[Row], loans: Iterable[Row], last_closed: date) -> str:
    """Card of the Kazakh-speaking parent of whose own and children's books a closure until then moves the most."""
    due = (loan for loan in loans if loan["status"] == "on_loan" and _day(loan["due_on"]) <= last_closed)
    moving = Counter(loan["card_number"] for loan in due)
    by_card: dict[str, Row] = {}
    children: Counter[str] = Counter()
    for reader in readers:
        by_card[reader["card_number"]] = reader
        children[reader["guardian_card_number"]] += moving[reader["card_number"]]
    suitable = [
        card
        for card, reader in by_card.items()
        if reader["language"] == "kk" and reader["email"] and not reader["blocked"] and moving[card] >= 2
    ]
    return max(suitable, key=lambda card: (children[card], moving[card], card))


def read_rows(lines: Iterable[str]) -> list[Row]:
    return list(csv.DictReader(lines))


def count_of(value: int | list[Json]) -> int:
    return len(value) if isinstance(value, list) else value


def _moved_by(loan: Json, quarantine_id: str) -> bool:
    by_it = any(change["quarantine_id"] == quarantine_id for change in loan["changes"])
    return by_it and loan["due_on"] != loan["original_due_on"]


def _per_day(loans: list[Json], field: str, days: list[date]) -> list[int]:
    due = Counter(loan[field] for loan in loans)
    return [due[day.isoformat()] for day in days]


def _day(text: str) -> date:
    return date.fromisoformat(text)
