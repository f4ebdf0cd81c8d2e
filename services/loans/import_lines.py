"""One line of an imported file: what it says, and what it makes of the loan known by that id. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from services.loans.models import ON_LOAN, STATUSES
from services.loans.works import Book, clean_isbn
from shared.csv_lines import Line, Refused, as_written
from shared.problems import say

REQUIRED = ("loan_id", "card_number", "title", "isbn", "branch_id", "lent_on", "due_on", "status")
OPTIONAL = ("author",)
COLUMNS = (*REQUIRED, *OPTIONAL)
LONGEST = {"loan_id": 100, "card_number": 100, "title": 500, "isbn": 40, "branch_id": 40, "author": 300}
NEEDED = ("loan_id", "card_number", "title", "branch_id", "lent_on", "status")


@dataclass(frozen=True, slots=True)
class Row:
    """A line understood. `due_on` is none for a loan whose date nobody knows."""

    number: int
    loan_id: str
    card_number: str
    title: str
    author: str | None
    isbn: str | None
    branch_id: str
    lent_on: date
    due_on: date | None
    status: str

    def refused(self, column: str, message: str, **values: Any) -> Refused:
        return Refused(self.number, {column: [say(message, **values)]})


class State(NamedTuple):
    """A loan as it is kept, or as it shall be."""

    id: str
    version: int
    card_number: str
    title: str
    author: str | None
    isbn: str | None
    work_id: str | None
    branch_id: str
    lent_on: date
    anchored_on: date
    original_due_on: date
    due_on: date | None
    moved_by: str | None
    status: str
    renewals: int
    returned_on: date | None
    reminded_for: date | None

    @property
    def book(self) -> Book:
        return Book(self.title, self.author, self.isbn and clean_isbn(self.isbn))

    def decided_alike(self, other: State) -> bool:
        """Whether the due date of both follows from the same."""
        return self._deciding() == other._deciding()

    def _deciding(self) -> tuple[Any, ...]:
        return self.card_number, self.branch_id, self.anchored_on, self.original_due_on, self.status


def understood(line: Line) -> Row | Refused:
    """The line as a row, or every error in it by column."""
    cells = {name: as_written(cell) for name, cell in line.cells.items()}
    errors: dict[str, list[str]] = {}
    for name in NEEDED:
        if not cells[name]:
            errors[name] = [say("Missing data for required field.")]
    for name, longest in LONGEST.items():
        if len(cells[name]) > longest:
            errors[name] = [say("Longer than maximum length {max}.", max=longest)]
    days = {name: _day(cells[name], name, errors) for name in ("lent_on", "due_on")}
    if cells["status"] and cells["status"] not in STATUSES:
        message = "Unknown status: {value}. Use one of: {choices}."
        errors["status"] = [say(message, value=cells["status"], choices=", ".join(STATUSES))]
    lent_on, due_on = days["lent_on"], days["due_on"]
    if lent_on and due_on and due_on < lent_on:
        errors["due_on"] = [say("The due date is before the day of lending.")]
    if errors or lent_on is None:
        return Refused(line.number, errors)
    texts = {name: cells[name] for name in ("loan_id", "card_number", "title", "branch_id", "status")}
    isbn = clean_isbn(cells["isbn"]) or cells["isbn"] or None
    return Row(line.number, **texts, author=cells["author"] or None, isbn=isbn, lent_on=lent_on, due_on=due_on)


def _day(cell: str, column: str, errors: dict[str, list[str]]) -> date | None:
    """The day written as YYYY-MM-DD and no other way; an error is added otherwise."""
    if not cell:
        return None
    try:
        if len(cell) != 10 or cell[4] != "-" or cell[7] != "-":
            raise ValueError(cell)
        return date.fromisoformat(cell)
    except ValueError:
        errors[column] = [say("Not a date: {value}. Use YYYY-MM-DD.", value=cell)]
        return None


def new_loan(row: Row, today: date) -> State | Refused:
    """A loan not known before. It is marked as reminded today: an import reminds nobody of what is past."""
    if row.due_on is None:
        return row.refused("due_on", "Missing data for required field.")
    return State(
        id=row.loan_id,
        version=1,
        card_number=row.card_number,
        title=row.title,
        author=row.author,
        isbn=row.isbn,
        work_id=None,
        branch_id=row.branch_id,
        lent_on=row.lent_on,
        anchored_on=row.lent_on,
        original_due_on=row.due_on,
        due_on=row.due_on,
        moved_by=None,
        status=row.status,
        renewals=0,
        returned_on=None,
        reminded_for=today,
    )


def changed_loan(row: Row, old: State, dates_it_had: Collection[date | None], today: date) -> State:
    """The known loan as the line leaves it; equal to `old` when the line says nothing new.

    A due date this system gave it, now or before, is our own coming back and leaves what was agreed; another
    date is a new agreement of today. A loan returned stays returned: another lending has another id.
    """
    new = old._replace(
        card_number=row.card_number,
        title=row.title,
        author=row.author or old.author,
        isbn=row.isbn or old.isbn,
        branch_id=row.branch_id,
        lent_on=row.lent_on,
        anchored_on=row.lent_on if old.anchored_on == old.lent_on else old.anchored_on,
        status=old.status if old.status == "returned" else row.status,
    )
    if row.due_on and row.due_on not in {old.original_due_on, old.due_on, *dates_it_had}:
        new = new._replace(original_due_on=row.due_on, anchored_on=max(today, row.lent_on), reminded_for=today)
    if new.status == "returned" != old.status:
        new = new._replace(returned_on=max(today, row.lent_on))
    if new == old:
        return old
    if new.status != ON_LOAN:
        new = new._replace(due_on=old.due_on if new.original_due_on == old.original_due_on else new.original_due_on)
    return new._replace(version=old.version + 1)
