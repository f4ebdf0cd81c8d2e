"""What one decision means to one person written to: the plain data a digest is worded from.

Days are calendar days in the branch's own zone; texts are {kk, ru, en}, any of them missing. All a notice
must keep is here, so that it reads the same when it is sent and when it is looked at later; the private link
and the library's own particulars are added when it is worded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Literal

Texts = Mapping[str, str | None]
Case = Literal["moved", "no_date", "again", "day_known", "earlier", "put_back", "dates", "dates_back"]
Phase = Literal["ahead", "now", "over"]
Decision = Literal["declared", "changed", "lifted", "cancelled"]


@dataclass(frozen=True)
class ClosedBranch:
    """A branch the decision closes; `opens` is its first open day after it, None while nobody knows."""

    id: str
    name: Texts
    opens: date | None = None


@dataclass(frozen=True)
class BookLine:
    """A book the decision moved: day last told -> day in force, None for "until the library opens"."""

    title: str
    was_due: date | None
    now_due: date | None
    author: str = ""
    branch_id: str = ""
    was_late: bool = False
    protected_until: date | None = None

    @property
    def safe_until(self) -> date | None:
        """The last day without being late, where a correction made it later than the due date."""
        if self.protected_until and self.now_due and self.protected_until > self.now_due:
            return self.protected_until
        return None


@dataclass(frozen=True)
class UnmovedBook:
    """A book the decision left alone."""

    title: str
    due: date | None = None


@dataclass(frozen=True)
class Change:
    """A day of something else that moved: `kind` is quiz, contest, meeting, lesson, card or a newer one."""

    kind: str
    title: Texts
    was: date | None
    now: date | None


@dataclass(frozen=True)
class Offer:
    """An online test that is open, and where it is."""

    title: Texts
    address: str


@dataclass(frozen=True)
class ReaderSection:
    """One reader's books: a family's digest has a section for each of its readers."""

    name: str
    books: tuple[BookLine, ...] = ()
    unmoved: tuple[UnmovedBook, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def days(self) -> list[tuple[date | None, int]]:
        """New day -> number of books, earliest first, unknown days last."""
        days = sorted((book.now_due for book in self.books), key=lambda day: day or date.max)
        return [(day, len(list(same))) for day, same in groupby(days)]


@dataclass(frozen=True)
class Digest:
    """One decision, told to one person. `written_on` is the day it was put together in the branch's zone.

    `by_message`: the day that is put back was told in a message of ours, not at the desk.
    """

    language: str
    name: str
    case: Case
    written_on: date
    first_closed: date
    branches: tuple[ClosedBranch, ...]
    readers: tuple[ReaderSection, ...]
    reason: Texts = field(default_factory=dict)
    quizzes: tuple[Offer, ...] = ()
    by_message: bool = True

    @cached_property
    def books(self) -> list[BookLine]:
        return [book for reader in self.readers for book in reader.books]

    @cached_property
    def n(self) -> int:
        return len(self.books)

    @property
    def change_count(self) -> int:
        return sum(len(reader.changes) for reader in self.readers)

    @cached_property
    def places(self) -> list[ClosedBranch]:
        """The branches of these books; every branch of the decision when no book names one."""
        named = {book.branch_id for book in self.books}
        return [branch for branch in self.branches if branch.id in named] or list(self.branches)

    @cached_property
    def branch_names(self) -> dict[str, Texts]:
        return {branch.id: branch.name for branch in self.places}

    @cached_property
    def phase(self) -> Phase:
        return phase_of(self.places, self.first_closed, self.written_on)

    @cached_property
    def one_day(self) -> date | None:
        """The day on which everything may be brought, when there is more than one book and one such day."""
        days = {book.now_due for book in self.books}
        return days.pop() if len(days) == 1 and self.n > 1 else None

    @cached_property
    def safe_until(self) -> date | None:
        """The last day without being late, when it is the same for every book and later than a due date."""
        days = {book.safe_until or book.now_due for book in self.books}
        protected = any(book.safe_until for book in self.books)
        return days.pop() if protected and len(days) == 1 else None

    @cached_property
    def was_late(self) -> bool:
        return any(book.was_late for book in self.books)


def phase_of(places: Iterable[ClosedBranch], first_closed: date, today: date) -> Phase:
    """Whether the closure is still to come, on, or over at every place."""
    if today < first_closed:
        return "ahead"
    over = [place.opens is not None and place.opens <= today for place in places]
    return "over" if over and all(over) else "now"


def case_of(decision: Decision, books: Iterable[BookLine], told_before: bool) -> Case:
    """Which words fit the lines of a digest.

    `told_before`: a moved date of one of these books was already told to this person.
    """
    lines = list(books)
    if not lines:
        return "dates_back" if decision == "cancelled" else "dates"
    if all(line.now_due is None for line in lines):
        return "no_date"
    if decision == "cancelled":
        return "put_back"
    if any(line.was_due and line.now_due and line.now_due < line.was_due for line in lines):
        return "earlier"
    if all(line.was_due is None for line in lines):
        return "day_known"
    return "again" if told_before else "moved"
