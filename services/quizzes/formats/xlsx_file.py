"""The table as XLSX, through openpyxl, which reads XML with defusedxml where that is installed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from io import BytesIO
from itertools import islice

from openpyxl import Workbook, load_workbook

from services.quizzes.formats import Exported, Imported, Refused, refused
from services.quizzes.formats.sheet import COLUMNS, OPTIONAL, REQUIRED, Row, given_rows, take_rows, unguarded
from services.quizzes.formats.taking import set_aside
from services.quizzes.formats.xml_tree import parse
from services.quizzes.formats.zips import unzipped
from services.quizzes.items import Item

MOST_ROWS = 100_000
SHEET = "questions"


def read_xlsx(content: bytes, _language: str = "") -> Imported:
    """Questions of the first sheet; every text stands in the column of its language."""
    imported = Imported()
    try:
        rows = list(_rows(content))
    except Refused as refusal:
        set_aside(imported, refusal, "file")
        return imported
    take_rows(imported, rows)
    return imported


def _rows(content: bytes) -> Iterator[Row]:
    lines = _cells(content)
    header = [cell.strip() for cell in next(lines, [])]
    while header and not header[-1]:
        header.pop()
    if not set(REQUIRED) <= set(header) <= {*COLUMNS} or len(set(header)) != len(header):
        columns = ",".join(REQUIRED)
        raise refused("row 1", "The header is not right. Columns expected: {columns}.", columns=columns)
    for number, cells in enumerate(lines, 2):
        if any(cell.strip() for cell in cells):
            named = dict(zip(header, (unguarded(cell.strip()) for cell in cells), strict=False))
            yield Row(f"row {number}", dict.fromkeys((*REQUIRED, *OPTIONAL), "") | named)


def _cells(content: bytes) -> Iterator[list[str]]:
    for name, part in unzipped(content).items():
        if name.endswith((".xml", ".rels")):
            parse(part)
    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        for cells in islice(sheet.iter_rows(max_col=len(COLUMNS) + 1), MOST_ROWS):
            yield [_text(cell.value, cell.number_format) for cell in cells]
    except (KeyError, ValueError, IndexError, AttributeError, TypeError, OSError) as error:
        raise refused("file", "The file is not an XLSX table that can be read.") from error


def _text(value: object, shown_as: str) -> str:
    """A cell as it was typed: 1918 rather than 1918.0, 50% rather than 0.5, and a day as one reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime) and value.time() == time():
        return f"{value:%d.%m.%Y}"
    if isinstance(value, int | float) and "%" in shown_as:
        return f"{value * 100:.12g}%"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def write_xlsx(items: Sequence[Item]) -> Exported:
    exported = Exported()
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    for row in given_rows(exported, items):
        sheet.append(row)
    target = BytesIO()
    book.save(target)
    exported.content = target.getvalue()
    return exported
