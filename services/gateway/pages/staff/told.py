"""Is everyone told? The verdict on a quarantine, and by name who is missing and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from services.gateway import asking, sessions
from services.gateway.asking import Refused
from services.gateway.pages.common import page
from services.gateway.pages.staff.acting import LIBRARIAN, OPERATOR
from services.gateway.pages.staff.listing import Listing, csv_file, cut
from services.gateway.words import say
from shared import clock
from shared.auth import STAFF, may_call
from shared.folding import fold
from shared.peers import PeerDown

told = Blueprint("told", __name__, url_prefix="/staff/quarantines/<uuid:quarantine_id>")
SHOWN_AT_ONCE = 25


@dataclass(frozen=True)
class Missing:
    """`name` is empty for a reader who is erased, and where names are not known at this moment."""

    card: str
    name: str
    reason: str

    def holds(self, words: Sequence[str]) -> bool:
        text = fold(f"{self.card} {self.name} {self.reason}")
        return all(word in text for word in words)


def _verdict(quarantine_id: UUID) -> tuple[str, str]:
    return "quarantines", asking.path(f"/quarantines/{quarantine_id}/reconciliation")


@told.get("/told")
@may_call(STAFF)
def verdict(quarantine_id: UUID) -> Response:
    """As a part of the quarantine's page, or as a page where there are no scripts."""
    totals = "notify", asking.path("/notices/unreachable/totals", quarantine_id=quarantine_id)
    found = asking.look_up(
        patience=asking.LONG_READ_SECONDS, told=_verdict(quarantine_id), totals=totals if _may_see_names() else None
    )
    data = found["told"].data
    values: dict[str, Any] = {
        "verdict": data,
        "told_as_of": found["told"].as_of,
        "missing": named(data["missing"][:SHOWN_AT_ONCE]) if data else [],
        "totals": found["totals"].data if "totals" in found else None,
        "quarantine_id": str(quarantine_id),
        "now": clock.now(),
    }
    if "HX-Request" in request.headers:
        return Response(render_template("staff/quarantines/told.html", **values), content_type="text/html")
    return page("staff/quarantines/told_page.html", found, **values)


def _may_see_names() -> bool:
    who = sessions.caller()
    return bool(who and who.has(LIBRARIAN, OPERATOR))


def named(missing: Sequence[Mapping[str, Any]]) -> list[Missing]:
    """With the readers' names, for whoever may know them; cards alone while accounts does not answer."""
    names: dict[str, str] = {}
    if missing and _may_see_names():
        names = _names([each["card_number"] for each in missing])
    return [Missing(each["card_number"], names.get(each["card_number"], ""), each["reason"]) for each in missing]


def _names(cards: Sequence[str]) -> dict[str, str]:
    try:
        found = asking.act("accounts", asking.path("/readers/names"), body={"card_numbers": cards})["items"]
    except (PeerDown, Refused):
        return {}
    return {each["card_number"]: f"{each['family_name']} {each['given_name']}".strip() for each in found}


@told.get("/missing")
@may_call(LIBRARIAN, OPERATOR)
def missing(quarantine_id: UUID) -> Response:
    listing = Listing.asked("search")
    found = asking.look_up(patience=asking.LONG_READ_SECONDS, told=_verdict(quarantine_id))
    data = found["told"].data or {"missing": [], "missing_count": 0}
    people, listing = cut(_searched(named(data["missing"]), listing), listing)
    unlisted = data["missing_count"] - len(data["missing"])
    values = {"people": people, "listing": listing, "quarantine_id": quarantine_id, "unlisted": unlisted}
    return page("staff/quarantines/missing.html", found, all_of_them=data["missing_count"], **values)


def _searched(people: Sequence[Missing], listing: Listing) -> Sequence[Missing]:
    words = fold(listing.filters["search"]).split()
    return [each for each in people if each.holds(words)]


@told.get("/missing.csv")
@may_call(LIBRARIAN, OPERATOR)
def as_file(quarantine_id: UUID) -> Response:
    data = asking.act(*_verdict(quarantine_id), method="GET")
    people = _searched(named(data["missing"]), Listing.asked("search"))
    columns = [say("Card number"), say("Name"), say("Reason")]
    return csv_file("missing", columns, people, lambda each: [each.card, each.name, each.reason])
