"""Works: what a loan is a copy of. Found by ISBN or by folded title and author, made when unknown."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Table, delete, or_, select
from sqlalchemy.orm import Session

from services.loans.models import Work, WorkIsbn
from shared import bulk, outbox
from shared.folding import fold
from shared.problems import Problem, not_found
from shared.web import require_match

WORKS = cast(Table, Work.__table__)
ISBNS = cast(Table, WorkIsbn.__table__)


@dataclass(frozen=True, slots=True)
class Book:
    """What a loan says of its book."""

    title: str
    author: str | None = None
    isbn: str | None = None

    @property
    def key(self) -> str:
        return key_of(self.title, self.author)


@lru_cache(maxsize=10_000)
def key_of(title: str, author: str | None) -> str:
    return f"{fold(title)}\n{fold(author or '')}"


def clean_isbn(text: str) -> str | None:
    """The digits of an ISBN-10 or ISBN-13; None when its check digit is wrong (ISO 2108)."""
    digits = text.upper().removeprefix("ISBN").strip(" :").replace("-", "").replace(" ", "")
    if len(digits) == 13 and digits.isdecimal() and digits.isascii():
        return digits if sum(int(d) * (1, 3)[i % 2] for i, d in enumerate(digits)) % 10 == 0 else None
    if len(digits) == 10 and digits[:9].isdecimal() and digits.isascii() and digits[9] in "0123456789X":
        values = [10 if d == "X" else int(d) for d in digits]
        return digits if sum(v * (10 - i) for i, v in enumerate(values)) % 11 == 0 else None
    return None


def isbns_of(session: Session, work_ids: Collection[str]) -> dict[str, list[str]]:
    """Work id -> its ISBNs, for works that have any."""
    found: dict[str, list[str]] = {}
    chosen = select(WorkIsbn.work_id, WorkIsbn.isbn).where(WorkIsbn.work_id.in_(work_ids)).order_by(WorkIsbn.isbn)
    for work_id, isbn in session.execute(chosen):
        found.setdefault(work_id, []).append(isbn)
    return found


def shown(session: Session, works: Sequence[Work]) -> list[dict[str, Any]]:
    """Works as the API shows them."""
    isbns = isbns_of(session, [work.id for work in works])
    names = ("id", "version", "title", "author", "language", "read_online")
    return [{name: getattr(work, name) for name in names} | {"isbns": isbns.get(work.id, [])} for work in works]


def search(session: Session, q: str | None, after: str | None, limit: int) -> Sequence[Work]:
    """Works in order of their folded titles; `q` is part of a title or author, or an ISBN."""
    chosen = select(Work).order_by(Work.key).limit(limit)
    if after is not None:
        chosen = chosen.where(Work.key > after)
    if q:
        by_isbn = select(WorkIsbn.work_id).where(WorkIsbn.isbn == (clean_isbn(q) or q))
        chosen = chosen.where(or_(Work.key.contains(fold(q), autoescape=True), Work.id.in_(by_isbn)))
    return session.scalars(chosen).all()


def get(session: Session, work_id: str) -> Work:
    """The work, or a 404 problem."""
    work = session.get(Work, work_id)
    if work is None:
        raise not_found()
    return work


def add(session: Session, data: Mapping[str, Any]) -> Work:
    """A new work. Raises a 409 problem when that title by that author, or one of the ISBNs, is there already."""
    work = Work(id=str(uuid.uuid4()), version=1, title=data["title"], key=key_of(data["title"], data.get("author")))
    _require_new_key(session, work)
    for name in ("author", "language", "read_online"):
        setattr(work, name, data.get(name) or None)
    session.add(work)
    session.flush()
    _set_isbns(session, work, data.get("isbns", []))
    announce(session, [work])
    return work


def change(session: Session, work_id: str, data: Mapping[str, Any]) -> Work:
    """The work with the named fields changed. Raises 404, 409 and 412 problems."""
    work = session.get(Work, work_id, with_for_update=True)
    if work is None:
        raise not_found()
    require_match(work.version)
    for name in ("title", "author", "language", "read_online"):
        if name in data:
            setattr(work, name, data[name] or None)
    work.key = key_of(work.title, work.author)
    with session.no_autoflush:
        _require_new_key(session, work)
    work.version += 1
    session.flush()
    if "isbns" in data:
        _set_isbns(session, work, data["isbns"])
    announce(session, [work])
    return work


def _require_new_key(session: Session, work: Work) -> None:
    other = session.scalar(select(Work.id).where(Work.key == work.key, Work.id != work.id))
    if other:
        raise Problem(409, "This already exists: {id}.", id=other)


def _set_isbns(session: Session, work: Work, isbns: Iterable[str]) -> None:
    wanted = set(isbns)
    taken = session.scalar(select(WorkIsbn.isbn).where(WorkIsbn.isbn.in_(wanted), WorkIsbn.work_id != work.id))
    if taken:
        raise Problem(409, "This already exists: {id}.", id=taken)
    session.execute(delete(WorkIsbn).where(WorkIsbn.work_id == work.id))
    session.add_all(WorkIsbn(isbn=isbn, work_id=work.id) for isbn in sorted(wanted))
    session.flush()


def announce(session: Session, works: Sequence[Work]) -> None:
    for work in shown(session, works):
        outbox.add(session, "work.changed.v1", work["id"], {"work_id": work.pop("id"), **work})


def by_isbn(session: Session, isbn: str | None) -> str | None:
    """The id of the work that has this ISBN."""
    return session.scalar(select(WorkIsbn.work_id).where(WorkIsbn.isbn == isbn))


def find_or_make(session: Session, books: Iterable[Book]) -> dict[Book, str]:
    """Each book's work id, in a handful of statements however many books there are."""
    books = set(books)
    by_isbn = _by_isbn(session, {book.isbn for book in books if book.isbn})
    rest = [book for book in books if book.isbn not in by_isbn]
    by_key = _by_key(session, {book.key for book in rest})
    by_key |= _make(session, [book for book in rest if book.key not in by_key])
    return {book: by_isbn.get(book.isbn or "") or by_key[book.key] for book in books}


def _by_isbn(session: Session, isbns: Collection[str]) -> dict[str, str]:
    if not isbns:
        return {}
    found = session.execute(select(WorkIsbn.isbn, WorkIsbn.work_id).where(bulk.among(session, WorkIsbn.isbn, isbns)))
    return dict(found.all())


def _by_key(session: Session, keys: Collection[str]) -> dict[str, str]:
    found = session.execute(select(Work.key, Work.id).where(bulk.among(session, Work.key, keys)))
    return dict(found.all())


def _make(session: Session, books: Iterable[Book]) -> dict[str, str]:
    """Makes the works that nobody else has made meanwhile, and announces those."""
    same: dict[str, list[Book]] = {}
    for book in sorted(books, key=lambda book: (book.key, book.isbn or "")):
        same.setdefault(book.key, []).append(book)
    if not same:
        return {}
    rows: list[dict[str, Any]] = [
        {"id": str(uuid.uuid4()), "version": 1, "title": alike[0].title, "author": alike[0].author, "key": key}
        for key, alike in same.items()
    ]
    bulk.insert_rows(session, WORKS, rows, "ON CONFLICT (key) DO NOTHING")
    ids = _by_key(session, same)
    made = [row for row in rows if ids[row["key"]] == row["id"]]
    isbns = {book.isbn: row["id"] for row in made for book in same[row["key"]] if book.isbn}
    isbn_rows = [{"isbn": isbn, "work_id": work_id} for isbn, work_id in sorted(isbns.items())]
    bulk.insert_rows(session, ISBNS, isbn_rows, "ON CONFLICT (isbn) DO NOTHING")
    announce(session, session.scalars(select(Work).where(Work.id.in_([row["id"] for row in made]))).all())
    return ids
