"""Certificates: issued, printed, checked by anybody, withdrawn."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.quizzes.schemas import certificates as schemas
from services.quizzes.schemas.results import Reason
from services.quizzes.takers import players_only, taker
from services.quizzes.use_cases import certifying as use_cases
from services.quizzes.use_cases import playing
from services.quizzes.use_cases.rights import quiz_for
from shared.auth import ANYONE, NOBODY, READER, caller, may_call
from shared.web import in_transaction, reading

certificates = Blueprint("quiz_certificates", __name__, url_prefix="/api/v1/quizzes", description="Certificates")


@certificates.post("/attempts/<uuid:attempt_id>/certificate")
@may_call(ANYONE)
@players_only
@in_transaction
@certificates.arguments(schemas.Wish)
@certificates.response(200, schemas.Issued)
def issue(session: Session, data: dict[str, Any], attempt_id: Any) -> dict[str, str]:
    """For the taker of a graded attempt that was passed, or their guardian; once more corrects the name."""
    who = taker()
    attempt = playing.attempt_for(session, NOBODY, who, str(attempt_id))
    made = use_cases.issue(session, attempt, who, data)
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


@certificates.post("/certificates/<code>/consent")
@may_call(READER, "librarian")
@in_transaction
@certificates.arguments(schemas.Consent)
@certificates.response(200, schemas.Checked)
def consent(session: Session, data: dict[str, Any], code: str) -> dict[str, Any]:
    """Whether its public page may say the name: for its owner, a child's guardian, or a librarian who was told so.
    Who allowed it and when is kept."""
    found, who = use_cases.find(session, code), caller()
    if who.kind == READER:
        attempt = playing.attempt_for(session, NOBODY, taker(), found.attempt_id)
        use_cases.allow_name(session, found, attempt, taker(), data["show_name"])
    else:
        quiz_for(session, who, found.quiz_id, "librarian")
        attempt = playing.attempt_for(session, who, None, found.attempt_id)
        use_cases.allow_name(session, found, attempt, who, data["show_name"])
    return use_cases.checked(session, found)


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
