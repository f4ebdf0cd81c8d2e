"""Loans as a family sees them: whose book, until when, why the day moved, and the one sentence on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.gateway.opening import Branch

ON_LOAN = "on_loan"
MOST_HISTORY = 50

MOVED = "moved"
UNCHANGED = "unchanged"
UNTIL_OPEN = "until_open"
STOPPED = "stopped"
PROTECTED = "protected"
LATE = "late"


@dataclass(frozen=True)
class Book:
    """`due_on` none: until the library opens. `was`: the day agreed at lending, where another is in force now."""

    id: str
    title: str
    author: str
    isbn: str | None
    card_number: str
    branch: Branch | None
    branch_id: str
    due_on: date | None
    was: date | None
    protected_until: date | None
    reason: Mapping[str, str | None]
    read_online: str | None
    state: str

    @property
    def moved(self) -> bool:
        return self.state in (MOVED, UNTIL_OPEN)

    @property
    def waits(self) -> bool:
        """Nothing to renew: its library is closed, and the date has moved by itself."""
        return bool(self.branch and self.branch.closed) and self.state != UNCHANGED


@dataclass(frozen=True)
class Member:
    """One of the family with their books: those that moved first, then the others."""

    card_number: str
    name: str
    books: Sequence[Book]
    history: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Visit:
    """Where and when to bring books: one branch, the first day due there, and how many are due that day."""

    branch: Branch | None
    branch_id: str
    on: date | None
    books: int


@dataclass(frozen=True)
class Summary:
    """The page's first sentence. `kind` nothing, until_open, late, one_day or several_days; `on`: the earliest day."""

    kind: str
    books: int
    on: date | None = None


def book(loan: Mapping[str, Any], branch: Branch | None, today: date) -> Book:
    """`today` counts only where the branch is not known."""
    due_on, original = _day(loan["due_on"]), _day(loan["original_due_on"])
    protected_until = _day(loan["protected_until"])
    day = branch.today if branch else today
    return Book(
        id=loan["id"],
        title=loan["title"],
        author=loan["author"] or "",
        isbn=loan.get("isbn"),
        card_number=loan["card_number"],
        branch=branch,
        branch_id=loan["branch_id"],
        due_on=due_on,
        was=original if due_on != original else None,
        protected_until=protected_until,
        reason=loan["reason"] or {},
        read_online=loan["read_online"],
        state=state_of(due_on, original, protected_until, bool(branch and branch.closed), day),
    )


def state_of(
    due_on: date | None, original: date | None, protected_until: date | None, closed: bool, today: date
) -> str:
    """Never late while the branch is closed, nor before a day that was promised."""
    if due_on is None:
        return UNTIL_OPEN
    if due_on < today:
        if closed:
            return STOPPED
        return PROTECTED if protected_until and protected_until >= today else LATE
    return MOVED if due_on != original else UNCHANGED


def family(
    loans: Sequence[Mapping[str, Any]], names: Mapping[str, str], own_card: str | None, branches: Mapping[str, Branch]
) -> list[Member]:
    """Members by first name, the caller first; `names`: card -> first name, also of those without a book."""
    today = max((branch.today for branch in branches.values()), default=date.min)
    cards = sorted(
        {*names, *(loan["card_number"] for loan in loans)}, key=lambda c: (c != own_card, names.get(c, ""), c)
    )
    return [_member(card, names.get(card, ""), loans, branches, today) for card in cards]


def _member(
    card: str, name: str, loans: Sequence[Mapping[str, Any]], branches: Mapping[str, Branch], today: date
) -> Member:
    own = [loan for loan in loans if loan["card_number"] == card]
    out = [book(loan, branches.get(loan["branch_id"]), today) for loan in own if loan["status"] == ON_LOAN]
    back = sorted((loan for loan in own if loan["status"] != ON_LOAN), key=lambda loan: loan["lent_on"], reverse=True)
    return Member(card, name, sorted(out, key=_order), back[:MOST_HISTORY])


def _order(each: Book) -> tuple[bool, date, str]:
    return (not each.moved, each.due_on or date.max, each.title)


def summary(books: Sequence[Book]) -> Summary:
    late = [each for each in books if each.state == LATE]
    days = {each.due_on for each in books if each.due_on and each.state != LATE}
    if not books:
        return Summary("nothing", 0)
    if late:
        return Summary("late", len(late))
    if not days:
        return Summary("until_open", len(books))
    everything_on_one_day = len(days) == 1 and all(each.due_on for each in books)
    return Summary("one_day" if everything_on_one_day else "several_days", len(books), min(days))


def visits(books: Sequence[Book]) -> list[Visit]:
    """One for each branch, the nearest day first."""
    found = []
    for branch_id in dict.fromkeys(each.branch_id for each in books):
        here = [each for each in books if each.branch_id == branch_id]
        on = min((each.due_on for each in here if each.due_on), default=None)
        found.append(Visit(here[0].branch, branch_id, on, sum(each.due_on == on for each in here)))
    return sorted(found, key=lambda visit: (visit.on or date.max, visit.branch_id))


def _day(value: str | None) -> date | None:
    return datetime.fromisoformat(value).date() if value else None
