"""The report of a period: numbers only, as a page, CSV and XLSX; small numbers hidden for outside the library."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from flask import Blueprint, Response, request
from openpyxl import Workbook
from openpyxl.styles import Font
from werkzeug.wrappers import Response as AnyResponse

from services.gateway import asking, small_numbers, words
from services.gateway.asking import Found
from services.gateway.pages.common import page
from services.gateway.pages.staff import naming
from services.gateway.pages.staff.acting import LIBRARIAN, OPERATOR, date_of
from services.gateway.pages.staff.listing import FORMULA, csv_file
from services.gateway.pages.staff.returns import today
from services.gateway.words import say
from shared.auth import may_call
from shared.peers import PeerDown

report = Blueprint("staff_report", __name__)
A_MONTH = timedelta(days=30)
DIGITS = re.compile(r"\d+")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Table:
    """One part of the report; the first cell of a row says what is counted."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Period:
    since: date
    until: date
    outside: bool

    @classmethod
    def asked(cls) -> Period:
        """As the address says; the last month otherwise."""
        until = _day("until") or today()
        since = _day("since") or until - A_MONTH
        first, last = sorted((since, until))
        return cls(first, last, request.args.get("outside") == "yes")


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


@report.get("/staff/report")
@may_call(LIBRARIAN, OPERATOR)
def show() -> AnyResponse:
    period = Period.asked()
    found = _found(period)
    parts = [] if _lacking(found) else tables(found, period)
    return page("staff/report/report.html", found, period=period, tables=parts, query=request.query_string.decode())


def _found(period: Period) -> dict[str, Found]:
    days = {"since": period.since.isoformat(), "until": period.until.isoformat()}
    return asking.look_up(
        patience=asking.LONG_READ_SECONDS,
        quarantines=("quarantines", asking.path("/quarantines/report", **days)),
        loans=("loans", asking.path("/loans/report", **days)),
        told=("notify", asking.path("/notices/report", **days)),
    )


def _lacking(found: Mapping[str, Found]) -> list[str]:
    """The services whose numbers nobody knows; those of quizzes come with the closures."""
    lacking = [name for name, each in found.items() if each.data is None]
    closed = found["quarantines"].data
    return [*lacking, "quizzes"] if closed and closed["attempts"] is None else lacking


@report.get("/staff/report.csv")
@may_call(LIBRARIAN, OPERATOR)
def as_csv() -> Response:
    rows: list[Sequence[Any]] = []
    for table in _whole(Period.asked()):
        rows += [[table.title], list(table.columns), *table.rows, []]
    return csv_file("report", [say("Report"), _span(Period.asked())], rows, lambda row: row)


@report.get("/staff/report.xlsx")
@may_call(LIBRARIAN, OPERATOR)
def as_xlsx() -> Response:
    book = Workbook()
    sheet = book.active
    sheet.title = say("Report")[:31]
    sheet.append([say("Report"), _span(Period.asked())])
    for table in _whole(Period.asked()):
        sheet.append([])
        sheet.append([table.title])
        sheet.cell(sheet.max_row, 1).font = Font(bold=True, size=13)
        sheet.append([_text(each) for each in table.columns])
        for cell in sheet[sheet.max_row]:
            cell.font = Font(bold=True)
        for row in table.rows:
            sheet.append([_text(each) for each in row])
    for column in "ABCDEFG":
        sheet.column_dimensions[column].width = 34 if column == "A" else 22
    out = io.BytesIO()
    book.save(out)
    headers = {"Content-Disposition": 'attachment; filename="report.xlsx"'}
    return Response(out.getvalue(), content_type=XLSX, headers=headers)


def _text(cell: Any) -> Any:
    """A text that a spreadsheet would take for a formula is marked as text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _whole(period: Period) -> list[Table]:
    """Raises PeerDown rather than give half a report."""
    found = _found(period)
    lacking = [name for name, each in found.items() if each.away] or _lacking(found)
    if lacking:
        raise PeerDown(lacking[0], "is needed for a whole report")
    return tables(found, period)


def _span(period: Period) -> str:
    return f"{date_of(period.since)} – {date_of(period.until)}"


def tables(found: Mapping[str, Found], period: Period) -> list[Table]:
    closed = found["quarantines"].data
    names = {branch["id"]: words.text(branch["name"]).striptags() for branch in closed["branches"]}
    column = _column(period.outside)
    told = found["told"].data
    return [
        _closures(closed["closures"], names),
        _loans(found["loans"].data["by_branch"], names, column),
        _told(say("Households told, by way"), told["by_way"], naming.way, column),
        _told(say("Households told, by language"), told["by_language"], _language, column),
        _told(say("Readers told about, by library"), told["by_branch"], lambda key: names.get(key, key), column),
        _told(say("Readers told about, by age"), sorted(told["by_age"], key=_by_years), lambda key: key, column),
        Table(
            say("Not told"), [say("Households"), say("Count")], [[say("Reached nobody"), *column([told["not_told"]])]]
        ),
        _tries(told["attempts"], column),
        _attempts(closed["attempts"], column),
    ]


Column = Callable[..., Sequence[Any]]


def _column(outside: bool) -> Column:
    """The cells of a column of counts, and of their sum where it is asked for."""
    if outside:
        return partial(small_numbers.shown, unsaid=say("not shown"))
    return lambda counts, sum_below=False: [*counts, sum(counts)] if sum_below else counts


def _rows(heads: Sequence[str], columns: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    return list(zip(heads, *columns, strict=True))


def _language(code: str) -> str:
    return words.NAMES.get(code, code)


def _by_years(row: Mapping[str, Any]) -> int:
    """The age a group begins with: `7-10` comes before `11-14`."""
    digits = DIGITS.match(row["key"] or "")
    return int(digits[0]) if digits else 0


def _closures(quarantines: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Table:
    rows = []
    for each in quarantines:
        where = (
            say("All libraries") if each["branch_ids"] == "all" else ", ".join(names.get(i, i) for i in each["scope"])
        )
        opens = date_of(each["reopens_on"]) if each["reopens_on"] else say("not known yet")
        rows.append(
            [where, _order(each["basis"]), date_of(each["starts_on"]), opens, words.text(each["reason"]).striptags()]
        )
    columns = [say("Where"), say("Order"), say("First day closed"), say("Opens again"), say("Reason")]
    return Table(say("Closures"), columns, rows)


def _order(basis: Mapping[str, Any] | None) -> str:
    if not basis:
        return ""
    parts = (basis.get("document"), basis.get("number"), date_of(basis["date"]) if basis.get("date") else None)
    return " ".join(str(part) for part in parts if part)


def _loans(rows: Sequence[Mapping[str, Any]], names: Mapping[str, str], column: Column) -> Table:
    titles = [
        *(say("Library"), say("Books lent"), say("Renewed"), say("Received")),
        *(say("Moved to a later day"), say("Moved to an earlier day")),
    ]
    kinds = ("lent", "renewed", "returned", "extended", "brought_nearer")
    heads = [names.get(row["branch_id"], row["branch_id"]) for row in rows]
    return Table(say("Loans"), titles, _summed(heads, rows, kinds, column))


def _summed(
    heads: Sequence[str], rows: Sequence[Mapping[str, Any]], kinds: Sequence[str], column: Column
) -> list[Sequence[Any]]:
    """With a last row for all of them where there are several."""
    several = len(rows) > 1
    columns = [column([row[kind] for row in rows], sum_below=several) for kind in kinds]
    return _rows([*heads, say("Total")] if several else heads, columns)


def _told(title: str, rows: Sequence[Mapping[str, Any]], name: Callable[[str], str], column: Column) -> Table:
    known = sorted(rows, key=lambda row: row["key"] is None)
    heads = [name(row["key"]) if row["key"] else say("not known") for row in known]
    columns = [column([row[kind] for row in known]) for kind in ("households", "readers")]
    return Table(title, [say("Group"), say("Households"), say("Readers")], _rows(heads, columns))


def _tries(rows: Sequence[Mapping[str, Any]], column: Column) -> Table:
    counts = column([row["tries"] for row in rows])
    shown = [[naming.way(row["way"]), naming.result(row["result"]), n] for row, n in zip(rows, counts, strict=True)]
    titles = [say("In which way"), say("Result"), say("Count")]
    return Table(say("Tries to tell a household"), titles, shown)


def _attempts(rows: Sequence[Mapping[str, Any]], column: Column) -> Table:
    titles = [
        *(say("Language"), say("Attempts begun"), say("Attempts handed in")),
        *(say("Attempts passed"), say("Begun by guests")),
    ]
    kinds = ("begun", "handed_in", "passed", "guests")
    heads = [_language(row["language"]) for row in rows]
    return Table(say("Online tests"), titles, _summed(heads, rows, kinds, column))
