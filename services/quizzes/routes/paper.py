"""Answers given on paper."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.quizzes.models import GRADED
from services.quizzes.routes.hearing import after_hearing_of
from services.quizzes.schemas import paper as schemas
from services.quizzes.use_cases import paper as use_cases
from services.quizzes.use_cases.rights import quiz_for
from shared.auth import caller, may_call
from shared.web import in_transaction, reading

paper = Blueprint("quiz_paper", __name__, url_prefix="/api/v1/quizzes", description="Answers given on paper")


@paper.get("/<uuid:quiz_id>/paper")
@may_call("librarian")
@reading
@paper.response(200, schemas.Sheet)
def sheet(session: Session, quiz_id: Any) -> dict[str, Any]:
    return {"items": use_cases.sheet(session, quiz_for(session, caller(), str(quiz_id), "librarian"))}


@paper.post("/<uuid:quiz_id>/paper")
@may_call("librarian")
@after_hearing_of("card_number")
@in_transaction
@paper.arguments(schemas.Paper)
@paper.response(201, schemas.Graded)
def enter(session: Session, data: dict[str, Any], quiz_id: Any) -> tuple[dict[str, Any], int, dict[str, str]]:
    """One sheet as an attempt that is handed in; open answers wait to be marked."""
    made = use_cases.enter(session, quiz_for(session, caller(), str(quiz_id), "librarian"), data)
    session.refresh(made)
    shown = {name: getattr(made, name) for name in schemas.Graded().fields}
    seen = shown if made.state == GRADED else shown | {"points": None, "percent": None}
    return seen, 201, {"Location": f"/api/v1/quizzes/attempts/{made.id}"}
