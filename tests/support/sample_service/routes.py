"""HTTP of the sample service."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from shared import csv_lines, outbox
from shared.auth import ANYONE, READER, SERVICE, may_call
from shared.problems import Problem, not_found
from shared.web import PageQuery, context, etag, in_transaction, page, page_of, read_cursor, reading, require_match
from tests.support.sample_service.models import notes

blueprint = Blueprint("notes", __name__, url_prefix="/api/v1/notes")
BLUEPRINTS = [blueprint]


class Note(Schema):
    id = fields.String(required=True, validate=validate.Length(min=1, max=80))
    version = fields.Integer(dump_only=True)


class Refusal(Schema):
    status = fields.Integer(required=True)


NotePage = page_of(Note)


@blueprint.get("")
@may_call(ANYONE)
@reading
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, NotePage)
def list_notes(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    after = read_cursor(query.get("cursor"))
    chosen = select(notes).order_by(notes.c.id).limit(query["limit"] + 1)
    rows = session.execute(chosen.where(notes.c.id > after[0]) if after else chosen).all()
    items, following = page(rows, query["limit"], lambda row: [row.id])
    return {"items": items, "next": following}


@blueprint.post("")
@may_call("librarian")
@in_transaction
@blueprint.arguments(Note)
@blueprint.response(201, Note)
def add_note(session: Session, data: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    if session.scalar(select(notes.c.id).where(notes.c.id == data["id"])):
        raise Problem(409, "This already exists: {id}.", id=data["id"])
    session.execute(insert(notes).values(id=data["id"], version=1))
    erased = {"reader_id": data["id"], "version": 1, "card_number": data["id"]}
    outbox.add(session, "reader.erased.v1", data["id"], erased)
    return {"id": data["id"], "version": 1}, 201, {"Location": f"/api/v1/notes/{data['id']}", "ETag": etag(1)}


@blueprint.patch("/<note_id>")
@may_call("librarian", READER)
@in_transaction
@blueprint.response(200, Note)
def touch_note(session: Session, note_id: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    row = session.execute(select(notes).where(notes.c.id == note_id)).first()
    if row is None:
        raise not_found()
    require_match(row.version)
    session.execute(update(notes).where(notes.c.id == note_id).values(version=row.version + 1))
    return {"id": note_id, "version": row.version + 1}, 200, {"ETag": etag(row.version + 1)}


@blueprint.post("/import")
@may_call("librarian", SERVICE)
def import_notes() -> dict[str, Any]:
    def take(lines: list[csv_lines.Line]) -> list[csv_lines.Refused]:
        with context().database.transaction() as session:
            session.execute(insert(notes), [{"id": line.cells["id"], "version": 1} for line in lines])
        return []

    return csv_lines.import_stream(request.stream, ["id"], [], take).as_json()


@blueprint.get("/refused/<int:status>")
@may_call(ANYONE)
@reading
def refused(_session: Session, status: int) -> Response:
    if status == 500:
        raise ZeroDivisionError("a fault of ours")
    raise Problem(status, "You do not have the right to do this.", retry_after=7 if status in (429, 503) else None)
