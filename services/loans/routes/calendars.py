"""Private calendars of due dates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.loans import calendar_feed, schemas
from shared.auth import ANYONE, READER, caller, may_call
from shared.problems import language
from shared.web import context, in_transaction, reading

calendars = Blueprint(
    "calendars", __name__, url_prefix="/api/v1/calendars", description="Due dates in the reader's own calendar"
)


@calendars.get("")
@may_call(READER)
@reading
@calendars.response(200, schemas.Calendars)
def list_calendars(session: Session) -> dict[str, Any]:
    return {"items": calendar_feed.of_card(session, _own_card())}


@calendars.post("")
@may_call(READER)
@in_transaction
@calendars.response(201, schemas.NewCalendar)
def add_calendar(session: Session) -> dict[str, Any]:
    calendar, secret = calendar_feed.add(session, _own_card(), caller().language or language())
    url = f"{context().settings.base_url()}/api/v1/calendars/{secret}.ics"
    return {"id": calendar.id, "created_at": calendar.created_at, "url": url}


@calendars.delete("/<uuid:calendar_id>")
@may_call(READER)
@in_transaction
@calendars.response(204)
def remove_calendar(session: Session, calendar_id: UUID) -> None:
    calendar_feed.remove(session, _own_card(), str(calendar_id))


@calendars.get("/<secret>.ics")
@may_call(ANYONE)
@reading
def feed(session: Session, secret: str) -> Response:
    text = calendar_feed.feed(session, secret)
    # Whoever finds the address of a private link somewhere must not find its books in a search engine.
    return Response(text, content_type="text/calendar; charset=utf-8", headers={"X-Robots-Tag": "noindex"})


def _own_card() -> str:
    card_number = caller().card_number
    if card_number is None:
        raise RuntimeError("a reader's token names no card")
    return card_number
