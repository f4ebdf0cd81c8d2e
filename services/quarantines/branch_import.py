"""Branches from a CSV file; a parent may come later in the file than its children."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError
from sqlalchemy.orm import Session

from services.quarantines import queries, tree, use_cases
from services.quarantines.schemas import BranchBody
from shared.csv_lines import Line, Readable, Refused, Report, import_stream, refuse
from shared.database import Database

COLUMNS = ("branch_id", "name_kk", "name_ru", "name_en", "parent_id", "time_zone", "opening_hours")
OPTIONAL = ("phone",)
_COLUMN_OF = {"id": "branch_id", "name": "name_kk"}


@dataclass(frozen=True)
class Wanted:
    """A branch as its line wants it."""

    line: Line
    data: dict[str, Any]

    @property
    def parent_id(self) -> str | None:
        parent_id: str | None = self.data["parent_id"]
        return parent_id


def import_branches(database: Database, stream: Readable) -> Report:
    """Takes what is new or different, chunk by chunk; the same file again changes nothing."""
    file = _File(database)
    report = import_stream(stream, COLUMNS, OPTIONAL, file.take)
    too_late = file.take_waiting()
    report.add(-len(too_late), too_late)
    return report


@dataclass
class _File:
    """Lines seen so far by id, and those that wait for a parent that may still come."""

    database: Database
    lines: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, Wanted] = field(default_factory=dict)

    def take(self, lines: list[Line]) -> list[Refused]:
        understood = [self._understand(line) for line in lines]
        wanted = {each.data["id"]: each for each in understood if isinstance(each, Wanted)}
        with self.database.transaction() as session:
            self.waiting |= _put_in_order(session, wanted)
        return [each for each in understood if isinstance(each, Refused)]

    def take_waiting(self) -> list[Refused]:
        """At the end of the file: what still has no place is refused."""
        with self.database.transaction() as session:
            left = _put_in_order(session, self.waiting)
            known = queries.parents(session)
        return [_refused(each, {*known, *left}) for each in left.values()]

    def _understand(self, line: Line) -> Wanted | Refused:
        branch_id = line.cells["branch_id"]
        if branch_id in self.lines:
            first = {"line": self.lines[branch_id], "id": branch_id}
            return refuse(line, "branch_id", "This id is already in the file, in line {line}: {id}.", **first)
        self.lines[branch_id] = line.number
        try:
            return Wanted(line, BranchBody().load(_body(line.given())))
        except ValidationError as error:
            return Refused(line.number, _by_column(error.messages_dict))


def _body(cells: dict[str, str]) -> dict[str, Any]:
    """A file without the column of phones changes none."""
    name = {language: cells[f"name_{language}"] or None for language in ("kk", "ru", "en")}
    given: dict[str, Any] = {"id": cells["branch_id"], "name": name, "parent_id": cells["parent_id"] or None}
    given |= {"opening_hours": cells["opening_hours"]}
    given |= {"phone": cells["phone"] or None} if "phone" in cells else {}
    return given | ({"time_zone": cells["time_zone"]} if cells["time_zone"] else {})


def _by_column(messages: dict[str, Any]) -> dict[str, list[str]]:
    return {_COLUMN_OF.get(name, name): _flat(messages[name]) for name in messages}


def _flat(messages: Any) -> list[str]:
    if isinstance(messages, dict):
        return [text for inner in messages.values() for text in _flat(inner)]
    return [str(text) for text in messages]


def _refused(wanted: Wanted, heard_of: Container[str]) -> Refused:
    if str(wanted.parent_id) in heard_of:
        itself = wanted.data["id"]
        return refuse(wanted.line, "parent_id", "The branch would lie below itself: {branch_id}.", branch_id=itself)
    return refuse(wanted.line, "parent_id", "Unknown branch: {branch_id}.", branch_id=wanted.parent_id)


def _put_in_order(session: Session, wanted: dict[str, Wanted]) -> dict[str, Wanted]:
    """Saves parents before their children; returns those that have no place yet."""
    known = queries.all_branches(session)
    parents = {branch.id: branch.parent_id for branch in known.values()}
    changed: dict[str, set[str]] = {}
    for each in _parents_first(wanted, parents):
        branch_id = each.data["id"]
        if branch_id in known:
            changed[branch_id] = use_cases.put(known[branch_id], each.data)
        else:
            session.add(use_cases.new_branch(each.data))
            changed[branch_id] = {"parent_id"}
    use_cases.announce_changes(session, changed)
    return {branch_id: each for branch_id, each in wanted.items() if branch_id not in changed}


def _parents_first(wanted: dict[str, Wanted], parents: dict[str, str | None]) -> Iterator[Wanted]:
    """Those that have a place in the tree, each after its parent; `parents` grows into the tree they make."""
    children: dict[str | None, list[Wanted]] = defaultdict(list)
    for each in wanted.values():
        children[each.parent_id].append(each)
    left = dict(wanted)
    while ready := [each for each in left.values() if _fits(each, parents)]:
        while ready:
            each = ready.pop()
            if each.data["id"] in left and _fits(each, parents):
                parents[each.data["id"]] = each.parent_id
                yield left.pop(each.data["id"])
                ready.extend(children[each.data["id"]])


def _fits(wanted: Wanted, parents: dict[str, str | None]) -> bool:
    parent_id = wanted.parent_id
    known = parent_id is None or parent_id in parents
    return known and not tree.would_circle(wanted.data["id"], parent_id, parents)
