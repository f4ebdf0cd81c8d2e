"""Files of readers."""

from __future__ import annotations

from typing import Any

from flask import make_response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.accounts import schemas
from services.accounts.importing import KIND, import_at_once, import_later, progress_of
from shared.auth import SERVICE, caller, may_call
from shared.csv_lines import LARGEST_FILE
from shared.import_runs import ImportPage, ImportQuery, listed
from shared.problems import Problem
from shared.web import context, reading, wants_to_wait

imports = Blueprint("reader_imports", __name__, url_prefix="/api/v1/readers", description="Files of readers")


@imports.post("/import")
@may_call("librarian", SERVICE)
@imports.response(200, schemas.ImportReport)
@imports.alt_response(202, schema=schemas.ImportRun)
def import_readers() -> Any:
    """CSV in UTF-8 with a header line; each line is taken or refused by itself. `Prefer: respond-async` gives 202."""
    request.max_content_length = LARGEST_FILE
    if (request.content_length or 0) > LARGEST_FILE:
        raise Problem(413, "The most that can be taken at once is {limit} MB.", limit=LARGEST_FILE >> 20)
    if request.mimetype not in ("text/csv", "application/csv", "application/octet-stream", "text/plain", ""):
        raise Problem(415, "Only this type is taken here: {expected}.", expected="text/csv")
    branches = caller().branches("librarian")
    if wants_to_wait():
        return import_at_once(context().database, request.stream, branches).as_json()
    started = import_later(context().database, request.stream, branches, caller())
    response = make_response(schemas.ImportRun().dump(started), 202)
    response.headers["Location"] = f"/api/v1/readers/imports/{started['id']}"
    return response


@imports.get("/imports")
@may_call("librarian", "admin", SERVICE)
@reading
@imports.arguments(ImportQuery, location="query")
@imports.response(200, ImportPage)
def list_imports(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """Files brought so far, the newest first: one's own, for an administrator everybody's."""
    return listed(session, KIND, caller(), query)


@imports.get("/imports/<uuid:run_id>")
@may_call("librarian", "admin", SERVICE)
@imports.response(200, schemas.ImportRun)
def follow(run_id: Any) -> dict[str, Any]:
    """How far an import is, for the one who sent the file and for administrators."""
    return progress_of(context().database, str(run_id), caller())
