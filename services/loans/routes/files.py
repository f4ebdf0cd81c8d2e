"""Loans as files: in from the library's own catalogue, and out to it again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from services.loans import queries, schemas
from services.loans.import_lines import COLUMNS, defused
from services.loans.imports import import_loans
from shared.auth import SERVICE, Principal, caller, may_call
from shared.csv_lines import LARGEST_FILE
from shared.database import Database
from shared.problems import Problem
from shared.web import context

files = Blueprint("loan files", __name__, url_prefix="/api/v1/loans", description="Loans as CSV files")
TAKEN = ("text/csv", "text/plain", "application/csv", "application/vnd.ms-excel", "application/octet-stream", "")


@files.post("/import")
@may_call("librarian", SERVICE)
@files.response(200, schemas.ImportReport)
def import_file() -> dict[str, Any]:
    # The stream stops at the same size and says so in the caller's language.
    request.max_content_length = LARGEST_FILE + 1
    if request.mimetype not in TAKEN:
        raise Problem(415, "Only this type is taken here: {expected}.", expected="text/csv")
    if (request.content_length or 0) > LARGEST_FILE:
        raise Problem(413, "The most that can be taken at once is {limit} MB.", limit=LARGEST_FILE >> 20)
    return import_loans(context().database, caller(), request.stream).as_json()


@files.get("/export.csv")
@may_call("librarian", SERVICE)
@files.arguments(schemas.LoanFilter, location="query")
def export_file(query: dict[str, Any]) -> Response:
    lines = csv_lines(context().database, caller(), query)
    headers = {"Content-Disposition": 'attachment; filename="loans.csv"'}
    return Response(lines, content_type="text/csv; charset=utf-8", headers=headers)


def csv_lines(database: Database, who: Principal, query: dict[str, Any]) -> Iterator[str]:
    """The file in pieces: the header, then the lines of a page of loans at a time."""
    yield ",".join(COLUMNS) + "\r\n"
    for page in queries.all_loans(database, who, query, ["id", *COLUMNS[1:]]):
        yield written(page)


def written(page: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([[defused(str(cell)) if cell is not None else "" for cell in row] for row in page])
    return text.getvalue()
