"""What a reader wants to be written about, and how."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.notify import preferences as use_cases
from services.notify import schemas
from shared.auth import READER, caller, may_call
from shared.web import in_transaction, reading

preferences = Blueprint(
    "preferences", __name__, url_prefix="/api/v1/notices/preferences", description="What readers want to be told"
)


@preferences.get("")
@may_call(READER)
@reading
@preferences.response(200, schemas.Preferences)
def show(session: Session) -> dict[str, Any]:
    return use_cases.shown(session, caller().card_number or "")


@preferences.put("")
@may_call(READER)
@in_transaction
@preferences.arguments(schemas.PreferencesWanted)
@preferences.response(200, schemas.Preferences)
def replace(session: Session, data: dict[str, Any]) -> dict[str, Any]:
    """What is named in `off` is not sent from now on; all else is."""
    card = caller().card_number or ""
    use_cases.replace(session, card, data["off"])
    return use_cases.shown(session, card)
