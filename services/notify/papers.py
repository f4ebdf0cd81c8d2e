"""What is printed or pasted for a decision: texts for class chats, slips for classes, letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notify import calls, closures, rendering
from services.notify.digest import ClosedBranch, Digest, phase_of
from services.notify.models import Book, Decision, Move, Person
from services.notify.people import ZONE
from services.notify.short_texts import ClosureCase, class_chat
from services.notify.sight import own_readers
from services.notify.wording import render_letter
from shared import clock
from shared.auth import Principal
from shared.language import LANGUAGES
from shared.problems import not_found


def _decision(session: Session, quarantine_id: str) -> Decision:
    decision = session.get(Decision, quarantine_id)
    if decision is None:
        raise not_found()
    return decision


def opening_day(places: Sequence[ClosedBranch], data: Mapping[str, Any]) -> date | None:
    """The day the branches open again; where each has its own, the one the decision names. None: not known."""
    opens = {branch.opens for branch in places}
    if len(opens) == 1:
        return opens.pop()
    return date.fromisoformat(data["reopens_on"]) if data["reopens_on"] else None


def chats(session: Session, quarantine_id: str) -> dict[str, Any]:
    """Without names and titles; the link is the library's front page. Raises a 404 problem."""
    decision = _decision(session, quarantine_id)
    places = closures.closed_branches(closures.standing(session), decision.data)
    first, opens = date.fromisoformat(decision.data["starts_on"]), opening_day(places, decision.data)
    case = _case(decision, places, first)
    link = session.info["settings"].base_url()
    texts = {language: class_chat(language, case, first, opens, link) for language in LANGUAGES}
    return {"case": case, "opens": opens, "texts": texts}


def _case(decision: Decision, places: Sequence[ClosedBranch], first_closed: date) -> ClosureCase:
    if decision.state == "cancelled":
        return "undone"
    zone = decision.data["branches"][0]["time_zone"] if decision.data["branches"] else ZONE
    return phase_of(places, first_closed, clock.today(zone))


def slips(session: Session, quarantine_id: str, who: Principal) -> list[dict[str, Any]]:
    """The pupils of the caller's branches whose books a decision moved, by school and class; first names and days,
    no titles."""
    _decision(session, quarantine_id)
    names = (Person.school, Person.school_class, Person.given_name, Person.family_name, Person.language)
    moved = (
        select(*names, Person.card_number, Book.due_on)
        .join(Move, Move.card_number == Person.card_number)
        .join(Book, Book.loan_id == Move.loan_id)
        .where(Move.quarantine_id == quarantine_id, Book.out, Person.erased.is_(False))
        .where(Person.school_class.is_not(None), Person.school_class != "")
        .order_by(Person.school, Person.school_class, Person.family_name, Person.given_name, Person.card_number)
    )
    own = own_readers(who, "librarian")
    rows = session.execute(moved if own is None else moved.where(own)).all()
    return [
        {"school": school, "school_class": school_class, "slips": _slips(list(pupils))}
        for (school, school_class), pupils in groupby(rows, key=lambda row: (row.school, row.school_class))
    ]


def _slips(rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [_slip(list(books)) for _, books in groupby(rows, key=lambda row: row.card_number)]


def _slip(books: Sequence[Any]) -> dict[str, Any]:
    days = sorted(Counter(book.due_on for book in books).items(), key=lambda pair: pair[0] or date.max)
    name = f"{books[0].given_name} {books[0].family_name[:1]}".strip()
    return {
        "name": name,
        "language": books[0].language,
        "days": [{"day": due_on, "books": count} for due_on, count in days],
    }


def letters(session: Session, found: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows of the work list (`calls.waiting`) as letters, those that a letter is next for."""
    settings = session.info["settings"]
    rows = {row["notice_id"]: row for row in calls.rows_shown(session, found, words=False)}
    due = [notice for notice, _ in found if rows.get(notice.id, {}).get("way") == "letter"]
    return [_letter(notice, settings) for notice in due]


def _letter(notice: Any, settings: Any) -> dict[str, Any]:
    words, library = rendering.plain(notice.content), rendering.library(settings)
    rendered = (
        render_letter(words, library, settings.base_url())
        if isinstance(words, Digest)
        else rendering.words_kept(notice.content, settings)
    )
    return {
        "notice_id": notice.id,
        "recipient": notice.recipient,
        "language": rendered.language,
        "subject": rendered.subject,
        "body": rendered.body,
    }
