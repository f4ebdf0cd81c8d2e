"""Answers given on paper."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.quizzes.models import GRADED, Reader
from services.quizzes.schemas import paper as schemas
from services.quizzes.use_cases import paper as use_cases
from services.quizzes.use_cases.rights import quiz_for
from shared.auth import caller, may_call
from shared.references import wait_until_known
from shared.web import context, in_transaction, reading

paper = Blueprint("quiz_paper", __name__, url_prefix="/api/v1/quizzes", description="Answers given on paper")


@paper.get("/<uuid:quiz_id>/paper")
@may_call("librarian")
@reading
@paper.response(200, schemas.Sheet)
def sheet(session: Session, quiz_id: Any) -> dict[str, Any]:
    return {"items": use_cases.sheet(session, quiz_for(session, caller(), str(quiz_id), "librarian"))}


def after_hearing_of_its_card(view: Callable[..., Any]) -> Callable[..., Any]:
    """Waits for the card that a body names, before any transaction is opened."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        body = request.get_json(silent=True)
        card = body.get("card_number") if isinstance(body, dict) else None
        if isinstance(card, str) and card:
            wait_until_known(lambda: _unknown(card), context().settings.reference_wait)
        return view(*args, **kwargs)

    return run


def _unknown(card_number: str) -> set[str]:
    with context().database.reading() as session:
        return set() if session.get(Reader, card_number) else {card_number}


@paper.post("/<uuid:quiz_id>/paper")
@may_call("librarian")
@after_hearing_of_its_card
@in_transaction
@paper.arguments(schemas.Paper)
@paper.response(201, schemas.Graded)
def enter(session: Session, data: dict[str, Any], quiz_id: Any) -> dict[str, Any]:
    """One sheet as an attempt that is handed in; open answers wait to be marked."""
    made = use_cases.enter(session, quiz_for(session, caller(), str(quiz_id), "librarian"), data)
    session.refresh(made)
    shown = {name: getattr(made, name) for name in schemas.Graded().fields}
    return shown if made.state == GRADED else shown | {"points": None, "percent": None}
