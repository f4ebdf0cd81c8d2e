"""Pictures of questions, stored under the hash of their content."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.quizzes.faults import Fault
from services.quizzes.items import Item
from services.quizzes.models import Picture
from services.quizzes.pictures import LARGEST, LONGEST_SIDE, Kind, recognised
from shared import clock
from shared.database import is_sqlite
from shared.problems import Problem, not_found

ADDRESS = "/api/v1/quizzes/pictures/"


def fault_of(content: bytes) -> Fault | None:
    """Why these bytes are not taken as a picture; None when they are."""
    kind = recognised(content)
    if len(content) > LARGEST:
        return Fault("picture", "The picture is larger than {limit} KB.", {"limit": LARGEST >> 10})
    if kind is None:
        return Fault("picture", "This is not a picture: send PNG, JPEG, GIF or WebP.")
    if max(kind.width, kind.height) > LONGEST_SIDE:
        return Fault("picture", "The picture is wider or higher than {limit} dots.", {"limit": LONGEST_SIDE})
    return None


def add(session: Session, content: bytes) -> dict[str, Any]:
    """Stores a picture, or finds it stored. Raises a 422 problem for what is none."""
    if fault := fault_of(content):
        raise Problem(422, fault.message, **fault.values)
    (source,) = store(session, [content])
    return {"id": source.removeprefix(ADDRESS).partition(".")[0], "source": source}


def store(session: Session, contents: Sequence[bytes]) -> list[str]:
    """The addresses of these pictures, which are known to be pictures."""
    rows, sources = {}, []
    for content in contents:
        name, kind = hashlib.sha256(content).hexdigest(), recognised(content)
        if not isinstance(kind, Kind):
            raise ValueError("not a picture")
        sides = {"type": kind.type, "width": kind.width, "height": kind.height}
        rows[name] = {"sha256": name, "content": content, "at": clock.now()} | sides
        sources.append(f"{ADDRESS}{name}.{kind.ending}")
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    if rows:
        session.execute(insert(Picture).on_conflict_do_nothing(), list(rows.values()))
    return sources


def picture(session: Session, name: str) -> Picture:
    """By the last part of its address; the ending must be the one it was given."""
    found = session.get(Picture, name.partition(".")[0])
    kind = recognised(found.content) if found else None
    if found is None or kind is None or name != f"{found.sha256}.{kind.ending}":
        raise not_found()
    return found


def moved_in(session: Session, items: Sequence[Item]) -> tuple[list[Item], list[tuple[int, Fault]]]:
    """Items whose pictures are stored and named by their address, and what became of those that are not pictures."""
    faults = [
        (at, fault)
        for at, item in enumerate(items)
        if item.picture and item.picture.content and (fault := fault_of(item.picture.content))
    ]
    refused = {at for at, _fault in faults}
    good = [at for at, item in enumerate(items) if item.picture and item.picture.content and at not in refused]
    sources = dict(zip(good, store(session, [_content(items[at]) for at in good]), strict=True))
    return [_with_picture(item, sources.get(at), at in refused) for at, item in enumerate(items)], faults


def _content(item: Item) -> bytes:
    return item.picture.content if item.picture else b""


def _with_picture(item: Item, source: str | None, refused: bool) -> Item:
    if refused or item.picture is None:
        return replace(item, picture=None)
    return replace(item, picture=replace(item.picture, source=source, content=b"")) if source else item


def with_content(session: Session, items: Sequence[Item]) -> list[Item]:
    """For a file: pictures of ours as the file's own, under a short name."""
    names = {_name(item) for item in items} - {None}
    contents = _contents(session, [name.partition(".")[0] for name in names if name])
    return [_taken_out(item, contents) for item in items]


def _name(item: Item) -> str | None:
    source = item.picture.source if item.picture else ""
    return source.removeprefix(ADDRESS) if source.startswith(ADDRESS) else None


def _contents(session: Session, names: Collection[str]) -> dict[str, bytes]:
    rows = session.execute(select(Picture.sha256, Picture.content).where(Picture.sha256.in_(names)))
    return {row.sha256: row.content for row in rows}


def _taken_out(item: Item, contents: Mapping[str, bytes]) -> Item:
    name = _name(item)
    content = contents.get(name.partition(".")[0]) if name else None
    if not name or not content or item.picture is None:
        return item
    short = name[:12] + name[name.rindex(".") :]
    return replace(item, picture=replace(item.picture, source=short, content=content))
