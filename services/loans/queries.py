"""Reads for lists and pages, and who may see what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, Select, bindparam, exists, or_, select, true
from sqlalchemy.orm import Session

from services.loans.models import Branch, Decision, DueDateChange, Loan, Reader, Work
from services.loans.works import clean_isbn
from shared.auth import READER, SERVICE, Principal
from shared.bulk import among
from shared.database import Database
from shared.folding import fold
from shared.problems import not_found

EXPORTED_AT_ONCE = 2000
OWN_COLUMNS = (
    "id",
    "version",
    "card_number",
    "title",
    "author",
    "isbn",
    "work_id",
    "branch_id",
    "lent_on",
    "original_due_on",
    "due_on",
    "protected_until",
    "status",
    "renewals",
    "returned_on",
    "rests_until",
)


PAGING = frozenset({"limit", "cursor"})

_TABLE: FromClause = Loan.__table__
_WORKS: FromClause = Work.__table__
_DECISIONS: FromClause = Decision.__table__
_READERS: FromClause = Reader.__table__
_CHANGES: FromClause = DueDateChange.__table__

SHOWN: Select[Any] = (
    select(
        *(_TABLE.c[name] for name in OWN_COLUMNS),
        _TABLE.c.moved_by.label("quarantine_id"),
        _WORKS.c.read_online,
        _DECISIONS.c.data.label("decided"),
    )
    .outerjoin_from(_TABLE, _WORKS, _WORKS.c.id == _TABLE.c.work_id)
    .outerjoin(_DECISIONS, _DECISIONS.c.quarantine_id == _TABLE.c.moved_by)
)
"""A loan as the API shows it but for its history; of tables, since entities take longer to make than to read."""

# What every reader's page asks is put together once: that takes longer than asking it.
_WARDS = select(_READERS.c.card_number).where(_READERS.c.guardian_card_number == bindparam("card"))
OF_A_FAMILY = (
    SHOWN.where(or_(_TABLE.c.card_number == bindparam("card"), _TABLE.c.card_number.in_(_WARDS)))
    .order_by(_TABLE.c.id)
    .limit(bindparam("most"))
)
HISTORY = (
    select(
        *(_CHANGES.c.loan_id, _CHANGES.c.at, _CHANGES.c.was.label("from"), _CHANGES.c.now.label("to")),
        *(_CHANGES.c.why, _CHANGES.c.quarantine_id, _CHANGES.c.version),
    )
    .where(_CHANGES.c.loan_id.in_(bindparam("loan_ids", expanding=True)))
    .order_by(_CHANGES.c.id)
)


def visible_to(who: Principal) -> ColumnElement[bool]:
    """A reader's own loans and those of the readers who name that card as guardian; a librarian's branches."""
    if who.kind == READER:
        wards = select(Reader.card_number).where(Reader.guardian_card_number == who.card_number)
        return or_(Loan.card_number == who.card_number, Loan.card_number.in_(wards))
    branches = who.branches("librarian")
    return true() if who.kind == SERVICE or branches is None else Loan.branch_id.in_(branches)


def chosen_by(given: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """The conditions of a list's query."""
    conditions: dict[str, Callable[[Any], ColumnElement[bool]]] = {
        "card_number": lambda value: Loan.card_number == value,
        "card_numbers": lambda value: Loan.card_number.in_(value),
        "branch_id": lambda value: Loan.branch_id == value,
        "status": lambda value: Loan.status == value,
        "due_from": lambda value: Loan.due_on >= value,
        "due_to": lambda value: Loan.due_on <= value,
        "rests_from": lambda value: Loan.rests_until >= value,
        "rests_to": lambda value: Loan.rests_until <= value,
        "quarantine_id": lambda value: _moved_by_any_version(str(value)),
        "search": _named,
    }
    return [condition(given[name]) for name, condition in conditions.items() if given.get(name) is not None]


def _named(search: str) -> ColumnElement[bool]:
    """By title and author as people type them, by ISBN, by card or by the loan's own number."""
    wanted = [Work.key.contains(word, autoescape=True) for word in fold(search).split()]
    works = select(Work.id).where(*wanted)
    isbn = clean_isbn(search)
    by_number = [Loan.card_number == search.strip(), Loan.id == search.strip()]
    return or_(*by_number, Loan.work_id.in_(works), *([Loan.isbn == isbn] if isbn else []))


def _moved_by_any_version(quarantine_id: str) -> ColumnElement[bool]:
    moved = (DueDateChange.loan_id == Loan.id) & (DueDateChange.quarantine_id == quarantine_id)
    return exists().where(moved)


def loans(session: Session, who: Principal, given: Mapping[str, Any], after: str | None) -> Sequence[Row[Any]]:
    """Loans as in SHOWN by id, one more than the page holds."""
    most = given["limit"] + 1
    if who.kind == READER and after is None and not given.keys() - PAGING:
        return session.execute(OF_A_FAMILY, {"card": who.card_number, "most": most}).all()
    return session.execute(_by_id(SHOWN, who, given, after).limit(most)).all()


def shown_loan(session: Session, loan: Loan) -> dict[str, Any]:
    """One as the API shows it, also when it has just been changed."""
    session.flush()
    return shown(session, session.execute(SHOWN.where(_TABLE.c.id == loan.id)).all())[0]


def _by_id(columns: Select[Any], who: Principal, given: Mapping[str, Any], after: str | None) -> Select[Any]:
    chosen = columns.where(visible_to(who), *chosen_by(given)).order_by(Loan.id)
    return chosen if after is None else chosen.where(Loan.id > after)


def all_loans(
    database: Database, who: Principal, given: Mapping[str, Any], columns: Sequence[str]
) -> Iterator[Sequence[Row[Any]]]:
    """Those columns of all loans, the id first, page by page: each page in a short transaction of its own."""
    chosen = select(*(getattr(Loan, name) for name in columns))
    after: str | None = None
    while True:
        with database.reading() as session:
            page = session.execute(_by_id(chosen, who, given, after).limit(EXPORTED_AT_ONCE)).all()
        if not page:
            return
        yield page
        after = page[-1][0]


def loan(session: Session, who: Principal, loan_id: str, *, lock: bool = False) -> Loan:
    """That loan, or a 404 problem, also when the caller may not know of it."""
    chosen = select(Loan).where(Loan.id == loan_id, visible_to(who)).execution_options(populate_existing=True)
    found = session.scalar(chosen.with_for_update() if lock else chosen)
    if found is None:
        raise not_found()
    return found


def shown(session: Session, found: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Loans as `schemas.Loan` shows them: with their history, why a quarantine moved them, and a link to read."""
    history = _history(session, [each.id for each in found])
    return [_shown(dict(each._mapping), history.get(each.id, [])) for each in found]


def _shown(loan: dict[str, Any], changes: list[dict[str, Any]]) -> dict[str, Any]:
    decided = loan.pop("decided")
    return loan | {"reason": decided["reason"] if decided else None, "changes": changes}


def _history(session: Session, loan_ids: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    if not loan_ids:
        return found
    for change in session.execute(HISTORY, {"loan_ids": list(loan_ids)}).mappings():
        shown = dict(change)
        found.setdefault(shown.pop("loan_id"), []).append(shown)
    return found


def time_zones(session: Session, branch_ids: Collection[str]) -> dict[str, str]:
    chosen = select(Branch.id, Branch.time_zone).where(Branch.id.in_(branch_ids))
    return dict(session.execute(chosen).all())


def unknown_cards(session: Session, cards: Collection[str]) -> set[str]:
    known = session.scalars(select(Reader.card_number).where(among(session, Reader.card_number, cards)))
    return set(cards) - set(known)


def unknown_branches(session: Session, branch_ids: Collection[str]) -> set[str]:
    return set(branch_ids) - set(time_zones(session, branch_ids))
