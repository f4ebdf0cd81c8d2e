"""Items as the tables hold them: written in sets, read by version from a small memory of this process."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Engine, Table, func, select, tuple_
from sqlalchemy.orm import Session

from services.quizzes import codec
from services.quizzes.checking import faults_of
from services.quizzes.items import Item as ItemValue
from services.quizzes.items import kind_of, texts_of
from services.quizzes.models import Item, ItemVersion, QuizItem
from services.quizzes.remembered import Remembered
from shared import clock
from shared.bulk import insert_rows
from shared.folding import fold

Version = tuple[str, int]
ITEMS, VERSIONS = cast(Table, Item.__table__), cast(Table, ItemVersion.__table__)
_KNOWN: Remembered[tuple[Engine, Version], ItemValue] = Remembered(5_000)


def columns_of(item: ItemValue) -> dict[str, Any]:
    """The columns of `items` that follow from the item."""
    body = codec.to_json(item)
    return {
        "kind": kind_of(item),
        "body": body,
        "digest": codec.digest(body),
        "words": fold(" ".join(text[language] for _place, text in texts_of(item) for language in text.languages)),
        "faults": len(faults_of(item)),
        "changed_at": clock.now(),
    }


def add(session: Session, bank_id: str, items: Sequence[ItemValue]) -> list[str]:
    """Adds new items to a bank, in two statements however many; returns their ids."""
    last = session.scalar(select(func.max(Item.place)).where(Item.bank_id == bank_id)) or 0
    rows: list[dict[str, Any]] = [
        {"id": str(uuid.uuid4()), "bank_id": bank_id, "version": 1, "place": place} | columns_of(item)
        for place, item in enumerate(items, last + 1)
    ]
    insert_rows(session, ITEMS, rows)
    insert_rows(session, VERSIONS, [_version_row(row) for row in rows])
    return [row["id"] for row in rows]


def change(session: Session, row: Item, item: ItemValue) -> bool:
    """Keeps the item as a new version; False when it is what it was."""
    new = columns_of(item)
    if new["digest"] == row.digest:
        return False
    row.version += 1
    for name, value in new.items():
        setattr(row, name, value)
    session.flush()
    insert_rows(session, VERSIONS, [_version_row({"id": row.id, "version": row.version} | new)])
    return True


def _version_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"item_id": row["id"], "version": row["version"], "body": row["body"], "at": row["changed_at"]}


def by_version(session: Session, versions: Iterable[Version]) -> dict[Version, ItemValue]:
    """(item id, version) -> the item as it was then."""
    wanted = {(str(item_id), version) for item_id, version in versions}
    # A memory for each database: tests and rehearsals may hold several in one process.
    where = session.get_bind().engine
    found = _KNOWN.get([(where, each) for each in wanted], lambda keys: _fetch(session, where, keys))
    return {version: item for (_where, version), item in found.items()}


def items_at(session: Session, versions: Iterable[Version]) -> dict[str, ItemValue]:
    """Item id -> the item, where one version of each is asked for."""
    return {item_id: item for (item_id, _version), item in by_version(session, versions).items()}


def _fetch(
    session: Session, where: Engine, keys: Collection[tuple[Engine, Version]]
) -> dict[tuple[Engine, Version], ItemValue]:
    versions = [version for _where, version in keys]
    chosen = select(ItemVersion).where(tuple_(ItemVersion.item_id, ItemVersion.version).in_(versions))
    return {(where, (row.item_id, row.version)): codec.from_json(row.body) for row in session.scalars(chosen)}


def newest(session: Session, item_ids: Collection[str]) -> dict[str, int]:
    """Item id -> its version now, of those that there are."""
    rows = session.execute(select(Item.id, Item.version).where(Item.id.in_(item_ids)))
    return {row.id: row.version for row in rows}


def used_by(session: Session, item_ids: Collection[str]) -> dict[str, list[str]]:
    """Item id -> the quizzes that ask it."""
    rows = session.execute(
        select(QuizItem.item_id, QuizItem.quiz_id).where(QuizItem.item_id.in_(item_ids)).order_by(QuizItem.quiz_id)
    )
    found: dict[str, list[str]] = {item_id: [] for item_id in item_ids}
    for row in rows:
        found[row.item_id].append(row.quiz_id)
    return found
