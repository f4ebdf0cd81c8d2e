"""Is everyone told? Loans and notices laid side by side, card by card and loan by loan. Pure.

Both streams come in order of card number (by code point); no more than a card of each is held at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Item = Mapping[str, Any]
"""`{"card_number", "loans": […]}` as loans and notify page them."""

MOST_LISTED = 10_000
OK_STATES = ("told", "none")
"""None: nothing had to be said, because the date in force is the one the reader knows."""


class OutOfOrder(ValueError):
    """A stream is not in order of card number, so nothing can be said."""


class Reason(NamedTuple):
    """A message id and its values."""

    message: str
    values: Mapping[str, Any]


class Untold(NamedTuple):
    """A card that is missing: the reason, and the loans it is about."""

    card_number: str
    reason: Reason
    loans: Sequence[str]


@dataclass
class Verdict:
    """`told`, `pending`, `unreachable` and `missing_count` add up to `affected`; `missing` lists the first ones."""

    affected: int = 0
    told: int = 0
    pending: int = 0
    unreachable: int = 0
    missing_count: int = 0
    missing: list[Untold] = field(default_factory=list)

    def miss(self, untold: Untold) -> None:
        self.missing_count += 1
        if len(self.missing) < MOST_LISTED:
            self.missing.append(untold)


def reconcile(moved: Iterable[Item], told: Iterable[Item], wrong: Iterable[Item] = ()) -> Verdict:
    """`moved`: cards with a loan out that the quarantine moved, `{loan_id, due_on}` each. `told`: what notices say of
    cards, `{loan_id, told_on, knows, state, reason}` each. `wrong`: loans whose date breaks the rule; their cards are
    affected and missing, whatever was told.
    """
    verdict = Verdict()
    wrong_of: dict[str, list[Item]] = defaultdict(list)
    for loan in wrong:
        wrong_of[loan["card_number"]].append(loan)
    for ours, theirs in side_by_side(moved, told):
        _judge(verdict, ours, theirs, wrong_of.pop(ours["card_number"], []))
    for card_number in sorted(wrong_of):
        _judge(verdict, {"card_number": card_number, "loans": []}, None, wrong_of[card_number])
    return verdict


def side_by_side(ours: Iterable[Item], theirs: Iterable[Item]) -> Iterator[tuple[Item, Item | None]]:
    """Each of ours with theirs of the same card, if there is one. Raises OutOfOrder."""
    others = _in_order(theirs)
    other = next(others, None)
    for item in _in_order(ours):
        while other is not None and other["card_number"] < item["card_number"]:
            other = next(others, None)
        same = other is not None and other["card_number"] == item["card_number"]
        yield item, other if same else None


def _in_order(items: Iterable[Item]) -> Iterator[Item]:
    last: str | None = None
    for item in items:
        if last is not None and item["card_number"] <= last:
            raise OutOfOrder("cards came out of order")
        last = item["card_number"]
        yield item


def _judge(verdict: Verdict, ours: Item, theirs: Item | None, wrong: Sequence[Item]) -> None:
    verdict.affected += 1
    notices = {loan["loan_id"]: loan for loan in theirs["loans"]} if theirs else {}
    missing = [(loan["loan_id"], _wrong_date(loan)) for loan in wrong]
    states = []
    for loan in ours["loans"]:
        found = _state(loan, notices.get(loan["loan_id"]))
        if isinstance(found, Reason):
            missing.append((loan["loan_id"], found))
        else:
            states.append(found)
    if missing:
        loans = list(dict.fromkeys(loan_id for loan_id, _ in missing))
        verdict.miss(Untold(ours["card_number"], missing[0][1], loans))
    elif "pending" in states:
        verdict.pending += 1
    elif "unreachable" in states:
        verdict.unreachable += 1
    else:
        verdict.told += 1


def _state(loan: Item, notice: Item | None) -> Reason | str:
    """ "told" the date in force, "pending", "unreachable", or why the loan is missing."""
    if notice is None or not notice["knows"]:
        return because("No notice knows of loan {loan_id}.", loan_id=loan["loan_id"])
    if notice["state"] in ("pending", "unreachable"):
        return str(notice["state"])
    if notice["state"] not in OK_STATES:
        return because("The notice about loan {loan_id} failed: {why}.", loan_id=loan["loan_id"], why=_why(notice))
    if notice["told_on"] != loan["due_on"]:
        days = {"told_on": notice["told_on"] or "–", "due_on": loan["due_on"] or "–"}
        return because("Loan {loan_id}: told {told_on}, in force {due_on}.", loan_id=loan["loan_id"], **days)
    return "told"


def _why(notice: Item) -> str:
    return str(notice.get("reason") or notice["state"]).rstrip(".")


def _wrong_date(loan: Item) -> Reason:
    days = {"due_on": loan["due_on"] or "–", "expected": loan["expected"] or "–"}
    return because("Loan {loan_id}: due on {due_on}, by the rule {expected}.", loan_id=loan["loan_id"], **days)


def because(message: str, **values: Any) -> Reason:
    return Reason(message, values)
