"""Banks and the items in them."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from services.quizzes import codec, stored_items
from services.quizzes.checking import faults_of
from services.quizzes.items import Item as ItemValue
from services.quizzes.items import Matching, Multiple, Ordering, Single, languages_of
from services.quizzes.models import DRAFT, Bank, Item, ItemVersion, Quiz, QuizItem
from shared import clock
from shared.folding import fold
from shared.problems import Problem, invalid, language, not_found


def banks(session: Session) -> list[dict[str, Any]]:
    counts = select(Item.bank_id, func.count().label("held")).group_by(Item.bank_id).subquery()
    rows = session.execute(
        select(Bank.id, Bank.name, func.coalesce(counts.c.held, 0).label("held"))
        .outerjoin(counts, counts.c.bank_id == Bank.id)
        .order_by(Bank.name, Bank.id)
    )
    return [{"id": row.id, "name": row.name, "items": row.held} for row in rows]


def bank(session: Session, bank_id: str) -> Bank:
    found = session.get(Bank, str(bank_id))
    if found is None:
        raise not_found()
    return found


def add_bank(session: Session, name: str) -> dict[str, Any]:
    _free(session, name)
    made = Bank(id=str(uuid.uuid4()), name=name, created_at=clock.now())
    session.add(made)
    session.flush()
    return {"id": made.id, "name": made.name, "items": 0}


def rename_bank(session: Session, bank_id: str, name: str) -> dict[str, Any]:
    found = bank(session, bank_id)
    if found.name != name:
        _free(session, name)
        found.name = name
    return {"id": found.id, "name": name, "items": _held(session, found.id)}


def _free(session: Session, name: str) -> None:
    if session.scalar(select(Bank.id).where(Bank.name == name)):
        raise Problem(409, "There is a bank of this name already.", errors={"name": [name]})


def _held(session: Session, bank_id: str) -> int:
    return session.scalar(select(func.count()).where(Item.bank_id == bank_id)) or 0


def delete_bank(session: Session, bank_id: str) -> None:
    found = bank(session, bank_id)
    inside = select(Item.id).where(Item.bank_id == found.id)
    if session.scalar(select(QuizItem.quiz_id).where(QuizItem.item_id.in_(inside)).limit(1)):
        raise Problem(409, "A quiz asks questions of this bank: take them out of the quiz first.")
    session.execute(delete(Item).where(Item.bank_id == found.id))
    session.delete(found)


def read(data: object) -> ItemValue:
    """The item in a request's body. Raises a 422 problem naming the field."""
    try:
        return codec.from_json(data)
    except codec.Unreadable as error:
        fault = error.fault
        raise invalid(f"item.{fault.place}", fault.message, **fault.values) from error


def add(session: Session, bank_id: str, data: object) -> dict[str, Any]:
    (item_id,) = stored_items.add(session, bank_of_body(session, bank_id).id, [read(data)])
    return shown(session, [item(session, item_id)])[0]


def bank_of_body(session: Session, bank_id: str) -> Bank:
    found = session.get(Bank, str(bank_id))
    if found is None:
        raise invalid("bank_id", "There is no such bank.")
    return found


def item(session: Session, item_id: str, *, lock: bool = False) -> Item:
    found = session.get(Item, str(item_id), with_for_update=lock or None)
    if found is None:
        raise not_found()
    return found


def change(session: Session, row: Item, data: dict[str, Any]) -> dict[str, Any]:
    """A new version; in a quiz that has been published it must stay without faults and answers keep their meaning."""
    if "bank_id" in data:
        row.bank_id = bank_of_body(session, data["bank_id"]).id
    if "item" in data:
        new = read(data["item"])
        if _asked(session, row.id):
            _may_replace(codec.from_json(row.body), new)
        stored_items.change(session, row, new)
    session.flush()
    return shown(session, [row])[0]


def _asked(session: Session, item_id: str) -> bool:
    """Whether readers may have been shown it."""
    published = select(QuizItem.quiz_id).join(Quiz, Quiz.id == QuizItem.quiz_id).where(Quiz.state != DRAFT)
    return session.scalar(published.where(QuizItem.item_id == item_id).limit(1)) is not None


def _may_replace(old: ItemValue, new: ItemValue) -> None:
    """Kept answers speak of positions: parts may be corrected and added at the end, not taken away."""
    if faults := faults_of(new):
        raise Problem(
            422,
            "A published quiz asks this question: it must stay without faults.",
            errors={f"item.{fault.place}": [fault.said(language())] for fault in faults},
        )
    if type(old) is not type(new) or _parts(new) < _parts(old):
        raise invalid("item", "Answers were given to this question: correct its parts or add some, take none away.")


def _parts(value: ItemValue) -> int:
    if isinstance(value, Single | Multiple):
        return len(value.choices)
    if isinstance(value, Matching):
        return min(len(value.pairs), len(value.rights))
    return len(value.entries) if isinstance(value, Ordering) else 0


def remove(session: Session, row: Item) -> None:
    if stored_items.used_by(session, [row.id])[row.id]:
        raise Problem(409, "A quiz asks this question: take it out of the quiz first.")
    session.execute(delete(ItemVersion).where(ItemVersion.item_id == row.id))
    session.delete(row)


def listed(session: Session, query: dict[str, Any], after: list[Any] | None) -> list[Item]:
    chosen = select(Item).order_by(Item.bank_id, Item.place, Item.id).limit(query["limit"] + 1)
    if query.get("bank_id"):
        chosen = chosen.where(Item.bank_id == str(query["bank_id"]))
    if query.get("kind"):
        chosen = chosen.where(Item.kind == query["kind"])
    for word in fold(query.get("search", "")).split():
        chosen = chosen.where(Item.words.contains(word, autoescape=True))
    if after:
        bank_id, place, item_id = after
        later = (Item.place > place) | ((Item.place == place) & (Item.id > item_id))
        chosen = chosen.where((Item.bank_id > bank_id) | ((Item.bank_id == bank_id) & later))
    return list(session.scalars(chosen))


def shown(session: Session, rows: list[Item]) -> list[dict[str, Any]]:
    quizzes = stored_items.used_by(session, [row.id for row in rows])
    return [_shown(row, quizzes[row.id]) for row in rows]


def _shown(row: Item, quiz_ids: list[str]) -> dict[str, Any]:
    value = codec.from_json(row.body)
    return {
        "id": row.id,
        "version": row.version,
        "bank_id": row.bank_id,
        "kind": row.kind,
        "languages": list(languages_of(value)),
        "item": row.body,
        "faults": [{"place": fault.place, "message": fault.said(language())} for fault in faults_of(value)],
        "used_by": quiz_ids,
    }
