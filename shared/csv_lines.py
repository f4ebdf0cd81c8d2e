"""CSV files read as a stream: each line taken or refused by itself, with its number and why."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from shared.problems import Problem, say

LONGEST_LINE = 64 * 1024
OF_SPREADSHEETS = ",;\t"
"""What may stand between cells in files that people fill in: set to Kazakh or Russian, Excel puts semicolons."""
LARGEST_FILE = 64 * 1024 * 1024
BATCH = 1000
BLOCK = 64 * 1024


# A spreadsheet takes such a cell for a formula.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def defused(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; `as_written` gives the cell back."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def as_written(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def written(rows: Iterable[Iterable[Any]]) -> str:
    """Rows as CSV, no cell a formula; none is empty."""
    text = io.StringIO()
    csv.writer(text).writerows([[defused(str(cell)) if cell is not None else "" for cell in row] for row in rows])
    return text.getvalue()


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True)
class Line:
    """One record: the number of its first line, and its cells by column; absent optional columns are empty."""

    number: int
    cells: dict[str, str]
    absent: frozenset[str] = frozenset()

    def given(self) -> dict[str, str]:
        """The cells of the columns that the file has."""
        return {name: cell for name, cell in self.cells.items() if name not in self.absent}


@dataclass(frozen=True)
class Refused:
    """A line that was not taken: `errors` by column, or under `line` when it is about the whole."""

    number: int
    errors: dict[str, list[str]]


def refuse(line: Line, column: str, message: str, /, **values: Any) -> Refused:
    return Refused(line.number, {column: [say(message, **values)]})


@dataclass
class Report:
    """What an import answers: `{accepted, rejected: [{line, errors}]}`."""

    accepted: int = 0
    rejected: list[Refused] = field(default_factory=list)

    def add(self, taken: int, refused: Iterable[Refused]) -> None:
        self.accepted += taken
        self.rejected.extend(refused)

    def as_json(self) -> dict[str, Any]:
        ordered = sorted(self.rejected, key=lambda refused: refused.number)
        return {
            "accepted": self.accepted,
            "rejected": [{"line": refused.number, "errors": refused.errors} for refused in ordered],
        }


def import_stream(
    stream: Readable,
    required: Sequence[str],
    optional: Sequence[str],
    take: Callable[[list[Line]], list[Refused]],
    at_once: int = BATCH,
) -> Report:
    """Reads a file chunk by chunk; `take` saves a chunk of lines in a transaction and returns those refused.

    Raises a 422 problem for a header that is not ours and a 413 problem for a file over 64 MB.
    """
    report = Report()
    records = read(stream, required, optional)
    while chunk := list(islice(records, at_once)):
        lines = [each for each in chunk if isinstance(each, Line)]
        refused = take(lines) if lines else []
        report.add(len(lines) - len(refused), refused)
        report.add(0, [each for each in chunk if isinstance(each, Refused)])
    return report


def read(
    stream: Readable, required: Sequence[str], optional: Sequence[str] = (), separators: str = ","
) -> Iterator[Line | Refused]:
    """The records of a file; lines that cannot be read come as Refused, the rest goes on. `separators`: signs that may
    stand between cells; the header says which of them does."""
    source = _Source(stream)
    header = _header(source, required, optional, separators)
    absent = frozenset(optional) - set(header)
    for number, cells in _records(source):
        if isinstance(cells, str):
            yield Refused(number, {"line": [say(cells, limit=LONGEST_LINE)]})
        elif len(cells) != len(header):
            counts = {"expected": len(header), "found": len(cells)}
            yield Refused(number, {"line": [say("Wrong number of columns: {found}. Expected: {expected}.", **counts)]})
        else:
            given = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
            yield Line(number, dict.fromkeys(optional, "") | given, absent)


class _Source:
    """Lines of a stream as (number, text or None when unreadable, why)."""

    def __init__(self, stream: Readable) -> None:
        self._lines = _byte_lines(stream)
        self.number = 0
        self.separator = ","

    def __iter__(self) -> Iterator[tuple[int, str | None, str]]:
        for raw in self._lines:
            self.number += 1
            if raw is None:
                yield self.number, None, "The line is longer than {limit} bytes."
                continue
            try:
                text = raw.decode("utf-8-sig" if self.number == 1 else "utf-8")
            except UnicodeDecodeError:
                yield self.number, None, "The line is not in UTF-8. Save the file as CSV in UTF-8."
                continue
            if "\0" in text:
                yield self.number, None, "The line holds characters that are not text."
                continue
            yield self.number, text, ""


def _byte_lines(stream: Readable) -> Iterator[bytes | None]:
    """Lines with their ends; None for one that is too long, of which no more than the limit is kept in memory."""
    rest, total, too_long = b"", 0, False
    while block := stream.read(BLOCK):
        total += len(block)
        if total > LARGEST_FILE:
            raise Problem(413, "The most that can be taken at once is {limit} MB.", limit=LARGEST_FILE >> 20)
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            yield None if too_long or len(line) > LONGEST_LINE else line + b"\n"
            too_long = False
        if len(rest) > LONGEST_LINE:
            rest, too_long = b"", True
    if too_long or rest:
        yield None if too_long else rest


def _header(source: _Source, required: Sequence[str], optional: Sequence[str], separators: str) -> list[str]:
    _number, text, _why = next(iter(source), (1, "", ""))
    for separator in separators:
        names = _names(text or "", separator)
        if set(required) <= set(names) <= {*required, *optional} and len(set(names)) == len(names):
            source.separator = separator
            return names
    expected = ",".join(required)
    errors = {"line 1": [say("The header is not right. Columns expected: {columns}.", columns=expected)]}
    raise Problem(422, "Some fields are not right: see the list.", errors=errors)


def _names(text: str, separator: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([text], delimiter=separator), [])]
    except csv.Error:
        return []


def _records(source: _Source) -> Iterator[tuple[int, list[str] | str]]:
    """(number of the first line, cells or why it cannot be read); a quoted cell may hold line ends."""
    held: list[str] = []
    first, length, open_quote = 0, 0, False
    for number, text, why in source:
        if text is None:
            yield number, why
            held, open_quote = [], False
            continue
        first, length = (first, length + len(text)) if held else (number, len(text))
        held.append(text)
        open_quote ^= text.count('"') % 2 == 1
        if not open_quote:
            yield from _parse(first, "".join(held), source.separator)
            held = []
        elif length > LONGEST_LINE:
            yield first, "A quotation mark is not closed."
            held, open_quote = [], False
    if held:
        yield first, "A quotation mark is not closed."


def _parse(number: int, text: str, separator: str) -> Iterator[tuple[int, list[str] | str]]:
    if not text.strip():
        return
    try:
        cells = next(csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True))
    except csv.Error:
        yield number, "A quotation mark is not closed."
        return
    yield number, cells
