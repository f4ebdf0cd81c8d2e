"""The notices beside the digest: plain data they are worded from (days and texts as in `digest`)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from services.notify.digest import ClosedBranch, Offer, Phase, Texts, phase_of

ReminderKind = Literal["due_soon", "overdue"]


@dataclass(frozen=True)
class DueBook:
    """A book to bring back; `closed`: its branch is shut today, so its clock stands still."""

    title: str
    due: date | None
    author: str = ""
    branch: Texts = field(default_factory=dict)
    closed: bool = False
    protected_until: date | None = None

    def is_late(self, today: date) -> bool:
        if self.closed or self.due is None:
            return False
        return max(self.due, self.protected_until or self.due) < today


@dataclass(frozen=True)
class DueSection:
    """One reader's books to bring back."""

    name: str
    books: tuple[DueBook, ...]


@dataclass(frozen=True)
class Announcement:
    """A closure, told to a reader in scope whose books did not move."""

    language: str
    name: str
    written_on: date
    first_closed: date
    branches: tuple[ClosedBranch, ...]
    reason: Texts = field(default_factory=dict)

    @property
    def places(self) -> tuple[ClosedBranch, ...]:
        return self.branches

    @property
    def phase(self) -> Phase:
        return phase_of(self.branches, self.first_closed, self.written_on)


@dataclass(frozen=True)
class _Due:
    language: str
    name: str
    written_on: date
    readers: tuple[DueSection, ...]

    @cached_property
    def books(self) -> list[DueBook]:
        return [book for reader in self.readers for book in reader.books]

    @property
    def n(self) -> int:
        return len(self.books)

    @cached_property
    def one_day(self) -> date | None:
        """The day every book is due, None when they differ or are not known."""
        days = {book.due for book in self.books}
        return days.pop() if len(days) == 1 else None

    @property
    def first_day(self) -> date | None:
        return min((book.due for book in self.books if book.due), default=None)


@dataclass(frozen=True)
class Reopening(_Due):
    """The doors open in some days; each book with the day to bring it."""

    branches: tuple[ClosedBranch, ...] = ()
    quizzes: tuple[Offer, ...] = ()

    @property
    def opens(self) -> date | None:
        """The day all branches open, None when they differ."""
        days = {branch.opens for branch in self.branches}
        return days.pop() if len(days) == 1 else None


@dataclass(frozen=True)
class Reminder(_Due):
    """Books due soon or overdue. Nothing of a closed branch can be in it: `worth_saying` leaves that out."""

    kind: ReminderKind = "due_soon"

    def __post_init__(self) -> None:
        if worth_saying(self.kind, self.books, self.written_on) != self.books:
            raise ValueError(f"{self.kind}: a book whose clock has stopped, or not of this kind")


def worth_saying(kind: ReminderKind, books: Iterable[DueBook], today: date) -> list[DueBook]:
    """The books a reminder of this kind may name today."""
    if kind == "overdue":
        return [book for book in books if book.is_late(today)]
    return [book for book in books if not book.closed and book.due is not None and book.due >= today]


@dataclass(frozen=True)
class SignInCode:
    """A one-time code for "I have no PIN"; `minutes` is how long it holds."""

    language: str
    code: str
    minutes: int
