"""What readers wrote: something is wrong with their books; staff call back and tick it off."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, sessions, words
from services.gateway.pages.common import page
from services.gateway.pages.staff.acting import LIBRARIAN
from services.gateway.pages.staff.listing import Listing, csv_file, everything
from services.gateway.words import say
from shared.auth import may_call

questions = Blueprint("staff_questions", __name__)
FILTERS = ("search", "done")


@questions.get("/staff/questions")
@may_call(LIBRARIAN)
def all_questions() -> Response:
    listing = Listing.asked(*FILTERS)
    found = asking.look_up(questions=("accounts", asking.path("/readers/questions", **_query(listing))))
    listing = listing.shown((found["questions"].data or {}).get("next"))
    return page("staff/questions/list.html", found, listing=listing, questions=found["questions"].items)


def _query(listing: Listing) -> dict[str, Any]:
    """Those that wait, unless others are asked for."""
    query = {"done": "false"} | listing.query()
    return {name: value for name, value in query.items() if value != "all"}


@questions.get("/staff/questions.csv")
@may_call(LIBRARIAN)
def as_file() -> Response:
    columns = [say("Written"), say("Card number"), say("Phone"), say("Text"), say("Answered"), say("By")]
    items = everything("accounts", "/readers/questions", _query(Listing.asked(*FILTERS)))
    return csv_file("questions", columns, items, _cells)


def _cells(each: dict[str, Any]) -> list[object]:
    asked = [words.sheet_moment(each["at"]), each["card_number"], each["phone"], each["text"]]
    return [*asked, words.sheet_moment(each["done_at"]), each["done_by"]]


@questions.post("/staff/questions/<int:number>")
@may_call(LIBRARIAN)
def tick_off(number: int) -> Response:
    asking.act("accounts", asking.path(f"/readers/questions/{number}/done"))
    sessions.tell(say("Ticked off."))
    return redirect(url_for("staff_questions.all_questions"), 303)
