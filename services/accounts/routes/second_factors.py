"""The second factor of staff: one's own, and for a phone that is lost."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.accounts import schemas
from services.accounts.use_cases import second_factors as use_cases
from services.accounts.use_cases import staff as staff_use_cases
from shared.auth import STAFF, caller, may_call
from shared.web import context, in_transaction, reading

second_factors = Blueprint(
    "second_factors", __name__, url_prefix="/api/v1/staff", description="The second factor of staff"
)


@second_factors.get("/me/second-factor")
@may_call(STAFF)
@reading
@second_factors.response(200, schemas.FactorState)
def mine(session: Session) -> dict[str, bool]:
    return {"set_up": use_cases.has_one(session, caller())}


@second_factors.post("/me/second-factor")
@may_call(STAFF)
@second_factors.arguments(schemas.FactorCode)
@second_factors.response(201, schemas.NewFactor)
def begin(data: dict[str, Any]) -> dict[str, str]:
    """A key for an authenticator app; who has one already shows its present code."""
    return use_cases.begin(context().database, caller(), data["code"])


@second_factors.post("/me/second-factor/confirm")
@may_call(STAFF)
@in_transaction
@second_factors.arguments(schemas.FactorCode)
@second_factors.response(204)
def confirm(session: Session, data: dict[str, Any]) -> None:
    use_cases.confirm(session, caller(), data["code"])


@second_factors.post("/<uuid:staff_id>/second-factor/code")
@may_call("admin")
@in_transaction
@second_factors.arguments(schemas.FactorReason)
@second_factors.response(201, schemas.FactorCode)
def give_code(session: Session, data: dict[str, Any], staff_id: Any) -> dict[str, str]:
    """A code for one sign-in within a day."""
    staff = staff_use_cases.find(session, caller(), staff_id, lock=True)
    return {"code": use_cases.give_code(session, caller(), staff, data["reason"])}


@second_factors.delete("/<uuid:staff_id>/second-factor")
@may_call("admin")
@in_transaction
@second_factors.arguments(schemas.FactorReason, location="query")
@second_factors.response(204)
def take_away(session: Session, data: dict[str, Any], staff_id: Any) -> None:
    staff = staff_use_cases.find(session, caller(), staff_id, lock=True)
    use_cases.take_away(session, caller(), staff, data["reason"])
