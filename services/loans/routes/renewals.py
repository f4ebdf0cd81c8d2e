"""The short public form: card number and surname, as the library's readers know it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.loans import renewals as use_cases
from services.loans import schemas
from shared import rate_limit
from shared.auth import ANYONE, READER, SERVICE, caller, may_call
from shared.folding import fold
from shared.language import translate_n
from shared.problems import language
from shared.web import context, in_transaction

renewals = Blueprint("renewals", __name__, url_prefix="/api/v1/renewals", description="Renewing without signing in")
FROM_ONE_ADDRESS, FOR_ONE_CARD = 30, 5
WITHIN = timedelta(minutes=15)


@renewals.post("")
@may_call(ANYONE)
@renewals.arguments(schemas.PublicRenewal)
@renewals.response(200, schemas.PublicRenewalAnswer)
def renew_all(data: dict[str, Any]) -> dict[str, Any]:
    database = context().database
    address = request.remote_addr or "unknown"
    rate_limit.count_try(database, "renewals from", address, at_most=FROM_ONE_ADDRESS, within=WITHIN)
    rate_limit.count_try(database, "renewals for", fold(data["card_number"]), at_most=FOR_ONE_CARD, within=WITHIN)
    with database.transaction() as session:
        outcomes = use_cases.renew_all(session, data["card_number"], data["surname"])
    return _answer(outcomes)


@renewals.post("/family")
@may_call(READER, SERVICE)
@in_transaction
@renewals.arguments(schemas.FamilyRenewal)
@renewals.response(200, schemas.FamilyRenewalAnswer)
def renew_family(session: Session, data: dict[str, Any]) -> dict[str, Any]:
    """One's own books and one's children's, all at once or those named."""
    return _answer(use_cases.renew_family(session, caller(), data))


def _answer(outcomes: Sequence[use_cases.Outcome]) -> dict[str, Any]:
    renewed = sum(outcome.renewed for outcome in outcomes)
    said = translate_n("{n} book renewed.", "{n} books renewed.", renewed, language())
    return use_cases.answer(outcomes, said)
