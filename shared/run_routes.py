"""What a decision's long work left out, tried again over HTTP: the same on every service, like `/parked`; only the
website reaches it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint
from sqlalchemy.orm import Session

from shared.auth import caller, may_call
from shared.observability import log
from shared.trying_again import start_again
from shared.web import context, in_transaction

run_routes = Blueprint("runs", __name__, url_prefix="/runs")


@run_routes.post("/<uuid:quarantine_id>/retry")
@may_call("operator", "librarian", "admin")
@in_transaction
def retry_runs(session: Session, quarantine_id: UUID) -> dict[str, Any]:
    """`{started}`: how many runs begin anew; 0 when nothing was left out, or it is under way already."""
    service = context().service
    started = start_again(session, str(quarantine_id), service.runs)
    log.warning("runs are tried again", service=service.name, started=started, by=caller().subject)
    return {"started": started}
