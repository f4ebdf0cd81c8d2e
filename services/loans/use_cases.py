"""What the desk does with a loan; each takes a session and never commits."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.loans import closures, queries, works
from services.loans.models import ON_LOAN, DueDateChange, Loan, Reader
from services.loans.models import Decision as Heard
from services.loans.works import Book
from shared import clock, outbox
from shared.auth import Principal
from shared.problems import Problem, invalid

RETURNED, LOST, CLAIMED = "returned", "lost", "claimed_returned"


def check_out(session: Session, data: Mapping[str, Any]) -> Loan:
    """Lends a book; its due date is right at once, also during a closure. Raises 409 and 422 problems."""
    card, branch_id = data["card_number"], data["branch_id"]
    reader = session.get(Reader, card)
    if reader is None:
        raise invalid("card_number", "Unknown card: {card_number}. Import its reader first.", card_number=card)
    today = today_at(session, branch_id)
    require_valid_card(reader, today)
    lent_on, due_on = _agreed_dates(data, today, session.info["settings"].loan_days)
    book, work_id = _book(session, data)
    loan = Loan(
        id=data.get("loan_id") or str(uuid.uuid4()),
        version=1,
        card_number=card,
        branch_id=branch_id,
        work_id=work_id,
        title=book.title,
        author=book.author,
        isbn=book.isbn,
        lent_on=lent_on,
        anchored_on=lent_on,
        original_due_on=due_on,
        status=ON_LOAN,
        renewals=0,
    )
    if session.get(Loan, loan.id):
        raise Problem(409, "This already exists: {id}.", id=loan.id)
    agree(session, loan, reader.household, was=due_on, why="lent")
    session.add(loan)
    emit(session, "loan.checked_out.v1", loan)
    return loan


def today_at(session: Session, branch_id: str) -> date:
    """The day at a branch, its row locked against new closures. Raises a 422 problem for an unknown branch."""
    branch = closures.lock_branches(session, [branch_id]).get(branch_id)
    if branch is None:
        raise invalid("branch_id", "Unknown branch: {branch_id}.", branch_id=branch_id)
    return branch.today


def require_valid_card(reader: Reader, today: date) -> None:
    if reader.blocked:
        raise Problem(409, "The card is blocked. Please call the library.", code="card_blocked")
    if reader.card_expires_on and reader.card_expires_on < today:
        raise Problem(409, "The card has expired. Please call the library.", code="card_expired")


def _agreed_dates(data: Mapping[str, Any], today: date, usual_days: int) -> tuple[date, date]:
    lent_on = data.get("lent_on") or today
    if lent_on > today:
        raise invalid("lent_on", "This day is still to come: {day}.", day=lent_on)
    due_on = data.get("due_on") or lent_on + timedelta(days=data.get("days") or usual_days)
    if due_on < lent_on:
        raise invalid("due_on", "The due date is before the day of lending.")
    return lent_on, due_on


def _book(session: Session, data: Mapping[str, Any]) -> tuple[Book, str]:
    isbn, work_id = data.get("isbn"), data.get("work_id")
    if not work_id and not data.get("title"):
        work_id = works.by_isbn(session, isbn)
        if work_id is None:
            raise invalid("isbn", "No work has this ISBN: name the title too.")
    if work_id:
        work = works.get(session, str(work_id))
        return Book(work.title, work.author, isbn), work.id
    book = Book(data["title"], data.get("author") or None, isbn)
    return book, works.find_or_make(session, [book])[book]


def agree(session: Session, loan: Loan, household: str | None, *, was: date | None, why: str) -> None:
    """Sets the date in force of a loan just lent or renewed, and writes it down; the branch is locked already."""
    family = closures.household_of(loan.card_number, household)
    asked = closures.Asked(loan.branch_id, loan.original_due_on, loan.anchored_on, family)
    (decision,) = closures.decide(session, [asked])
    loan.due_on, loan.moved_by = decision.due_on, decision.quarantine_id
    version = session.scalar(select(Heard.version).where(Heard.quarantine_id == decision.quarantine_id))
    change = {"was": was, "now": loan.due_on, "why": why, "quarantine_id": loan.moved_by, "version": version}
    session.add(DueDateChange(loan_id=loan.id, at=clock.now(), **change))


def give_back(session: Session, who: Principal, loan_id: str, data: Mapping[str, Any]) -> Loan:
    """Takes a book back as of the day it was dropped; twice is once. Raises 404 and 422 problems."""
    loan = queries.loan(session, who, loan_id, lock=True)
    if loan.status == RETURNED:
        return loan
    today = clock.today(queries.time_zones(session, [loan.branch_id])[loan.branch_id])
    dropped_on, rests_until = data.get("dropped_on") or today, data.get("rests_until")
    if not loan.lent_on <= dropped_on <= today:
        raise invalid("dropped_on", "Use a day from {first} to {last}.", first=loan.lent_on, last=today)
    if rests_until and rests_until < dropped_on:
        raise invalid("rests_until", "Use a day from {first} on.", first=dropped_on)
    loan.returned_on, loan.rests_until = dropped_on, rests_until
    _set_status(session, loan, RETURNED, "loan.returned.v1")
    return loan


def write_off(session: Session, who: Principal, loan_id: str, status: str) -> Loan:
    """Marks a loan lost or claimed returned: no closure moves it and nobody is reminded; twice is once."""
    loan = queries.loan(session, who, loan_id, lock=True)
    if loan.status == RETURNED:
        raise Problem(409, "This is not possible in the present state: {state}.", code=RETURNED, state=loan.status)
    if loan.status != status:
        _set_status(session, loan, status, "loan.lost.v1")
    return loan


def _set_status(session: Session, loan: Loan, status: str, event: str) -> None:
    loan.status = status
    loan.version += 1
    emit(session, event, loan)


def emit(session: Session, type: str, loan: Loan) -> None:
    outbox.add(session, type, loan.id, event_data(loan))


def event_data(loan: Any) -> dict[str, Any]:
    """A loan as its events carry it, from the table's row or the mapped object."""
    texts = ("version", "card_number", "title", "author", "isbn", "branch_id", "status")
    days = ("lent_on", "original_due_on", "due_on", "returned_on")
    data = {"loan_id": loan.id} | {name: getattr(loan, name) for name in texts}
    return data | {name: day.isoformat() if (day := getattr(loan, name)) else None for name in days}
