"""What a decision would move."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.quizzes import deadlines as rules
from services.quizzes.schemas import deadlines as schemas
from shared.auth import SERVICE, may_call
from shared.events.contracts import problems_of
from shared.heard_decisions import Decision
from shared.problems import Problem
from shared.web import reading

deadlines = Blueprint("quiz_deadlines", __name__, url_prefix="/api/v1/quizzes", description="Last days of quizzes")


@deadlines.post("/deadlines/preview")
@may_call(SERVICE)
@reading
@deadlines.arguments(schemas.PreviewRequest)
@deadlines.response(200, schemas.Preview)
def preview(session: Session, data: dict[str, Any]) -> dict[str, Any]:
    """How many last days a decision would move: the same computation as the run's, writing nothing."""
    if problems := problems_of("quarantine.declared.v1", data["quarantine"]):
        raise Problem(422, "Some fields are not right: see the list.", errors=problems)
    return rules.preview(session, Decision.of(data["quarantine"]))
