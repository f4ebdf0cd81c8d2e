"""Reads for lists and pages, and who may see what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Row,
    Select,
    bindparam,
    distinct,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import Session

from services.loans.models import ON_LOAN, Branch, ByteText, Decision, DueDateChange, Loan, Reader, Work
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


OUT_SINCE = frozenset({"out_since"})
PAGING = frozenset({"limit", "cursor", "past"})

_TABLE: FromClause = Loan.__table__
_LENT = (_TABLE.c.lent_on, _TABLE.c.id)
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

OF_LOAN = tuple(SHOWN.selected_columns.keys())
OF_CHANGE = ("at", "from", "to", "why", "quarantine_id", "version")
CHANGE = (_CHANGES.c.at, _CHANGES.c.was, _CHANGES.c.now, _CHANGES.c.why, _CHANGES.c.quarantine_id, _CHANGES.c.version)


def _with_history(chosen: Select[Any], *, newest_first: bool = False) -> Select[Any]:
    """A row for each change of each of these loans, one for a loan that never changed: one statement for a page."""
    each = chosen.subquery()
    changed = [column.label(f"change_{number}") for number, column in enumerate(CHANGE)]
    joined = select(*each.c, *changed).outerjoin_from(each, _CHANGES, _CHANGES.c.loan_id == each.c.id)
    order = (each.c.lent_on.desc(), each.c.id.desc()) if newest_first else (each.c.id,)
    return joined.order_by(*order, _CHANGES.c.id)


def _out_since(day: Any) -> ColumnElement[bool]:
    return or_(_TABLE.c.status == ON_LOAN, _TABLE.c.returned_on >= day)


# What every reader's page asks is put together once: that takes longer than asking it.
_WARDS = select(_READERS.c.card_number).where(_READERS.c.guardian_card_number == bindparam("card"))
OUT_TO_A_FAMILY = _with_history(
    SHOWN.where(or_(_TABLE.c.card_number == bindparam("card"), _TABLE.c.card_number.in_(_WARDS)))
    .where(_out_since(bindparam("out_since")))
    .order_by(_TABLE.c.id)
    .limit(bindparam("most"))
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
        "out_since": _out_since,
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


def loans(session: Session, who: Principal, given: Mapping[str, Any], after: str | None) -> list[dict[str, Any]]:
    """Loans as `schemas.Loan` shows them, by id, one more than the page holds."""
    most = given["limit"] + 1
    if who.kind == READER and after is None and given.keys() - PAGING == OUT_SINCE:
        asked = {"card": who.card_number, "out_since": given["out_since"], "most": most}
        return _shown(session.execute(OUT_TO_A_FAMILY, asked))
    return _shown(session.execute(_with_history(_by_id(SHOWN, who, given, after).limit(most))))


def past_loans(
    session: Session, who: Principal, given: Mapping[str, Any], after: tuple[date, str] | None
) -> list[dict[str, Any]]:
    """The same of loans that are over, the newest first, after the one lent on that day with that id."""
    chosen = SHOWN.where(visible_to(who), *chosen_by(given), _TABLE.c.status != ON_LOAN)
    if after:
        chosen = chosen.where(tuple_(*_LENT) < tuple_(literal(after[0], Date), literal(after[1], ByteText)))
    newest = chosen.order_by(*(column.desc() for column in _LENT)).limit(given["limit"] + 1)
    return _shown(session.execute(_with_history(newest, newest_first=True)))


def counted(session: Session, who: Principal, given: Mapping[str, Any]) -> dict[str, int]:
    """How many loans a list holds in all, and of how many readers."""
    amounts = select(func.count(), func.count(distinct(Loan.card_number)))
    loans, readers = session.execute(amounts.where(visible_to(who), *chosen_by(given))).one()
    return {"loans": loans, "readers": readers}


def shown_loan(session: Session, loan: Loan) -> dict[str, Any]:
    """One as the API shows it, also when it has just been changed."""
    session.flush()
    return _shown(session.execute(_with_history(SHOWN.where(_TABLE.c.id == loan.id))))[0]


def _shown(rows: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        loan = found.get(row[0]) or found.setdefault(row[0], _loan_in(row))
        at, *rest = row[len(OF_LOAN) :]
        if at:
            loan["changes"].append(dict(zip(OF_CHANGE, (at, *rest), strict=True)))
    return list(found.values())


def _loan_in(row: Sequence[Any]) -> dict[str, Any]:
    loan = dict(zip(OF_LOAN, row, strict=False))
    decided = loan.pop("decided")
    return loan | {"reason": decided["reason"] if decided else None, "changes": []}


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


def time_zones(session: Session, branch_ids: Collection[str]) -> dict[str, str]:
    chosen = select(Branch.id, Branch.time_zone).where(Branch.id.in_(branch_ids))
    return dict(session.execute(chosen).all())


def unknown_cards(session: Session, cards: Collection[str]) -> set[str]:
    known = session.scalars(select(Reader.card_number).where(among(session, Reader.card_number, cards)))
    return set(cards) - set(known)


def unknown_branches(session: Session, branch_ids: Collection[str]) -> set[str]:
    return set(branch_ids) - set(time_zones(session, branch_ids))
