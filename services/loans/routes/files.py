"""Loans as files: in from the library's own catalogue, and out to it again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, make_response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.loans import queries, schemas
from services.loans.import_lines import COLUMNS
from services.loans.import_runs import KIND, import_later, progress_of
from services.loans.imports import import_loans
from services.loans.numbers import numbers
from shared.auth import SERVICE, Principal, caller, may_call
from shared.csv_lines import LARGEST_FILE, written
from shared.database import Database
from shared.import_runs import ImportPage, ImportQuery, listed
from shared.problems import Problem
from shared.web import context, reading, wants_to_wait

files = Blueprint("loan files", __name__, url_prefix="/api/v1/loans", description="Loans as CSV files")
TAKEN = ("text/csv", "text/plain", "application/csv", "application/vnd.ms-excel", "application/octet-stream", "")


@files.post("/import")
@may_call("librarian", SERVICE)
@files.response(200, schemas.ImportReport)
@files.alt_response(202, schema=schemas.ImportRun)
def import_file() -> Any:
    """CSV in UTF-8 with a header line; each line is taken or refused by itself. `Prefer: respond-async` gives 202."""
    # The stream stops at the same size and says so in the caller's language.
    request.max_content_length = LARGEST_FILE + 1
    if request.mimetype not in TAKEN:
        raise Problem(415, "Only this type is taken here: {expected}.", expected="text/csv")
    if (request.content_length or 0) > LARGEST_FILE:
        raise Problem(413, "The most that can be taken at once is {limit} MB.", limit=LARGEST_FILE >> 20)
    if wants_to_wait():
        return import_loans(context().database, caller(), request.stream).as_json()
    started = import_later(context().database, caller(), request.stream)
    response = make_response(schemas.ImportRun().dump(started), 202)
    response.headers["Location"] = f"/api/v1/loans/imports/{started['id']}"
    return response


@files.get("/imports")
@may_call("librarian", "admin", SERVICE)
@reading
@files.arguments(ImportQuery, location="query")
@files.response(200, ImportPage)
def list_imports(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """Files brought so far, the newest first: one's own, for an administrator everybody's."""
    return listed(session, KIND, caller(), query)


@files.get("/imports/<uuid:run_id>")
@may_call("librarian", "admin", SERVICE)
@files.response(200, schemas.ImportRun)
def follow(run_id: Any) -> dict[str, Any]:
    """How far an import is, for the one who sent the file and for administrators."""
    return progress_of(context().database, str(run_id), caller())


@files.get("/report")
@may_call("librarian", "operator")
@reading
@files.arguments(schemas.ReportQuery, location="query")
@files.response(200, schemas.Report)
def report(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """Numbers of a period by branch; no names, no titles."""
    return {"by_branch": numbers(session, caller(), query["since"], query["until"])}


@files.get("/count")
@may_call("librarian", SERVICE)
@reading
@files.arguments(schemas.LoanFilter, location="query")
@files.response(200, schemas.LoanCount)
def count_loans(session: Session, query: dict[str, Any]) -> dict[str, int]:
    """What the list with these filters holds on all its pages together."""
    return queries.counted(session, caller(), query)


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
