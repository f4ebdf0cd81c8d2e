"""Questions of readers."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.accounts import schemas
from services.accounts.models import Question
from services.accounts.use_cases import questions as use_cases
from shared.auth import READER, SERVICE, caller, may_call
from shared.web import context, in_transaction, page, read_cursor, reading

questions = Blueprint(
    "questions", __name__, url_prefix="/api/v1/readers/questions", description="What readers write to the library"
)


@questions.post("")
@may_call(READER, SERVICE)
@questions.arguments(schemas.QuestionAsked)
@questions.response(201, schemas.Question)
def ask(data: dict[str, Any]) -> Question:
    """At most five an hour for one card."""
    card = use_cases.card_of(caller(), data)
    use_cases.count_try(context().database, card, request.remote_addr or "unknown")
    with context().database.transaction() as session:
        return use_cases.ask(session, caller(), card, data)


@questions.get("")
@may_call("librarian")
@reading
@questions.arguments(schemas.QuestionQuery, location="query")
@questions.response(200, schemas.QuestionPage)
def list_questions(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    before = read_cursor(query.get("cursor"))
    rows = use_cases.listed(session, caller(), query, before[0] if before else None, query["limit"] + 1)
    items, following = page(rows, query["limit"], lambda question: [question.id])
    return {"items": items, "next": following}


@questions.post("/<int:number>/done")
@may_call("librarian")
@in_transaction
@questions.response(200, schemas.Question)
def tick_off(session: Session, number: int) -> Question:
    return use_cases.tick_off(session, caller(), number)
