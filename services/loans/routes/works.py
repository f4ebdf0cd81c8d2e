"""Works."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, make_response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.loans import schemas
from services.loans import works as use_cases
from services.loans.models import Work
from shared.auth import ANYONE, may_call
from shared.web import etag, in_transaction, page, read_cursor, reading

works = Blueprint("works", __name__, url_prefix="/api/v1/works", description="Titles that are lent")


@works.get("")
@may_call(ANYONE)
@reading
@works.arguments(schemas.WorkQuery, location="query")
@works.response(200, schemas.WorkPage)
def list_works(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    after = read_cursor(query.get("cursor"))
    rows = use_cases.search(session, query.get("q"), after[0] if after else None, query["limit"] + 1)
    items, following = page(rows, query["limit"], lambda work: [work.key])
    return {"items": use_cases.shown(session, items), "next": following}


@works.get("/<uuid:work_id>")
@may_call(ANYONE)
@reading
def get_work(session: Session, work_id: UUID) -> Response:
    return _answer(session, use_cases.get(session, str(work_id)), 200)


@works.post("")
@may_call("librarian", "editor")
@in_transaction
@works.arguments(schemas.NewWork)
def add_work(session: Session, data: dict[str, Any]) -> Response:
    work = use_cases.add(session, data)
    response = _answer(session, work, 201)
    response.headers["Location"] = f"/api/v1/works/{work.id}"
    return response


@works.patch("/<uuid:work_id>")
@may_call("librarian", "editor")
@in_transaction
@works.arguments(schemas.WorkChange)
def change_work(session: Session, data: dict[str, Any], work_id: UUID) -> Response:
    return _answer(session, use_cases.change(session, str(work_id), data), 200)


def _answer(session: Session, work: Work, status: int) -> Response:
    (shown,) = use_cases.shown(session, [work])
    response = make_response(schemas.Work().dump(shown), status)
    response.headers["ETag"] = etag(work.version)
    return response
