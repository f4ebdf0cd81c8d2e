"""Reads for lists, pages and files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import FromClause, Row, Select, bindparam, or_, select
from sqlalchemy.orm import Session

from services.accounts.models import Reader, Staff
from services.accounts.reader_fields import OPTIONAL, REQUIRED
from services.accounts.use_cases.staff import looks_after
from shared.auth import READER, Principal
from shared.bulk import among
from shared.csv_lines import defused
from shared.database import Database
from shared.folding import fold, sql_folded

EXPORTED_AT_ONCE = 2000
FILTERS = ("card_number", "guardian_card_number", "home_branch_id", "language", "kind", "school_class", "blocked")
SHORTEST_PHONE = 5
OWN_DIGITS_OF_A_PHONE = 10
COLUMNS = (*REQUIRED, *OPTIONAL)
PHONES = frozenset({"phone", "guardian_phone"})


PAGING = frozenset({"limit", "cursor"})

# What every reader's page asks is put together once: that takes longer than asking it.
_TABLE: FromClause = Reader.__table__
OF_A_FAMILY = (
    select(_TABLE)
    .where(or_(_TABLE.c.card_number == bindparam("card"), _TABLE.c.guardian_card_number == bindparam("card")))
    .order_by(_TABLE.c.card_number)
    .limit(bindparam("most"))
)


def readers(
    session: Session, who: Principal, query: Mapping[str, Any], after: str | None, limit: int
) -> Sequence[Reader | Row[Any]]:
    """Readers, or rows of their table, by card number, whom the caller may see.

    `search`: in names (any order), or a card number.
    """
    if who.kind == READER and after is None and not query.keys() - PAGING:
        return session.execute(OF_A_FAMILY, {"card": who.card_number, "most": limit}).all()
    chosen = _visible(who)
    if query.get("search"):
        chosen = chosen.where(_found(query["search"]))
    for name in FILTERS:
        if query.get(name) is not None:
            chosen = chosen.where(getattr(Reader, name) == query[name])
    if after is not None:
        chosen = chosen.where(Reader.card_number > after)
    return session.scalars(chosen.order_by(Reader.card_number).limit(limit)).all()


def names(session: Session, who: Principal, cards: Sequence[str]) -> Sequence[Row[Any]]:
    """(card_number, family_name, given_name) of those whom a librarian sees, or whom a declared quarantine concerns."""
    chosen = select(Reader.card_number, Reader.family_name, Reader.given_name)
    held = [who.branches(role) for role in ("librarian", "operator") if who.has(role)]
    if None not in held:
        chosen = chosen.where(Reader.home_branch_id.in_({"", *(branch for each in held for branch in each or ())}))
    return list(session.execute(chosen.where(among(session, Reader.card_number, cards))))


def _visible(who: Principal) -> Select[Reader]:
    chosen = select(Reader)
    if who.kind == READER:
        return chosen.where(or_(Reader.card_number == who.card_number, Reader.guardian_card_number == who.card_number))
    held = who.branches("librarian")
    return chosen if held is None else chosen.where(Reader.home_branch_id.in_({*held, ""}))


def _found(search: str) -> Any:
    words = [Reader.name_folded.contains(word, autoescape=True) for word in fold(search).split()]
    card = Reader.card_folded == fold(search)
    return or_(card, *_phones(search), *([] if not words else [_all(words)]))


def _phones(search: str) -> list[Any]:
    """A phone as people write it: the country's code may be +7, 8 or left out."""
    digits = "".join(each for each in search if each.isdecimal())[-OWN_DIGITS_OF_A_PHONE:]
    if len(digits) < SHORTEST_PHONE or any(each.isalpha() for each in search):
        return []
    return [phone.contains(digits, autoescape=True) for phone in (Reader.phone, Reader.guardian_phone)]


def _all(conditions: Sequence[Any]) -> Any:
    first, *others = conditions
    for condition in others:
        first &= condition
    return first


def export(database: Database, who: Principal) -> Iterator[str]:
    """CSV with the columns of an import, in short transactions; a file exported and imported changes nothing."""
    yield _lines([COLUMNS])
    after: str | None = None
    while True:
        with database.reading() as session:
            rows = readers(session, who, {}, after, EXPORTED_AT_ONCE)
        if not rows:
            return
        yield _lines([[_cell(name, getattr(row, name)) for name in COLUMNS] for row in rows])
        after = rows[-1].card_number


def _cell(name: str, value: Any) -> str:
    """No formula to a spreadsheet; a phone begins with a plus sign, but is nothing except digits."""
    if isinstance(value, bool):
        return "1" if value else ""
    text = "" if value is None else str(value)
    return text if name in PHONES else defused(text)


def _lines(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def staff(session: Session, who: Principal, query: Mapping[str, Any], after: str | None, limit: int) -> Sequence[Staff]:
    """By login, those whom the caller looks after."""
    chosen = select(Staff).order_by(Staff.login)
    if query.get("search"):
        words = fold(query["search"])
        chosen = chosen.where(
            or_(*(sql_folded(each).contains(words, autoescape=True) for each in (Staff.login, Staff.name)))
        )
    if query.get("disabled") is not None:
        chosen = chosen.where(Staff.disabled == query["disabled"])
    rows = session.scalars(chosen.where(Staff.login > after) if after else chosen)
    return list(islice((each for each in rows if looks_after(who, each.roles)), limit))
