"""Loans as a family sees them: whose book, until when, why the day moved, and the one sentence on top."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.gateway.opening import Branch

ON_LOAN = "on_loan"

MOVED = "moved"
UNCHANGED = "unchanged"
PUT_BACK = "put_back"
UNTIL_OPEN = "until_open"
STOPPED = "stopped"
PROTECTED = "protected"
LATE = "late"
AGREED = ("lent", "renewed", "imported")
"""Why a date is a new agreement and nobody's correction."""


@dataclass(frozen=True)
class Book:
    """`due_on` none: until the library opens. `was`: the day agreed at lending, where another is in force now.

    `later_before`: the day in force before the last change, where that brought it nearer.
    """

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
    later_before: date | None = None

    @property
    def moved(self) -> bool:
        return self.state in (MOVED, UNTIL_OPEN)

    @property
    def waits(self) -> bool:
        """Nothing to renew: its library is closed, and the date has moved by itself."""
        return bool(self.branch and self.branch.closed) and self.moved

    @property
    def bring_on(self) -> date | None:
        """The day to bring it, never one that is past; none: at once if it is late, else when the library opens."""
        if self.state == STOPPED:
            return self.branch.reopens_on if self.branch else None
        if self.state == PROTECTED:
            return self.protected_until
        return None if self.state == LATE else self.due_on

    @property
    def may_wait_until(self) -> date | None:
        """The last day without being late, where one that was promised is later than the return date."""
        if self.due_on is None or self.protected_until is None or self.state in (LATE, STOPPED):
            return None
        return self.protected_until if self.protected_until > self.due_on else None

    @property
    def safe_until(self) -> date | None:
        """The last day without being late."""
        return max(filter(None, (self.bring_on, self.protected_until)), default=None)


@dataclass(frozen=True)
class Member:
    """One of the family with their books: those that moved first, then the others."""

    card_number: str
    name: str
    books: Sequence[Book]


@dataclass(frozen=True)
class Visit:
    """So many books to bring to a branch on a day. No day: now if `late`, else when the branch opens.

    `shut`: it does not open on that day; `come_by` is the last day before on which it does, none if there is none.
    """

    on: date | None
    books: int
    late: bool = False
    shut: bool = False
    come_by: date | None = None


@dataclass(frozen=True)
class Place:
    """A branch to bring books to, the nearest day first; `one_day`: on which all may come though their days differ."""

    branch: Branch | None
    branch_id: str
    visits: Sequence[Visit]
    one_day: date | None = None


@dataclass(frozen=True)
class Summary:
    """The page's first sentence. `kind` nothing, until_open, late, one_day or several_days; `on`: the earliest day.

    `come_by`: where the doors are shut on that day, the last day before on which they open.
    """

    kind: str
    books: int
    on: date | None = None
    come_by: date | None = None


def book(loan: Mapping[str, Any], branch: Branch | None, today: date) -> Book:
    """`today` counts only where the branch is not known."""
    due_on, original = _day(loan["due_on"]), _day(loan["original_due_on"])
    protected_until = _day(loan["protected_until"])
    day = branch.today if branch else today
    state = state_of(due_on, original, protected_until, bool(branch and branch.closed), day)
    corrected, later_before = _correction(loan.get("changes") or [], due_on)
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
        state=PUT_BACK if corrected and state == UNCHANGED else state,
        later_before=later_before,
    )


def _correction(changes: Sequence[Mapping[str, Any]], due_on: date | None) -> tuple[bool, date | None]:
    """Whether the last change brought the date nearer, and from which day; none: from "until the library opens"."""
    last = changes[-1] if changes else None
    if last is None or due_on is None or last["why"] in AGREED:
        return False, None
    before = _day(last["from"])
    return before is None or before > due_on, before if before and before > due_on else None


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


def out_and_back(loans: Sequence[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Those on loan, and the others."""
    out = [loan for loan in loans if loan["status"] == ON_LOAN]
    return out, [loan for loan in loans if loan["status"] != ON_LOAN]


def family(
    loans: Sequence[Mapping[str, Any]], names: Mapping[str, str], own_card: str | None, branches: Mapping[str, Branch]
) -> list[Member]:
    """Members by first name, the caller first; `loans`: on loan; `names`: card -> name, also of who has no book."""
    today = max((branch.today for branch in branches.values()), default=date.min)
    out = [book(loan, branches.get(loan["branch_id"]), today) for loan in loans]
    return [
        Member(card, names.get(card, ""), sorted((each for each in out if each.card_number == card), key=_order))
        for card in cards_in_order(loans, names, own_card)
    ]


def cards_in_order(loans: Sequence[Mapping[str, Any]], names: Mapping[str, str], own_card: str | None) -> list[str]:
    cards = {*names, *(loan["card_number"] for loan in loans)}
    return sorted(cards, key=lambda card: (card != own_card, names.get(card, ""), card))


def _order(each: Book) -> tuple[bool, date, str]:
    return (not each.moved, each.due_on or date.max, each.title)


def summary(books: Sequence[Book]) -> Summary:
    late = [each for each in books if each.state == LATE]
    days = {each.bring_on for each in books if each.bring_on}
    if not books:
        return Summary("nothing", 0)
    if late:
        return Summary("late", len(late))
    if not days:
        return Summary("until_open", len(books))
    everything_on_one_day = len(days) == 1 and all(each.bring_on for each in books)
    kind, on = "one_day" if everything_on_one_day else "several_days", min(days)
    return Summary(kind, len(books), on, _come_by([each for each in books if each.bring_on == on]))


def _come_by(books: Sequence[Book]) -> date | None:
    """The last day on which all these, of one day, can still be brought, where that is not the day itself."""
    days = [_last_open(each.branch, each.bring_on) for each in books if each.branch and each.bring_on]
    return min(filter(None, days), default=None)


def _last_open(branch: Branch, day: date) -> date | None:
    return None if branch.is_usually_open(day) else branch.last_open_day(day)


def places(books: Sequence[Book]) -> list[Place]:
    """Where and when to bring them, what is late first, then the nearest day."""
    by_branch = {each.branch_id: [other for other in books if other.branch_id == each.branch_id] for each in books}
    found = [Place(here[0].branch, name, _visits(here), _one_day(here)) for name, here in by_branch.items()]
    return sorted(found, key=lambda place: (_soonest(place.visits[0]), place.branch_id))


def _visits(books: Sequence[Book]) -> list[Visit]:
    counted = Counter((each.bring_on, each.state == LATE) for each in books)
    branch = books[0].branch
    return sorted((_visit(branch, on, number, late) for (on, late), number in counted.items()), key=_soonest)


def _visit(branch: Branch | None, on: date | None, books: int, late: bool) -> Visit:
    shut = bool(branch and on and not branch.is_usually_open(on))
    return Visit(on, books, late, shut, branch.last_open_day(on) if branch and on and shut else None)


def _soonest(visit: Visit) -> tuple[bool, date]:
    return (not visit.late, visit.on or date.max)


def _one_day(books: Sequence[Book]) -> date | None:
    """The last day on which none of them is late, where their days differ and each has one."""
    if len({each.bring_on for each in books}) == 1 or not all(each.bring_on for each in books):
        return None
    day, branch = min(filter(None, (each.safe_until for each in books))), books[0].branch
    return day if branch is None or branch.is_usually_open(day) else None


def _day(value: str | None) -> date | None:
    return datetime.fromisoformat(value).date() if value else None
