"""Who did what: with readers and staff, with quarantines, with messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, request
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


@dataclass(frozen=True)
class Part:
    """Whose record it is; `line`: what of a record is shown, as (moment, who, what, about, note)."""

    service: str
    base: str
    line: Callable[[Mapping[str, Any], Mapping[str, str]], tuple[str, str, str, str, str]]


def _of_accounts(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, str, str, str, str]:
    who = row["name"] or names.get(row["who"], row["who"])
    return row["at"], who, naming.act(row["what"]), row["about"] or "", row["reason"] or ""


def _of_quarantines(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, str, str, str, str]:
    opens = row["reopens_on"]
    days = f"{words.dated(row['starts_on'])} – {words.dated(opens) if opens else say('not known yet')}"
    who = row["name"] or names.get(row["by"], row["by"])
    return row["at"], who, naming.decision(row["state"]), days, row["note"] or ""


def _of_notices(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, str, str, str, str]:
    way, _, result = row["what"].partition(": ")
    what = f"{naming.way(way)}: {naming.result(result)}" if result else say("saw phone numbers of the call queue")
    return row["at"], names.get(row["who"], row["who"]), what, row["notice_id"] or "", row["note"] or ""


PARTS = {
    "readers": Part("accounts", "/readers/acts", _of_accounts),
    "quarantines": Part("quarantines", "/quarantines/acts", _of_quarantines),
    "messages": Part("notify", "/notices/acts", _of_notices),
}
FILTERS = ("part", "search", "since", "until")


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
        searchable=part is PARTS["readers"],
        records=_parts(),
    )


def _asked() -> tuple[Listing, Part]:
    listing = Listing.asked(*FILTERS)
    return listing, PARTS.get(request.args.get("part", ""), PARTS["readers"])


def _parts() -> list[tuple[str, str]]:
    return [("readers", say("Readers and staff")), ("quarantines", say("Quarantines")), ("messages", say("Messages"))]


def _query(listing: Listing, part: Part) -> dict[str, Any]:
    query = {name: value for name, value in listing.query().items() if name in ("cursor", "limit")}
    if part is PARTS["readers"] and listing.filters["search"]:
        query["search"] = listing.filters["search"]
    return query | _moments(listing)


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
    rows = everything(part.service, part.base, _query(listing, part))
    return csv_file("who-did-what", columns, rows, lambda row: part.line(row, names))
