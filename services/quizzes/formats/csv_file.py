"""The table as CSV in UTF-8, read line by line."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO

from services.quizzes.faults import Fault
from services.quizzes.formats import Exported, Imported, Refused, check_size
from services.quizzes.formats.sheet import OPTIONAL, REQUIRED, Row, given_rows, take_rows, unguarded
from services.quizzes.formats.taking import set_aside
from services.quizzes.items import Item
from shared.csv_lines import OF_SPREADSHEETS, Line, read
from shared.csv_lines import Refused as RefusedLine
from shared.problems import Problem


def read_csv(content: bytes, _language: str = "") -> Imported:
    """Questions of the template; every text stands in the column of its language."""
    imported = Imported()
    rows: list[Row] = []
    try:
        check_size(content)
        for line in read(BytesIO(content), REQUIRED, OPTIONAL, OF_SPREADSHEETS):
            if isinstance(line, RefusedLine):
                imported.refused.extend(_faults(line))
            else:
                rows.append(_row(line))
    except Problem as problem:
        imported.refused.append(Fault("line 1", _first(problem)))
    except Refused as refusal:
        set_aside(imported, refusal, "file")
    take_rows(imported, rows)
    return imported


def _row(line: Line) -> Row:
    return Row(f"line {line.number}", {name: unguarded(cell) for name, cell in line.cells.items()})


def _faults(line: RefusedLine) -> list[Fault]:
    return [Fault(f"line {line.number}", message) for messages in line.errors.values() for message in messages]


def _first(problem: Problem) -> str:
    """The words about the header, said already."""
    for messages in (problem.errors or {}).values():
        return str(messages[0])
    return problem.detail


def write_csv(items: Sequence[Item]) -> Exported:
    exported = Exported()
    target = StringIO()
    csv.writer(target, lineterminator="\r\n").writerows(given_rows(exported, items))
    # The mark lets spreadsheets see that it is UTF-8.
    exported.content = target.getvalue().encode("utf-8-sig")
    return exported
