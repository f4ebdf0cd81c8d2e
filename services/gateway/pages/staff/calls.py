"""The call queue: families no message reaches, taken in tens; what to say, what came of it; letters to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, sessions
from services.gateway.kept_forms import shown_again_on
from services.gateway.pages.common import BRANCHES, page
from services.gateway.pages.staff import naming
from services.gateway.pages.staff.acting import LIBRARIAN, branch_names, given, tried
from services.gateway.pages.staff.listing import Listing, csv_file, everything
from services.gateway.words import say
from shared.auth import may_call

calls = Blueprint("staff_calls", __name__, url_prefix="/staff/calls")
FILTERS = ("search", "language", "way")
TAKEN_AT_ONCE = 50
QUARANTINES = ("quarantines", asking.path("/quarantines", limit=200))


@calls.get("")
@may_call(LIBRARIAN)
def choose() -> Response:
    """The queues with somebody left in them, those of undone quarantines too; one only: straight to it."""
    queues = ("notify", asking.path("/notices/unreachable/queues"))
    found = asking.look_up(quarantines=QUARANTINES, queues=queues, branches=BRANCHES)
    left = {each["quarantine_id"]: each["households"] for each in found["queues"].items}
    shown = with_a_queue(found["quarantines"].items, left)
    if len(shown) == 1 and not (found["quarantines"].away or found["queues"].away):
        return redirect(url_for("staff_calls.queue", quarantine_id=shown[0]["id"]), 303)
    return page("staff/calls/choose.html", found, shown=shown, left=left, branches=branch_names(found["branches"]))


def with_a_queue(quarantines: Sequence[Mapping[str, Any]], left: Mapping[str, int]) -> list[Mapping[str, Any]]:
    """Those with somebody left to be told; where there is nobody, those that stand."""
    waited_for = [each for each in quarantines if left.get(each["id"])]
    return waited_for or [each for each in quarantines if each["state"] != "cancelled"]


@calls.get("/<uuid:quarantine_id>")
@may_call(LIBRARIAN)
def queue(quarantine_id: UUID) -> Response:
    found = asking.look_up(
        totals=("notify", asking.path("/notices/unreachable/totals", quarantine_id=quarantine_id)),
        mine=(
            "notify",
            asking.path("/notices/unreachable", quarantine_id=quarantine_id, mine="true", limit=TAKEN_AT_ONCE),
        ),
        quarantine=("quarantines", asking.path(f"/quarantines/{quarantine_id}")),
    )
    values = {"totals": found["totals"].data, "mine": found["mine"].items, "quarantine": found["quarantine"].data}
    return page("staff/calls/queue.html", found, quarantine_id=quarantine_id, **values)


@calls.post("/<uuid:quarantine_id>/take")
@may_call(LIBRARIAN)
@shown_again_on("staff_calls.queue")
def take(quarantine_id: UUID) -> Response:
    language = given("language")["language"] or None
    body = {"quarantine_id": str(quarantine_id), "language": language}
    taken = asking.act("notify", asking.path("/notices/calls/take"), body=body)["items"]
    if not taken:
        sessions.tell(say("There is nobody left to call just now."))
    return redirect(url_for("staff_calls.queue", quarantine_id=quarantine_id), 303)


@calls.post("/<uuid:quarantine_id>/<uuid:notice_id>")
@may_call(LIBRARIAN)
@shown_again_on("staff_calls.queue", words=("name", "note"))
def record(quarantine_id: UUID, notice_id: UUID) -> Response:
    """What came of a call or a letter."""
    fields = given("way", "result", "note", "name")
    body = {"way": fields["way"] or "call", "result": fields["result"], "note": fields["note"] or None}
    done = tried("notify", asking.path(f"/notices/{notice_id}/outcome"), body=body)
    if done.done:
        words = say("Recorded: {name}, {result}.", name=fields["name"], result=naming.result(body["result"] or ""))
        address = url_for("staff_messages.one", notice_id=notice_id, _anchor="by-hand")
        sessions.tell(words, link=address, link_text=say("Was it a mistake? Take it back"))
    else:
        sessions.tell(" ".join(done.wrongs.values()) or done.detail, "refused")
    back = "staff_letters.to_print" if body["way"] == "letter" else "staff_calls.queue"
    return redirect(url_for(back, quarantine_id=quarantine_id), 303)


@calls.get("/<uuid:quarantine_id>/all")
@may_call(LIBRARIAN)
def everybody(quarantine_id: UUID) -> Response:
    listing = Listing.asked(*FILTERS)
    asked = asking.path("/notices/unreachable", quarantine_id=quarantine_id, **listing.query())
    found = asking.look_up(families=("notify", asked))
    listing = listing.shown((found["families"].data or {}).get("next"))
    values = {"listing": listing, "families": found["families"].items, "quarantine_id": quarantine_id}
    return page("staff/calls/all.html", found, **values)


@calls.get("/<uuid:quarantine_id>/all.csv")
@may_call(LIBRARIAN)
def as_file(quarantine_id: UUID) -> Response:
    query = Listing.asked(*FILTERS).query() | {"quarantine_id": quarantine_id}
    columns = [
        *(say("Ask for"), say("Phone"), say("Language"), say("Readers"), say("Cards"), say("Next step"), say("Tries")),
        say("No guardian"),
    ]

    def cells(each: dict[str, Any]) -> list[object]:
        people = [", ".join(each["readers"]), ", ".join(each["cards"])]
        flag = say("yes") if each["no_guardian"] else ""
        return [each["ask_for"], each["phone"], each["language"], *people, naming.way(each["way"]), each["tries"], flag]

    return csv_file("calls", columns, everything("notify", "/notices/unreachable", query), cells)
