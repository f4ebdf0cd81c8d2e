"""Certificates: issued, printed, checked by anybody, withdrawn."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.quizzes.schemas import certificates as schemas
from services.quizzes.schemas.results import Reason
from services.quizzes.takers import taker
from services.quizzes.use_cases import certifying as use_cases
from services.quizzes.use_cases import playing
from services.quizzes.use_cases.rights import quiz_for
from shared.auth import ANYONE, NOBODY, caller, may_call
from shared.web import in_transaction, reading

certificates = Blueprint("quiz_certificates", __name__, url_prefix="/api/v1/quizzes", description="Certificates")


@certificates.post("/attempts/<uuid:attempt_id>/certificate")
@may_call(ANYONE)
@in_transaction
@certificates.arguments(schemas.Wish)
@certificates.response(200, schemas.Issued)
def issue(session: Session, data: dict[str, Any], attempt_id: Any) -> dict[str, str]:
    """For the taker of a graded attempt that was passed; once more corrects the name."""
    attempt = playing.attempt_for(session, NOBODY, taker(), str(attempt_id))
    made = use_cases.issue(session, attempt, data)
    return {"code": made.code, "url": use_cases.address(session, made)}


@certificates.get("/certificates/<code>.pdf")
@may_call(ANYONE)
@reading
def printed(session: Session, code: str) -> Response:
    """For who has the code: it stands on the certificate itself and nowhere else."""
    made = use_cases.pdf(session, use_cases.find(session, code))
    headers = {"Content-Disposition": 'inline; filename="certificate.pdf"', "Cache-Control": "private, no-store"}
    return Response(made, content_type="application/pdf", headers=headers)


@certificates.get("/certificates/<code>")
@may_call(ANYONE)
@reading
@certificates.response(200, schemas.Checked)
def check(session: Session, code: str) -> dict[str, Any]:
    return use_cases.checked(session, use_cases.find(session, code))


@certificates.post("/certificates/<code>/withdraw")
@may_call("librarian")
@in_transaction
@certificates.arguments(Reason)
@certificates.response(200, schemas.Checked)
def withdraw(session: Session, data: dict[str, Any], code: str) -> dict[str, Any]:
    """For good; its public page says so from now on."""
    found = use_cases.find(session, code)
    quiz_for(session, caller(), found.quiz_id, "librarian")
    use_cases.withdraw(found, caller(), data["reason"])
    return use_cases.checked(session, found)
