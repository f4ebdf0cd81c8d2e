"""Nicknames under the eyes of staff."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.quizzes.schemas import playing as schemas
from services.quizzes.use_cases import naming, playing
from services.quizzes.use_cases.rights import quiz_for
from shared.auth import caller, may_call
from shared.web import in_transaction, page, read_cursor, reading

nicknames = Blueprint("quiz_nicknames", __name__, url_prefix="/api/v1/quizzes", description="Nicknames")


@nicknames.get("/nicknames")
@may_call("librarian")
@reading
@nicknames.arguments(schemas.NicknameQuery, location="query")
@nicknames.response(200, schemas.NicknamePage)
def list_nicknames(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    quiz_for(session, caller(), str(query["quiz_id"]), "librarian")
    rows = naming.listed(session, query, read_cursor(query.get("cursor")))
    items, following = page(rows, query["limit"], lambda row: [row["folded"]])
    return {"items": items, "next": following}


@nicknames.post("/nicknames/hide")
@may_call("librarian")
@in_transaction
@nicknames.arguments(schemas.Hide)
@nicknames.response(204)
def hide(session: Session, data: dict[str, Any]) -> None:
    """Nobody but staff sees it any more; `hidden: false` shows it again."""
    attempt = playing.attempt_for(session, caller(), None, str(data["attempt_id"]))
    naming.hide(session, attempt, data["hidden"])
