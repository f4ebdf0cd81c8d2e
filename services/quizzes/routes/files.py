"""Pictures, and files of questions in and out."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.quizzes.formats import LARGEST_FILE
from services.quizzes.formats.catalogue import WRITERS
from services.quizzes.pictures import LARGEST
from services.quizzes.schemas import items as schemas
from services.quizzes.template import EXAMPLES
from services.quizzes.use_cases import files as use_cases
from services.quizzes.use_cases import pictures
from shared.auth import ANYONE, may_call
from shared.problems import Problem, invalid
from shared.web import context, in_transaction, reading

files = Blueprint("quiz_files", __name__, url_prefix="/api/v1/quizzes", description="Pictures and files of questions")


@files.post("/pictures")
@may_call("editor")
@in_transaction
@files.response(201, schemas.StoredPicture)
def add_picture(session: Session) -> tuple[dict[str, Any], int, dict[str, str]]:
    """The body is the picture itself: PNG, JPEG, GIF or WebP, known by its content."""
    if (request.content_length or 0) > LARGEST:
        raise Problem(413, "The picture is larger than {limit} KB.", limit=LARGEST >> 10)
    made = pictures.add(session, request.get_data())
    return made, 201, {"Location": made["source"]}


@files.get("/pictures/<name>")
@may_call(ANYONE)
@reading
@files.response(200, content_type="image/*")
def show_picture(session: Session, name: str) -> Response:
    found = pictures.picture(session, name)
    response = Response(found.content, content_type=found.type)
    # Named by the hash of what it holds: it never changes.
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@files.post("/items/import")
@may_call("editor")
@files.arguments(schemas.ImportQuery, location="query")
@files.response(200, schemas.ImportReport)
def import_items(query: dict[str, Any]) -> dict[str, Any]:
    """The body is the file. Each question is taken or refused by itself; `dry_run=true` shows it and saves nothing."""
    request.max_content_length = LARGEST_FILE
    if (request.content_length or 0) > LARGEST_FILE:
        raise Problem(413, "The most that can be taken at once is {limit} MB.", limit=LARGEST_FILE >> 20)
    bank_id = str(query["bank_id"]) if "bank_id" in query else None
    source = use_cases.Source(request.get_data(), query["format"], query["language"], bank_id, query["dry_run"])
    return use_cases.import_items(context().database, source)


@files.get("/items/export")
@may_call("editor")
@reading
@files.arguments(schemas.ExportQuery, location="query")
@files.response(200, content_type="application/octet-stream")
def export_items(session: Session, query: dict[str, Any]) -> Response:
    """`X-Export-Notes`: how many things `…/export/notes` has to say about this file."""
    found = use_cases.export(session, query["format"], *_chosen(query))
    response = _file(found.content, query["format"], "questions")
    response.headers["X-Export-Notes"] = str(len(found.refused) + len(found.notes))
    return response


@files.get("/items/export/notes")
@may_call("editor")
@reading
@files.arguments(schemas.ExportQuery, location="query")
@files.response(200, schemas.ExportNotes)
def export_notes(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """What an export leaves out (`refused`), and what other programs will not see (`notes`)."""
    found = use_cases.export(session, query["format"], *_chosen(query))
    return use_cases.left_out(found)


def _chosen(query: dict[str, Any]) -> tuple[str | None, str | None]:
    bank_id, quiz_id = (str(query[name]) if name in query else None for name in ("bank_id", "quiz_id"))
    if (bank_id is None) == (quiz_id is None):
        raise invalid("bank_id", "Name a bank or a quiz.")
    return bank_id, quiz_id


@files.get("/template.csv")
@may_call("editor")
@files.response(200, content_type="text/csv")
def template_csv() -> Response:
    """The table to fill in, with one question of each kind as an example."""
    return _file(WRITERS["csv"](EXAMPLES).content, "csv", "template")


@files.get("/template.xlsx")
@may_call("editor")
@files.response(200, content_type="application/octet-stream")
def template_xlsx() -> Response:
    """The same as a workbook."""
    return _file(WRITERS["xlsx"](EXAMPLES).content, "xlsx", "template")


def _file(content: bytes, format: str, name: str) -> Response:
    kind, ending = use_cases.MEDIA_TYPES[format]
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return Response(content, content_type=kind, headers=headers)
