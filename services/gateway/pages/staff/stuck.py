"""Stuck work: events a service could not handle, looked at, tried again or thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, sessions
from services.gateway.pages.common import page
from services.gateway.pages.staff import naming
from services.gateway.pages.staff.acting import ADMIN, shown
from services.gateway.pages.staff.listing import Listing, csv_file
from services.gateway.words import say
from shared.auth import may_call
from shared.folding import fold

stuck = Blueprint("staff_stuck", __name__)
MOST = 500
FILTERS = ("search", "service")


def _services() -> list[str]:
    """Those that have such a list; the site itself has none."""
    return [name for name in asking.services() if name != "gateway" and "." not in name]


@stuck.get("/staff/stuck")
@may_call(ADMIN)
def all_of_it() -> Response:
    listing = Listing.asked(*FILTERS)
    chosen = [name for name in _services() if listing.filters["service"] in ("", name)]
    found = asking.look_up(in_our_name=False, **{name: (name, f"/parked?limit={MOST}") for name in chosen})
    rows = [row for name, each in found.items() for row in _rows(name, each.items)]
    rows = [row for row in rows if _holds(row, listing.filters["search"])]
    services = [("", say("all")), *((name, naming.service(name)) for name in _services())]
    return page("staff/stuck/list.html", found, listing=listing, rows=rows, services=services)


def _rows(service: str, items: list[Any]) -> Iterator[dict[str, Any]]:
    for each in items:
        yield {**each, "service": service}


def _holds(row: dict[str, Any], search: str) -> bool:
    text = fold(f"{row['type']} {row['reason']} {row['error']}")
    return all(word in text for word in fold(search).split())


@stuck.get("/staff/stuck.csv")
@may_call(ADMIN)
def as_file() -> Response:
    asked = request.args.get("service", "")
    names = [name for name in _services() if asked in ("", name)]
    rows = [
        row for name in names for row in _rows(name, asking.act(name, f"/parked?limit={MOST}", method="GET")["items"])
    ]
    rows = [row for row in rows if _holds(row, request.args.get("search", ""))]
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
        values = [row[name] for name in ("id", "type", "parked_at", "reason", "error", "tries")]
        return [naming.service(row["service"]), *values]

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
