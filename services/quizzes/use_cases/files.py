"""Files of questions, in and out; what cannot be taken is said with its place, and nothing is saved in a dry run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.quizzes import codec, places, stored_items
from services.quizzes.answer_lines import lines_of
from services.quizzes.faults import Fault
from services.quizzes.formats import Exported, Imported
from services.quizzes.formats.catalogue import READERS, WRITERS
from services.quizzes.items import Item as ItemValue
from services.quizzes.items import kind_of
from services.quizzes.models import Item, Quiz
from services.quizzes.use_cases import pictures
from services.quizzes.use_cases.items import bank, bank_of_body
from shared.database import Database
from shared.problems import invalid, language, not_found

MEDIA_TYPES = {
    "gift": ("text/plain; charset=utf-8", "txt"),
    "moodle": ("application/xml", "xml"),
    "qti": ("application/zip", "zip"),
    "csv": ("text/csv; charset=utf-8", "csv"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
}


@dataclass(frozen=True)
class Source:
    """`language`: of texts that are marked for none; `bank_id` none in a dry run: of a bank still to be made."""

    content: bytes
    format: str
    language: str
    bank_id: str | None
    dry_run: bool


def import_items(database: Database, source: Source) -> dict[str, Any]:
    """Read outside of any transaction, saved in one. Raises a 422 problem without a bank to save them in."""
    if source.bank_id is None and not source.dry_run:
        raise invalid("bank_id", "There is no such bank.")
    found = READERS[source.format](source.content, source.language)
    within: Callable[[], Any] = database.reading if source.dry_run else database.transaction
    with within() as session:
        return _taken(session, source, found)


def _taken(session: Session, source: Source, found: Imported) -> dict[str, Any]:
    bank_id = bank_of_body(session, source.bank_id).id if source.bank_id else None
    items, unseen = pictures.moved_in(session, found.items)
    new = _new(session, bank_id, items)
    if new and bank_id and not source.dry_run:
        stored_items.add(session, bank_id, new)
    notes = [*found.notes, *(replace(fault, place=str(at + 1)) for at, fault in unseen)]
    return {
        "items": [
            {"kind": kind_of(item), "text": item.text.as_json(), "place": str(at), "answers": lines_of(item)}
            for at, item in enumerate(items, 1)
        ],
        "taken": len(new),
        "already": len(items) - len(new),
        "refused": [_found(fault) | {"snippet": fault.snippet} for fault in found.refused],
        "notes": [_found(fault) for fault in notes],
    }


def _new(session: Session, bank_id: str | None, items: Sequence[ItemValue]) -> list[ItemValue]:
    """Those that the bank does not hold, each once."""
    by_digest = {codec.digest(codec.to_json(item)): item for item in items}
    held = set(session.scalars(select(Item.digest).where(Item.bank_id == bank_id)) if bank_id else ())
    return [item for digest, item in by_digest.items() if digest not in held]


def _found(fault: Fault) -> dict[str, str]:
    """In a file: with the place as people say it."""
    return {"place": places.said(fault.place, language()), "message": fault.said(language())}


def left_out(found: Exported) -> dict[str, Any]:
    return {"refused": [_found(fault) for fault in found.refused], "notes": [_found(fault) for fault in found.notes]}


def said(faults: Sequence[Fault]) -> list[dict[str, str]]:
    """Of a question or a quiz: the place is a field that the form knows."""
    return [{"place": fault.place, "message": fault.said(language())} for fault in faults]


def export(session: Session, format: str, bank_id: str | None, quiz_id: str | None) -> Exported:
    """The questions of a bank, or of a quiz in the order of its pools."""
    rows = _of_quiz(session, quiz_id) if quiz_id else _of_bank(session, bank_id)
    return WRITERS[format](pictures.with_content(session, [codec.from_json(row.body) for row in rows]))


def _of_bank(session: Session, bank_id: str | None) -> Sequence[Item]:
    own = bank(session, bank_id or "").id
    return session.scalars(select(Item).where(Item.bank_id == own).order_by(Item.place, Item.id)).all()


def _of_quiz(session: Session, quiz_id: str) -> Sequence[Item]:
    quiz = session.get(Quiz, quiz_id)
    if quiz is None:
        raise not_found()
    ids = [item_id for pool in quiz.pools for item_id in pool["item_ids"]]
    rows = {row.id: row for row in session.scalars(select(Item).where(Item.id.in_(ids)))}
    return [rows[item_id] for item_id in ids if item_id in rows]
