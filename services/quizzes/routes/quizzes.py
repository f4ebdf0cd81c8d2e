"""Quizzes: their terms for staff, their face for everybody."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.quizzes import terms
from services.quizzes.guardians import ages_of_family
from services.quizzes.models import Quiz
from services.quizzes.routes.hearing import after_hearing_of
from services.quizzes.schemas import quizzes as schemas
from services.quizzes.schemas.common import Faults
from services.quizzes.schemas.results import NamedClasses
from services.quizzes.use_cases import classes, public
from services.quizzes.use_cases import quizzes as use_cases
from services.quizzes.use_cases.files import said
from services.quizzes.use_cases.rights import quiz_for
from shared.auth import ANYONE, caller, may_call
from shared.web import etag, in_transaction, page, read_cursor, reading, require_match

quizzes = Blueprint("quizzes", __name__, url_prefix="/api/v1/quizzes", description="Quizzes")

Answer = tuple[Quiz, int, dict[str, str]]


def _answer(quiz: Quiz) -> Answer:
    return quiz, 200, {"ETag": etag(quiz.version)}


@quizzes.get("")
@may_call(ANYONE)
@reading
@quizzes.arguments(schemas.QuizQuery, location="query")
@quizzes.response(200, schemas.QuizLinePage)
def list_quizzes(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """The newest first; `open=true`: those that can be begun now."""
    rows = public.listed(session, caller(), query, read_cursor(query.get("cursor"), 2))
    found, following = page(rows, query["limit"], lambda quiz: [quiz.created_at.isoformat(), quiz.id])
    shown = public.line if "state" in query else public.face
    return {"items": [shown(quiz) for quiz in found], "next": following}


@quizzes.get("/offers")
@may_call(ANYONE)
@reading
@quizzes.arguments(schemas.OfferQuery, location="query")
@quizzes.response(200, schemas.Offers)
def offers(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """Open quizzes on the books named by `isbn` and `title`, each as often as needed; to a reader those for their age
    or that of a child of theirs."""
    ages = ages_of_family(session, caller().card_number)
    return {"items": public.offers(session, query["isbn"], query["title"], ages)}


@quizzes.get("/<uuid:quiz_id>")
@may_call(ANYONE)
@reading
@quizzes.response(200, schemas.PublicQuiz)
def show(session: Session, quiz_id: Any) -> dict[str, Any]:
    return public.face(public.quiz(session, str(quiz_id)))


@quizzes.post("")
@may_call("editor")
@after_hearing_of("branch_id")
@in_transaction
@quizzes.arguments(schemas.Quiz)
@quizzes.response(201, schemas.Quiz)
def add(session: Session, data: dict[str, Any]) -> Answer:
    made = use_cases.add(session, caller(), data)
    return made, 201, {"Location": f"/api/v1/quizzes/{made.id}/whole", "ETag": etag(made.version)}


@quizzes.get("/<uuid:quiz_id>/whole")
@may_call("editor")
@reading
@quizzes.response(200, schemas.Quiz)
def show_whole(session: Session, quiz_id: Any) -> Answer:
    return _answer(use_cases.own_quiz(session, caller(), str(quiz_id)))


@quizzes.patch("/<uuid:quiz_id>")
@may_call("editor")
@after_hearing_of("branch_id")
@in_transaction
@quizzes.arguments(schemas.QuizChange)
@quizzes.response(200, schemas.Quiz)
def change(session: Session, data: dict[str, Any], quiz_id: Any) -> Answer:
    found = use_cases.own_quiz(session, caller(), str(quiz_id), lock=True)
    require_match(found.version)
    use_cases.change(session, caller(), found, data)
    return _answer(found)


@quizzes.get("/<uuid:quiz_id>/classes")
@may_call("editor", "librarian")
@reading
@quizzes.response(200, NamedClasses)
def list_joining_classes(session: Session, quiz_id: Any) -> dict[str, Any]:
    """Classes that may take this quiz, the newest first, up to 500: to give one more time, or its sheets of paper."""
    return {"items": classes.joining(session, quiz_for(session, caller(), str(quiz_id), "editor", "librarian"))}


@quizzes.delete("/<uuid:quiz_id>")
@may_call("editor")
@in_transaction
@quizzes.response(204)
def remove(session: Session, quiz_id: Any) -> None:
    use_cases.remove(session, use_cases.own_quiz(session, caller(), str(quiz_id), lock=True))


@quizzes.post("/<uuid:quiz_id>/check")
@may_call("editor")
@reading
@quizzes.response(200, Faults)
def check(session: Session, quiz_id: Any) -> dict[str, Any]:
    """What hinders publishing."""
    found = use_cases.own_quiz(session, caller(), str(quiz_id))
    return {"faults": said(terms.faults_of_quiz(session, found))}


@quizzes.post("/<uuid:quiz_id>/publish")
@may_call("editor")
@in_transaction
@quizzes.response(200, schemas.Quiz)
def publish(session: Session, quiz_id: Any) -> Answer:
    found = use_cases.own_quiz(session, caller(), str(quiz_id), lock=True)
    require_match(found.version)
    use_cases.publish(session, found)
    return _answer(found)


@quizzes.post("/<uuid:quiz_id>/close")
@may_call("editor")
@in_transaction
@quizzes.response(200, schemas.Quiz)
def close(session: Session, quiz_id: Any) -> Answer:
    found = use_cases.own_quiz(session, caller(), str(quiz_id), lock=True)
    use_cases.close(session, found)
    return _answer(found)


@quizzes.post("/<uuid:quiz_id>/reopen")
@may_call("editor")
@in_transaction
@quizzes.response(200, schemas.Quiz)
def reopen(session: Session, quiz_id: Any) -> Answer:
    found = use_cases.own_quiz(session, caller(), str(quiz_id), lock=True)
    use_cases.reopen(session, found)
    return _answer(found)
