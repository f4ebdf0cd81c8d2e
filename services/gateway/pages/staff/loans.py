"""Loans: found by title, card or ISBN; one loan with its history, and what the desk does with it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, sessions
from services.gateway.pages.common import BRANCHES, page
from services.gateway.pages.staff import naming
from services.gateway.pages.staff.acting import LIBRARIAN, branch_names, branches, tried
from services.gateway.pages.staff.listing import Listing, csv_file, everything
from services.gateway.words import say
from shared.auth import may_call

loans = Blueprint("staff_loans", __name__)
FILTERS = ("search", "status", "branch_id", "due_from", "due_to", "quarantine_id")
DEEDS = ("renew", "return", "lost", "claimed-returned")


@loans.get("/staff/loans")
@may_call(LIBRARIAN)
def all_loans() -> Response:
    listing = Listing.asked(*FILTERS)
    found = asking.look_up(loans=("loans", asking.path("/loans", **listing.query())), branches=BRANCHES)
    return page(
        "staff/loans/list.html",
        found,
        listing=listing.shown((found["loans"].data or {}).get("next")),
        loans=found["loans"].items,
        names=branch_names(found["branches"]),
        statuses=list(naming.loan_statuses().items()),
    )


@loans.get("/staff/loans.csv")
@may_call(LIBRARIAN)
def as_file() -> Response:
    return loans_file("loans", Listing.asked(*FILTERS).query())


def loans_file(name: str, query: dict[str, Any]) -> Response:
    names = branches()
    columns = [
        *(say("Title"), say("Author"), say("Card number"), say("Library"), say("Lent")),
        *(say("Agreed day"), say("Bring back"), say("State"), say("Loan number")),
    ]

    def cells(each: dict[str, Any]) -> list[object]:
        place = names.get(each["branch_id"], each["branch_id"])
        days = (each["lent_on"], each["original_due_on"], each["due_on"])
        state = naming.loan_status(each["status"])
        return [each["title"], each["author"], each["card_number"], place, *days, state, each["id"]]

    return csv_file(name, columns, everything("loans", "/loans", query), cells)


@loans.get("/staff/loans/<path:loan_id>")
@may_call(LIBRARIAN)
def one(loan_id: str) -> Response:
    found = asking.look_up(loan=("loans", asking.path(f"/loans/{loan_id}")), branches=BRANCHES)
    names = branch_names(found["branches"])
    return page("staff/loans/one.html", found, loan=found["loan"].data, loan_id=loan_id, names=names)


@loans.post("/staff/loans/<path:loan_id>")
@may_call(LIBRARIAN)
def do(loan_id: str) -> Response:
    deed = request.form.get("deed", "")
    if deed not in DEEDS:
        abort(422)
    done = tried("loans", asking.path(f"/loans/{loan_id}/{deed}"), body={} if deed == "return" else None)
    sessions.tell(say("Saved.") if done.done else done.detail, "done" if done.done else "refused")
    return redirect(url_for("staff_loans.one", loan_id=loan_id), 303)
