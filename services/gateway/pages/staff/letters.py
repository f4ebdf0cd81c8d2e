"""Letters of a quarantine: found, printed, and ticked off together once they are posted."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from services.gateway import asking, sessions
from services.gateway.doors import here
from services.gateway.kept_forms import shown_again_as
from services.gateway.pages.common import page
from services.gateway.pages.staff.acting import LIBRARIAN
from services.gateway.pages.staff.listing import Listing, csv_file, everything
from services.gateway.words import say
from shared.auth import may_call

letters = Blueprint("staff_letters", __name__, url_prefix="/staff/quarantines/<uuid:quarantine_id>")
FILTERS = ("search", "language")
MOST_AT_ONCE = 100


@letters.get("/letters")
@may_call(LIBRARIAN)
def to_print(quarantine_id: UUID) -> Response:
    listing = Listing.asked(*FILTERS)
    asked = asking.path("/notices/papers/letters", **listing.query(quarantine_id=quarantine_id))
    found = asking.look_up(patience=asking.LONG_READ_SECONDS, letters=("notify", asked))
    return page(
        "staff/papers/letters.html",
        found,
        quarantine_id=quarantine_id,
        letters=found["letters"].items,
        listing=listing.shown((found["letters"].data or {}).get("next")),
    )


@letters.get("/letters.csv")
@may_call(LIBRARIAN)
def as_file(quarantine_id: UUID) -> Response:
    columns = [say("To whom"), say("Language"), say("Subject"), say("Text")]

    def cells(each: dict[str, Any]) -> list[object]:
        return [each["recipient"], each["language"], each["subject"], each["body"]]

    query = Listing.asked(*FILTERS).query(quarantine_id=quarantine_id)
    return csv_file("letters", columns, everything("notify", "/notices/papers/letters", query), cells)


@letters.post("/letters")
@may_call(LIBRARIAN)
@shown_again_as(to_print)
def posted(quarantine_id: UUID) -> Response:
    """Those ticked count as handed over; one stays on the page where they were ticked."""
    try:
        ticked = [str(UUID(each)) for each in request.form.getlist("notice")[:MOST_AT_ONCE]]
    except ValueError:
        abort(422)
    if not ticked:
        sessions.tell(say("Tick the letters first."), "refused")
        return redirect(_back(quarantine_id), 303)
    body = {"quarantine_id": str(quarantine_id), "notice_ids": ticked}
    done = asking.act("notify", asking.path("/notices/papers/letters/posted"), body=body)
    if done["recorded"]:
        sessions.tell(say("Recorded as posted: {n}", n=done["recorded"]))
    for each in done["refused"]:
        sessions.tell(say("Not recorded: {n}.", n=each["notices"]) + f" {each['detail']}", "refused")
    return redirect(_back(quarantine_id), 303)


def _back(quarantine_id: UUID) -> str:
    """The list with its filters and its page, where the form came from it."""
    plain = f"/staff/quarantines/{quarantine_id}/letters"
    return here() if urlsplit(here()).path == plain else plain
