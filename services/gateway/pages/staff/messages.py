"""Messages: found by name, card or subject; as sent, their deliveries; tried again, or told in another way."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, sessions, words
from services.gateway.kept_forms import shown_again_on
from services.gateway.pages.common import page
from services.gateway.pages.staff import naming
from services.gateway.pages.staff.acting import LIBRARIAN, given, tried
from services.gateway.pages.staff.listing import Listing, csv_file, everything
from services.gateway.words import say
from shared.auth import may_call

messages = Blueprint("staff_messages", __name__)
FILTERS = ("search", "state", "kind", "channel", "language", "quarantine_id")


@messages.get("/staff/messages")
@may_call(LIBRARIAN)
def all_messages() -> Response:
    listing = Listing.asked(*FILTERS)
    found = asking.look_up(notices=("notify", asking.path("/notices", **listing.query())))
    return page(
        "staff/messages/list.html",
        found,
        listing=listing.shown((found["notices"].data or {}).get("next")),
        notices=found["notices"].items,
        choices=_choices(),
    )


def _choices() -> dict[str, list[tuple[str, str]]]:
    names = {"state": naming.notice_states(), "kind": naming.notice_kinds(), "channel": naming.channels()}
    return {name: [("", say("all")), *values.items()] for name, values in names.items()}


@messages.get("/staff/messages.csv")
@may_call(LIBRARIAN)
def as_file() -> Response:
    columns = [
        *(
            say("Written"),
            say("To whom"),
            say("Card number"),
            say("Kind"),
            say("Language"),
            say("Subject"),
            say("State"),
        ),
        *(say("In which way"), say("Last error")),
    ]

    def cells(each: dict[str, Any]) -> list[object]:
        last: dict[str, Any] = next((way for way in reversed(each["deliveries"]) if way["tries"]), {})
        names = [
            naming.notice_kind(each["kind"]),
            each["language"],
            each["subject"],
            naming.notice_state(each["state"]),
        ]
        way = naming.channel(last.get("channel", ""))
        to = (words.sheet_moment(each["created_at"]), each["recipient"], each["card_number"])
        return [*to, *names, way, last.get("last_error")]

    items = everything("notify", "/notices", Listing.asked(*FILTERS).query())
    return csv_file("messages", columns, items, cells)


@messages.get("/staff/messages/<uuid:notice_id>")
@may_call(LIBRARIAN)
def one(notice_id: UUID) -> Response:
    found = asking.look_up(notice=("notify", asking.path(f"/notices/{notice_id}")))
    outcomes = list(naming.told_in().items())
    return page("staff/messages/one.html", found, notice=found["notice"].data, outcomes=outcomes)


@messages.post("/staff/messages/<uuid:notice_id>/retry")
@may_call(LIBRARIAN)
def retry(notice_id: UUID) -> Response:
    done = tried("notify", asking.path(f"/notices/{notice_id}/retry"))
    sessions.tell(say("It is sent again.") if done.done else done.detail, "done" if done.done else "refused")
    return redirect(url_for("staff_messages.one", notice_id=notice_id), 303)


@messages.post("/staff/messages/<uuid:notice_id>/outcome")
@may_call(LIBRARIAN)
@shown_again_on("staff_messages.one", words=("note",))
def record(notice_id: UUID) -> Response:
    fields = given("outcome", "note")
    way, _, result = fields["outcome"].partition(": ")
    body = {"way": way, "result": result, "note": fields["note"] or None}
    done = tried("notify", asking.path(f"/notices/{notice_id}/outcome"), body=body)
    said = say("Recorded.") if done.done else " ".join(done.wrongs.values()) or done.detail
    sessions.tell(said, "done" if done.done else "refused")
    return redirect(url_for("staff_messages.one", notice_id=notice_id), 303)
