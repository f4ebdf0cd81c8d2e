"""The table that librarians fill in, as CSV or XLSX: a row begins a question, the rows under it are its parts.

kind        what the row holds
single, multiple, true_false, short_text, number, matching, ordering, open
            a question: its text in kk, ru, en; right: true or false (for true_false)
choice      an answer to choose; weight: its share of the points in per cent
answer      a text or number that is taken; tolerance: for numbers
wrong       feedback to any other typed answer
pair        two sides that belong together; a row without a left side is a right side too many
entry       an entry, in the right order
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.quizzes.faults import Fault
from services.quizzes.formats import Exported, Imported, Refused
from services.quizzes.formats.giving import give
from services.quizzes.formats.sheet_items import build
from services.quizzes.formats.sheet_rows import rows_of
from services.quizzes.formats.taking import set_aside, take
from services.quizzes.items import KINDS, Item

LANGUAGE_COLUMNS = ("kk", "ru", "en")
REQUIRED = ("kind", *LANGUAGE_COLUMNS)
OPTIONAL = (
    *("weight", "answer", "tolerance", "right", "right_kk", "right_ru", "right_en"),
    *("feedback_kk", "feedback_ru", "feedback_en", "title", "category", "points", "shuffle"),
    *("match_case", "kazakh_as_russian", "picture", "alt_kk", "alt_ru", "alt_en"),
)
COLUMNS = (*REQUIRED, *OPTIONAL)
_FORMULA = re.compile("'*[=+\\-@\t]")
_PLAIN = re.compile(r"-?[\d.,/]+%?")


@dataclass(frozen=True)
class Row:
    place: str
    cells: Mapping[str, str]


@dataclass
class _Group:
    head: Row
    parts: list[Row] = field(default_factory=list)


def take_rows(imported: Imported, rows: Iterable[Row]) -> None:
    """Adds the questions of these rows to `imported`."""
    group: _Group | None = None
    for row in rows:
        kind = row.cells["kind"].lower()
        if kind in KINDS:
            if group:
                _take(imported, group)
            group = _Group(row)
        elif group is None:
            imported.refused.append(
                Fault(row.place, "The row belongs to no question: its kind is “{kind}”.", {"kind": kind[:40]})
            )
        else:
            group.parts.append(row)
    if group:
        _take(imported, group)


def _take(imported: Imported, group: _Group) -> None:
    try:
        item = build(group.head.cells, [(row.place, row.cells) for row in group.parts])
    except Refused as refusal:
        words = (group.head.cells.get(language) for language in LANGUAGE_COLUMNS)
        set_aside(imported, refusal, group.head.place, next(filter(None, words), ""))
        return
    take(imported, item, group.head.place)


def given_rows(exported: Exported, items: Sequence[Item]) -> Iterable[list[str]]:
    """The header and the rows of these items; cells a spreadsheet would run as formulas begin with an apostrophe."""
    yield list(COLUMNS)
    for place, item, rows in give(exported, items, rows_of):
        for cells in rows:
            yield [guarded(cells.get(name, "")) for name in COLUMNS]
        if item.picture and item.picture.content:
            exported.notes.append(
                Fault(
                    place,
                    "{format} cannot hold the picture's file: its address and its description are in the file.",
                    {"format": "CSV"},
                )
            )


def guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) and not _PLAIN.fullmatch(cell) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
