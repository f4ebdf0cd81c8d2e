"""Private links by which a reader's own calendar shows the return dates: made, listed and switched off."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from services.gateway import asking, sessions
from services.gateway.pages.common import page
from services.gateway.words import say
from shared.auth import READER, may_call

calendars = Blueprint("calendars", __name__)
CALENDARS = asking.path("/calendars")


@calendars.get("/books/calendar")
@may_call(READER)
def listed() -> Response:
    return _shown()


@calendars.post("/books/calendar")
@may_call(READER)
def add() -> Response:
    """The new link is shown this once."""
    return _shown(asking.act("loans", CALENDARS)["url"])


def _shown(link: str = "") -> Response:
    found = asking.look_up(calendars=("loans", CALENDARS))
    webcal = "webcal:" + link.partition(":")[2]
    made = found["calendars"]
    return page("calendar.html", found, link=link, webcal=webcal, calendars=made.items, known=made.data is not None)


@calendars.post("/books/calendar/off")
@may_call(READER)
def switch_off() -> Response:
    try:
        calendar_id = UUID(request.form.get("calendar_id", ""))
    except ValueError as error:
        raise BadRequest from error
    asking.act("loans", asking.path(f"/calendars/{calendar_id}"), method="DELETE")
    sessions.tell(say("The calendar link is switched off."))
    return redirect(url_for("calendars.listed"), 303)
