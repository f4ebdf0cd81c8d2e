"""Books that come back: empty the box, what may go back on the shelf today, what is expected today."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, sessions
from services.gateway.kept_forms import shown_again_as
from services.gateway.pages.common import BRANCHES, page
from services.gateway.pages.staff.acting import LIBRARIAN, branch_names, given, tried
from services.gateway.pages.staff.desk import loans_named, not_found, taken_back, why_not
from services.gateway.pages.staff.listing import Listing
from services.gateway.pages.staff.loans import loans_file
from services.gateway.pages.staff.offers import tell_of_tests
from services.gateway.words import say
from shared import clock
from shared.auth import may_call

returns = Blueprint("staff_returns", __name__, url_prefix="/staff/returns")
LONGEST_REST = timedelta(days=30)


def today() -> date:
    return clock.today(asking.settings().time_zone)


@returns.get("")
@may_call(LIBRARIAN)
def box() -> Response:
    return _box({name: request.args.get(name, "") for name in ("dropped_on", "rests_until")})


def _box(days: dict[str, str], **more: Any) -> Response:
    found = asking.look_up(branches=BRANCHES)
    days = {"dropped_on": days["dropped_on"] or today().isoformat(), "rests_until": days["rests_until"]}
    values = {"days": days, "wrong": "", "code": "", "alike": [], "latest": today().isoformat()} | more
    response = page("staff/desk/box.html", found, names=branch_names(found["branches"]), **values)
    response.status_code = 422 if values["wrong"] else response.status_code
    return response


def _again() -> Response:
    fields = given("code", "dropped_on", "rests_until")
    return _box(fields, code=fields["code"])


@returns.post("")
@may_call(LIBRARIAN)
@shown_again_as(_again)
def empty_the_box() -> Response:
    """Each scan takes one book back as of the day it was dropped; the days stay for the next scan."""
    fields = given("code", "dropped_on", "rests_until", "loan_id")
    days = {name: fields[name] for name in ("dropped_on", "rests_until")}
    loan_id, code = fields["loan_id"], fields["code"]
    if not loan_id:
        loans = loans_named(code) if code else []
        if len(loans) != 1:
            missing = "" if loans else not_found(code) if code else say("Scan a book.")
            return _box(days, wrong=missing, code="" if loans else code, alike=loans)
        loan_id = loans[0]["id"]
    body = {name: value for name, value in days.items() if value}
    done = tried("loans", asking.path(f"/loans/{loan_id}/return"), body=body)
    if not done.done:
        return _box(days, wrong=why_not(done), code=code)
    sessions.tell(taken_back(done.answer))
    tell_of_tests(done.answer)
    return redirect(url_for("staff_returns.box", dropped_on=days["dropped_on"], rests_until=days["rests_until"]), 303)


@returns.get("/shelf")
@may_call(LIBRARIAN)
def shelf() -> Response:
    return _list("staff/desk/shelf.html", _resting)


@returns.get("/shelf.csv")
@may_call(LIBRARIAN)
def shelf_as_file() -> Response:
    return loans_file("shelf", _resting(_asked()))


@returns.get("/expected")
@may_call(LIBRARIAN)
def expected() -> Response:
    """With how much comes in all: the day is prepared for by it."""
    whole = {name: value for name, value in _due(_asked()).items() if name not in ("cursor", "limit")}
    return _list("staff/desk/expected.html", _due, expected=("loans", asking.path("/loans/count", **whole)))


@returns.get("/expected.csv")
@may_call(LIBRARIAN)
def expected_as_file() -> Response:
    return loans_file("expected", _due(_asked()))


def _asked() -> Listing:
    return Listing.asked("search", "branch_id", "day")


def _resting(listing: Listing) -> dict[str, Any]:
    """Received, and the rest ended on that day or in the month before it."""
    day = _day(listing)
    query = {name: value for name, value in listing.query().items() if name != "day"}
    return query | {"status": "returned", "rests_from": (day - LONGEST_REST).isoformat(), "rests_to": day.isoformat()}


def _due(listing: Listing) -> dict[str, Any]:
    day = _day(listing).isoformat()
    query = {name: value for name, value in listing.query().items() if name != "day"}
    return query | {"status": "on_loan", "due_from": day, "due_to": day}


def _day(listing: Listing) -> date:
    try:
        return date.fromisoformat(listing.filters["day"])
    except ValueError:
        return today()


def _list(template: str, query: Any, expected: tuple[str, str] | None = None) -> Response:
    listing = _asked()
    loans = "loans", asking.path("/loans", **query(listing))
    found = asking.look_up(loans=loans, branches=BRANCHES, expected=expected)
    return page(
        template,
        found,
        listing=listing.shown((found["loans"].data or {}).get("next")),
        loans=found["loans"].items,
        names=branch_names(found["branches"]),
        on=_day(listing),
        expected=found["expected"].data if "expected" in found else None,
    )
