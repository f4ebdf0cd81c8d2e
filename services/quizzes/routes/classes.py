"""Classes with their codes, and their teachers' page."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.quizzes.models import SchoolClass
from services.quizzes.schemas import results as schemas
from services.quizzes.use_cases import classes as use_cases
from shared.auth import SERVICE, caller, may_call
from shared.web import in_transaction, page, read_cursor, reading

classes = Blueprint("quiz_classes", __name__, url_prefix="/api/v1/quizzes/classes", description="Classes")


@classes.get("")
@may_call("librarian")
@reading
@classes.arguments(schemas.SchoolClassQuery, location="query")
@classes.response(200, schemas.SchoolClassPage)
def list_classes(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    rows = use_cases.listed(session, caller(), query, read_cursor(query.get("cursor")))
    found, following = page(rows, query["limit"], lambda one: [one.id])
    return {"items": found, "next": following}


@classes.post("")
@may_call("librarian")
@in_transaction
@classes.arguments(schemas.SchoolClass)
@classes.response(201, schemas.SchoolClass)
def add(session: Session, data: dict[str, Any]) -> tuple[SchoolClass, int, dict[str, str]]:
    made = use_cases.add(session, caller(), data)
    return made, 201, {"Location": f"/api/v1/quizzes/classes/{made.id}"}


@classes.get("/<uuid:class_id>")
@may_call("librarian")
@reading
@classes.response(200, schemas.SchoolClass)
def show(session: Session, class_id: Any) -> SchoolClass:
    return use_cases.own(session, caller(), str(class_id))


@classes.delete("/<uuid:class_id>")
@may_call("librarian")
@in_transaction
@classes.response(204)
def switch_off(session: Session, class_id: Any) -> None:
    """Switches the code off; what was played stays."""
    use_cases.switch_off(session, use_cases.own(session, caller(), str(class_id)))


@classes.post("/<uuid:class_id>/link")
@may_call("librarian")
@in_transaction
@classes.response(200, schemas.SchoolClass)
def new_link(session: Session, class_id: Any) -> SchoolClass:
    """Another link for the teacher; the old one opens nothing any more."""
    return use_cases.new_link(session, use_cases.own(session, caller(), str(class_id)))


@classes.get("/by-link/<token>")
@may_call(SERVICE)
@reading
@classes.response(200, schemas.TeachersView)
def teachers_view(session: Session, token: str) -> dict[str, Any]:
    return use_cases.teachers_view(session, token)
