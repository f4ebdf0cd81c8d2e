"""Who did what: with readers and staff, with quarantines, with messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, words
from services.gateway.asking import Found
from services.gateway.pages.common import page
from services.gateway.pages.staff import naming
from services.gateway.pages.staff.acting import ADMIN
from services.gateway.pages.staff.listing import Listing, csv_file, everything
from services.gateway.words import say
from shared.auth import may_call

log = Blueprint("staff_log", __name__)
STAFF = ("accounts", asking.path("/staff", limit=500))
FILTERS = ("part", "search", "who", "deed", "since", "until")


@dataclass(frozen=True)
class Line:
    """One record as it is shown. `address`: the page of what it is about, empty where there is none."""

    at: str
    who: str
    what: str
    about: str = ""
    address: str = ""
    note: str = ""


Names = Mapping[str, str]
"""Subject of a token -> name of the colleague."""


@dataclass(frozen=True)
class Part:
    """Whose record it is. `deed`: the service's name for the filter by deed; `deeds`: those there are, in words."""

    service: str
    base: str
    deed: str
    deeds: Callable[[], Mapping[str, str]]
    line: Callable[[Mapping[str, Any], Names], Line]


def _of_accounts(row: Mapping[str, Any], names: Names) -> Line:
    who = naming.program(row["name"]) or names.get(row["who"], row["who"])
    address = ""
    if row["about_kind"] == "reader":
        address = url_for("staff_readers.one", card=row["about_card"])
    elif row["about_kind"] == "staff":
        # A sign-in has an id of its own and leads to no page.
        address = url_for("staff_people.one", staff_id=row["about"]) if row["what"] != "ended a sign-in" else ""
    about = ", ".join(filter(None, (row["about_name"], row["about_card"])))
    gone = say("a reader who is erased") if row["what"] in naming.ACTS_ON_READERS and row["about"] else ""
    note = naming.changed_fields(row["reason"]) if row["what"].startswith("changed ") else row["reason"] or ""
    return Line(row["at"], who, naming.act(row["what"]), about or gone, address, note)


def _of_quarantines(row: Mapping[str, Any], names: Names) -> Line:
    opens = row["reopens_on"]
    days = f"{words.dated(row['starts_on'])} – {words.dated(opens) if opens else say('not known yet')}"
    who = naming.program(row["name"]) or names.get(row["by"], row["by"])
    about = f"{words.text(row['reason']).striptags()}, {days}"
    address = url_for("quarantine.show", quarantine_id=row["quarantine_id"])
    return Line(row["at"], who, naming.decision(row["state"]), about, address, row["note"] or "")


def _of_notices(row: Mapping[str, Any], names: Names) -> Line:
    address = url_for("staff_messages.one", notice_id=row["notice_id"]) if row["notice_id"] else ""
    who, what = names.get(row["who"], row["who"]), naming.outcome(row["what"])
    return Line(row["at"], who, what, row["recipient"] or "", address, row["note"] or "")


PARTS = {
    "readers": Part("accounts", "/readers/acts", "what", naming.acts, _of_accounts),
    "quarantines": Part("quarantines", "/quarantines/acts", "state", naming.decisions, _of_quarantines),
    "messages": Part("notify", "/notices/acts", "what", naming.outcomes, _of_notices),
}


@log.get("/staff/log")
@may_call(ADMIN)
def lines() -> Response:
    listing, part = _asked()
    found = asking.look_up(rows=(part.service, asking.path(part.base, **_query(listing, part))), staff=STAFF)
    names = _names(found["staff"])
    return page(
        "staff/log/log.html",
        found,
        listing=listing.shown((found["rows"].data or {}).get("next")),
        rows=[part.line(row, names) for row in found["rows"].items],
        people=[("", say("all")), *names.items()],
        deeds=[("", say("all")), *part.deeds().items()],
        records=_parts(),
    )


def _asked() -> tuple[Listing, Part]:
    listing = Listing.asked(*FILTERS)
    return listing, PARTS.get(request.args.get("part", ""), PARTS["readers"])


def _parts() -> list[tuple[str, str]]:
    return [("readers", say("Readers and staff")), ("quarantines", say("Quarantines")), ("messages", say("Messages"))]


def _query(listing: Listing, part: Part) -> dict[str, Any]:
    query = {name: value for name, value in listing.query().items() if name in ("cursor", "limit", "search", "who")}
    deed = {part.deed: listing.filters["deed"]} if listing.filters["deed"] in part.deeds() else {}
    return query | deed | _moments(listing)


def _moments(listing: Listing) -> dict[str, str]:
    """Days of the library's own zone as moments; the last day is included."""
    found = {}
    for name, more in (("since", 0), ("until", 1)):
        try:
            day = date.fromisoformat(listing.filters[name]) + timedelta(days=more)
        except ValueError:
            continue
        found[name] = datetime.combine(day, time(), ZoneInfo(asking.settings().time_zone)).isoformat()
    return found


def _names(staff: Found) -> dict[str, str]:
    return {f"staff:{each['id']}": each["name"] for each in staff.items}


@log.get("/staff/log.csv")
@may_call(ADMIN)
def as_file() -> Response:
    listing, part = _asked()
    names = _names(asking.look_up(staff=STAFF)["staff"])
    columns = [say("At"), say("Who"), say("What"), say("About"), say("Note")]

    def cells(row: Mapping[str, Any]) -> list[object]:
        line = part.line(row, names)
        return [words.sheet_moment(line.at), line.who, line.what, line.about, line.note]

    return csv_file("who-did-what", columns, everything(part.service, part.base, _query(listing, part)), cells)
