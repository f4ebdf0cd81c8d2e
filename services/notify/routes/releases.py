"""Messages that have not begun: when they will, stopped, let begin."""

from __future__ import annotations

import uuid
from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.notify import schemas, stopping
from shared.auth import STAFF, may_call
from shared.web import in_transaction, reading

releases = Blueprint("releases", __name__, url_prefix="/api/v1/notices/releases", description="When messages begin")


@releases.get("/<uuid:quarantine_id>")
@may_call(STAFF)
@reading
@releases.response(200, schemas.Release)
def show_release(session: Session, quarantine_id: uuid.UUID) -> dict[str, Any]:
    return stopping.state(session, str(quarantine_id))


@releases.post("/<uuid:quarantine_id>/stop")
@may_call("operator")
@in_transaction
@releases.response(200, schemas.Release)
def stop_release(session: Session, quarantine_id: uuid.UUID) -> dict[str, Any]:
    stopping.stop(session, str(quarantine_id))
    return stopping.state(session, str(quarantine_id))


@releases.post("/<uuid:quarantine_id>/start")
@may_call("operator")
@in_transaction
@releases.response(200, schemas.Release)
def let_release_begin(session: Session, quarantine_id: uuid.UUID) -> dict[str, Any]:
    stopping.let_begin(session, str(quarantine_id))
    return stopping.state(session, str(quarantine_id))
