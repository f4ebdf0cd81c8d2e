"""Stuck work: events a service could not handle, looked at, tried again or thrown away."""

from __future__ import annotations

from itertools import chain
from typing import Any

import orjson
from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, sessions, words
from services.gateway.asking import Found
from services.gateway.pages.common import page
from services.gateway.pages.staff import naming
from services.gateway.pages.staff.acting import ADMIN, shown
from services.gateway.pages.staff.listing import Listing, all_at, csv_file
from services.gateway.words import say
from shared.auth import may_call

stuck = Blueprint("staff_stuck", __name__)
FILTERS = ("search", "service")


def _services() -> list[str]:
    """Those that have such a list; the site itself has none."""
    return [name for name in asking.services() if name != "gateway" and "." not in name]


@stuck.get("/staff/stuck")
@may_call(ADMIN)
def all_of_it() -> Response:
    """Of one service, or a place for each, which fills itself: one that is slow keeps nobody from the others."""
    listing = Listing.asked(*FILTERS)
    chosen = listing.filters["service"]
    services = [("", say("all")), *((name, naming.service(name)) for name in _services())]
    values: dict[str, Any] = {"listing": listing, "services": services, "service": chosen}
    if not chosen:
        return page("staff/stuck/list.html", {}, places=services[1:], **values)
    found, rows, listing = _stuck(chosen, listing)
    return page("staff/stuck/list.html", found, rows=rows, searched=listing.filtered, **values | {"listing": listing})


@stuck.get("/staff/stuck/<service>")
@may_call(ADMIN)
def of_one(service: str) -> Response:
    """Its first ones, as a part of the page of all."""
    found, rows, listing = _stuck(service, Listing.asked("search"))
    values: dict[str, Any] = {"searched": listing.filtered, "service": service, "more": listing.next is not None}
    return page("staff/stuck/rows.html", found, rows=rows, search=listing.filters["search"], **values)


def _stuck(service: str, listing: Listing) -> tuple[dict[str, Found], list[dict[str, Any]], Listing]:
    query = {name: value for name, value in listing.query().items() if name != "service"}
    asked = asking.beside_the_api("/parked", **query)
    wanted: dict[str, Any] = {service: (_known(service), asked)}
    found = asking.look_up(**wanted)
    following = (found[service].data or {}).get("next")
    return found, [_of(service, each) for each in found[service].items], listing.shown(following)


def _of(service: str, row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "service": service}


@stuck.get("/staff/stuck.csv")
@may_call(ADMIN)
def as_file() -> Response:
    asked, search = request.args.get("service", ""), request.args.get("search", "").strip()
    names = [name for name in _services() if asked in ("", name)]
    rows = chain.from_iterable(
        (_of(name, each) for each in all_at(name, "/parked", {"search": search or None})) for name in names
    )
    columns = [
        say("Part"),
        say("Its number"),
        say("Event"),
        say("Since"),
        say("Reason"),
        say("Last error"),
        say("Tries"),
    ]

    def cells(row: dict[str, Any]) -> list[object]:
        which = [naming.service(row["service"]), row["id"], row["type"], words.sheet_moment(row["parked_at"])]
        return [*which, row["reason"], row["error"], row["tries"]]

    return csv_file("stuck", columns, rows, cells)


@stuck.get("/staff/stuck/<service>/<int:number>")
@may_call(ADMIN)
def one(service: str, number: int) -> Response:
    row = asking.act(_known(service), f"/parked/{number}", method="GET")
    return shown("staff/stuck/one.html", row=row, service=service, body=_readable(row["body"]))


def _known(service: str) -> str:
    return service if service in _services() else abort(404)


def _readable(body: str) -> str:
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return body


@stuck.post("/staff/stuck/<service>/<int:number>")
@may_call(ADMIN)
def decide(service: str, number: int) -> Response:
    if request.form.get("deed") == "discard":
        if request.form.get("sure") != "yes":
            sessions.tell(say("Tick the box if you are sure."), "refused")
            return redirect(url_for("staff_stuck.one", service=service, number=number), 303)
        asking.act(_known(service), f"/parked/{number}", method="DELETE")
        sessions.tell(say("It is thrown away."))
    else:
        asking.act(_known(service), f"/parked/{number}/retry")
        sessions.tell(say("It is tried again at once. If it fails again, it comes back here."))
    return redirect(url_for("staff_stuck.all_of_it"), 303)
