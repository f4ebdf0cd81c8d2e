"""Results: statistics, leaderboard, the list as a file, grading again, marking."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.quizzes.numbers import numbers
from services.quizzes.results import statistics
from services.quizzes.schemas import results as schemas
from services.quizzes.use_cases import marking, public, undeserved
from services.quizzes.use_cases import results as use_cases
from services.quizzes.use_cases.rights import quiz_for
from shared.auth import ANYONE, SERVICE, caller, may_call
from shared.web import context, in_transaction, page, read_cursor, reading

results = Blueprint("quiz_results", __name__, url_prefix="/api/v1/quizzes", description="Results of quizzes")


@results.get("/<uuid:quiz_id>/statistics")
@may_call("librarian", "editor")
@reading
@results.response(200, schemas.Statistics)
def show_statistics(session: Session, quiz_id: Any) -> dict[str, Any]:
    return statistics(session, quiz_for(session, caller(), str(quiz_id), "librarian", "editor"))


@results.get("/report")
@may_call("librarian", "operator", SERVICE)
@reading
@results.arguments(schemas.NumbersQuery, location="query")
@results.response(200, schemas.Numbers)
def report(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """Attempts of a period; numbers only."""
    return {"by_language": numbers(session, query["since"], query["until"])}


@results.get("/<uuid:quiz_id>/leaderboard")
@may_call(ANYONE)
@reading
@results.response(200, schemas.Leaderboard)
def leaderboard(session: Session, quiz_id: Any) -> dict[str, Any]:
    """Nicknames and points only; 404 where the quiz shows none."""
    return {"items": use_cases.leaderboard(session, public.quiz(session, str(quiz_id)))}


@results.get("/<uuid:quiz_id>/results.csv")
@may_call("librarian")
def results_file(quiz_id: Any) -> Response:
    """Every attempt, one a line."""
    database = context().database
    with database.reading() as session:
        quiz_for(session, caller(), str(quiz_id), "librarian")
    headers = {"Content-Disposition": 'attachment; filename="results.csv"'}
    lines = use_cases.csv_lines(database, str(quiz_id))
    return Response(lines, content_type="text/csv; charset=utf-8", headers=headers)


@results.post("/<uuid:quiz_id>/regrade")
@may_call("editor")
@in_transaction
@results.arguments(schemas.Reason)
@results.response(202, schemas.Regrade)
def regrade(session: Session, data: dict[str, Any], quiz_id: Any) -> dict[str, Any]:
    """Grades all finished attempts again, with the questions as they are now."""
    quiz = quiz_for(session, caller(), str(quiz_id), "editor")
    return use_cases.start_regrade(session, caller(), quiz, data["reason"])


@results.get("/<uuid:quiz_id>/regrades")
@may_call("librarian", "editor")
@reading
@results.response(200, schemas.Regrades)
def regrades(session: Session, quiz_id: Any) -> dict[str, Any]:
    return {"items": use_cases.regrades(session, quiz_for(session, caller(), str(quiz_id), "librarian", "editor"))}


@results.post("/<uuid:quiz_id>/regrades/<uuid:regrade_id>/withdraw-certificates")
@may_call("editor")
@in_transaction
@results.arguments(schemas.ReasonIfAny)
@results.response(200, schemas.Withdrawn)
def withdraw_certificates(session: Session, data: dict[str, Any], quiz_id: Any, regrade_id: Any) -> dict[str, int]:
    """Takes back every certificate that this regrade found no longer deserved; twice is once."""
    quiz = quiz_for(session, caller(), str(quiz_id), "editor")
    return {"withdrawn": undeserved.withdraw(session, caller(), quiz, str(regrade_id), data["reason"])}


@results.get("/marking")
@may_call("librarian")
@reading
@results.arguments(schemas.MarkingQuery, location="query")
@results.response(200, schemas.WaitingPage)
def list_waiting(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """Open answers to be marked; a page holds those of up to `limit` attempts."""
    quiz_id = str(query["quiz_id"]) if "quiz_id" in query else None
    rows = marking.waiting(session, caller(), quiz_id, read_cursor(query.get("cursor")), query["limit"])
    found, following = page(rows, query["limit"], lambda row: [row[0].id])
    return {"items": marking.lines(session, list(found)), "next": following}


@results.post("/marking")
@may_call("librarian")
@in_transaction
@results.arguments(schemas.GivenMark)
@results.response(200, schemas.Marked)
def mark(session: Session, data: dict[str, Any]) -> Any:
    """Points for one open answer; with the last of them the attempt is graded."""
    return marking.mark(session, caller(), data)
