"""Messages about a quarantine that reached nobody: why, whom an address reaches now, and once more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from services.gateway import asking, sessions
from services.gateway.kept_forms import shown_again_on
from services.gateway.pages.common import BRANCHES, branch_views, page
from services.gateway.pages.staff import naming
from services.gateway.pages.staff.acting import LIBRARIAN, OPERATOR
from services.gateway.pages.staff.listing import ON_A_PAGE, Listing, csv_file, everything
from services.gateway.pages.staff.quarantine import one
from services.gateway.words import say
from shared.auth import may_call

failed = Blueprint("failed", __name__, url_prefix="/staff/quarantines/<uuid:quarantine_id>")
FILTERS = ("search", "address")


@failed.get("/failed")
@may_call(LIBRARIAN, OPERATOR)
def messages(quarantine_id: UUID) -> Response:
    listing = Listing.asked(*FILTERS)
    asked = asking.path("/notices/failed", **listing.query(quarantine_id=quarantine_id))
    found = asking.look_up(notices=("notify", asked), quarantine=one(quarantine_id), branches=BRANCHES)
    return page(
        "staff/quarantines/failed.html",
        found,
        each=found["quarantine"].data,
        quarantine_id=quarantine_id,
        listing=listing.shown((found["notices"].data or {}).get("next")),
        notices=found["notices"].items,
        branches=branch_views(found["branches"]),
        why=why,
    )


def why(notice: dict[str, Any]) -> str:
    """The error of the way tried last; without one nothing could be tried."""
    if notice["last_error"]:
        return f"{naming.channel(notice['channel'])}: {notice['last_error']}"
    return say("Nothing was sent yet.") if notice["has_address"] else say("No address is on record.")


@failed.get("/failed.csv")
@may_call(LIBRARIAN, OPERATOR)
def as_file(quarantine_id: UUID) -> Response:
    columns = [say("To whom"), say("Cards"), say("Kind"), say("Language"), say("Reason"), say("Address on record")]

    def cells(each: dict[str, Any]) -> list[object]:
        words = [naming.notice_kind(each["kind"]), each["language"], why(each)]
        return [each["recipient"], ", ".join(each["about"]), *words, say("yes") if each["has_address"] else ""]

    query = Listing.asked(*FILTERS).query(quarantine_id=quarantine_id)
    return csv_file("failed", columns, everything("notify", "/notices/failed", query), cells)


@failed.post("/failed/again")
@may_call(LIBRARIAN, OPERATOR)
@shown_again_on("failed.messages")
def again(quarantine_id: UUID) -> Response:
    """Those ticked, once more to the contacts on record now; one sentence says what came of them."""
    back = redirect(f"/staff/quarantines/{quarantine_id}/failed", 303)
    try:
        ticked = [str(UUID(each)) for each in request.form.getlist("notice")[:ON_A_PAGE]]
    except ValueError:
        abort(422)
    if not ticked:
        sessions.tell(say("Tick the messages first."), "refused")
        return back
    body = {"quarantine_id": str(quarantine_id), "notice_ids": ticked}
    done = asking.act("notify", asking.path("/notices/failed/retry"), body=body)
    if done["again"]:
        sessions.tell(say("Sent once more: {n}", n=done["again"]))
    if done["refused"]:
        sessions.tell(_refusals(done["refused"]), "refused")
    return back


def _refusals(refused: list[dict[str, Any]]) -> str:
    several = [say("Not sent: {n}.", n=each["notices"]) + f" {each['detail']}" for each in refused]
    return " ".join(several)
