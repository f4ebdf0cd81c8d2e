"""Readers: found by name, card or phone; one reader with family and books; contacts, PIN, block, erasure."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, sessions
from services.gateway.kept_forms import shown_again_as
from services.gateway.pages.common import BRANCHES, page
from services.gateway.pages.staff import naming
from services.gateway.pages.staff.acting import (
    LIBRARIAN,
    Tried,
    branch_choices,
    branch_names,
    branches,
    date_of,
    given,
    or_none,
    shown,
    tried,
)
from services.gateway.pages.staff.listing import Listing, csv_file, everything
from services.gateway.words import say
from shared.auth import may_call

readers = Blueprint("staff_readers", __name__)
FILTERS = ("search", "home_branch_id", "language", "blocked", "school_class")
ON_PAGE = 20
TEXTS = (
    *("family_name", "given_name", "language", "birth_date", "email", "phone", "telegram", "guardian_card_number"),
    *("guardian_name", "guardian_phone", "guardian_email", "guardian_language", "kind", "school", "school_class"),
    *("home_branch_id", "card_expires_on"),
)
NEEDED = ("family_name", "given_name", "language", "kind")


@readers.app_context_processor
def words_for_lists() -> dict[str, object]:
    return {"named": naming.NAMES, "branch_choices": branch_choices, "date_of": date_of}


@readers.get("/staff/readers")
@may_call(LIBRARIAN)
def all_readers() -> Response:
    listing = Listing.asked(*FILTERS)
    found = asking.look_up(readers=("accounts", asking.path("/readers", **listing.query())), branches=BRANCHES)
    return page(
        "staff/readers/list.html",
        found,
        listing=listing.shown((found["readers"].data or {}).get("next")),
        readers=found["readers"].items,
        names=branch_names(found["branches"]),
    )


@readers.get("/staff/readers.csv")
@may_call(LIBRARIAN)
def as_file() -> Response:
    names = branches()
    columns = [
        say("Card number"),
        say("Surname"),
        say("First name"),
        say("Language"),
        say("Library"),
        say("Card valid until"),
        say("Blocked"),
    ]

    def cells(each: dict[str, Any]) -> list[object]:
        home = each["home_branch_id"] or ""
        plain = [each[name] for name in ("card_number", "family_name", "given_name", "language")]
        return [*plain, names.get(home, home), each["card_expires_on"], say("yes") if each["blocked"] else ""]

    return csv_file("readers", columns, everything("accounts", "/readers", Listing.asked(*FILTERS).query()), cells)


@readers.get("/staff/readers/new")
@may_call(LIBRARIAN)
def new() -> Response:
    return shown("staff/readers/form.html", reader={"language": "kk", "kind": "person"}, wrongs={}, names=branches())


def _again(card: str = "", done: Tried | None = None) -> Response:
    """The form as it was filled in, and what was wrong; `card`: of a reader there is."""
    values: dict[str, Any] = {"reader": given("card_number", "version", *TEXTS), "names": branches(), "wrongs": {}}
    values |= {"card": card} if card else {}
    values |= {"wrongs": done.wrongs, "detail": done.detail, "status": done.status} if done else {}
    return shown("staff/readers/form.html", **values)


@readers.post("/staff/readers/new")
@may_call(LIBRARIAN)
@shown_again_as(_again)
def register() -> Response:
    fields = given("card_number", *TEXTS)
    done = tried("accounts", asking.path("/readers"), body=_body(fields))
    if not done.done:
        return _again(done=done)
    sessions.tell(say("The reader is registered."))
    return redirect(url_for("staff_readers.one", card=done.answer["card_number"]), 303)


def _body(fields: dict[str, str]) -> dict[str, str | None]:
    """Empty is none, except where there must be something."""
    body = or_none(fields)
    return {name: value for name, value in body.items() if value is not None or name not in NEEDED}


@readers.get("/staff/readers/<card>")
@may_call(LIBRARIAN)
def one(card: str) -> Response:
    found = asking.look_up(
        reader=("accounts", asking.path(f"/readers/{card}")),
        loans=("loans", asking.path("/loans", card_number=card, limit=200)),
        branches=BRANCHES,
    )
    loans = found["loans"].items
    out = [each for each in loans if each["status"] != "returned"]
    back = sorted((each for each in loans if each["status"] == "returned"), key=lambda each: each["lent_on"])
    values = {"out": out, "back": back[::-1][:ON_PAGE], "names": branch_names(found["branches"])}
    return page("staff/readers/one.html", found, reader=found["reader"].data, card=card, **values)


@readers.get("/staff/readers/<card>/edit")
@may_call(LIBRARIAN)
def edit(card: str) -> Response:
    reader = asking.act("accounts", asking.path(f"/readers/{card}"), method="GET")
    return shown("staff/readers/form.html", reader=reader, card=card, wrongs={}, names=branches())


@readers.post("/staff/readers/<card>/edit")
@may_call(LIBRARIAN)
@shown_again_as(_again)
def change(card: str) -> Response:
    fields = given(*TEXTS)
    options: dict[str, Any] = {"method": "PATCH", "body": _body(fields), "version": request.form.get("version")}
    done = tried("accounts", asking.path(f"/readers/{card}"), **options)
    if not done.done:
        return _again(card, done)
    sessions.tell(say("Saved."))
    return redirect(url_for("staff_readers.one", card=card), 303)


@readers.post("/staff/readers/<card>/block")
@may_call(LIBRARIAN)
def block(card: str) -> Response:
    blocked = request.form.get("blocked") == "yes"
    asking.act("accounts", asking.path(f"/readers/{card}"), method="PATCH", body={"blocked": blocked})
    sessions.tell(say("The card is blocked.") if blocked else say("The card is not blocked any more."))
    return redirect(url_for("staff_readers.one", card=card), 303)


@readers.get("/staff/readers/<card>/pin")
@may_call(LIBRARIAN)
def ask_for_pin(card: str) -> Response:
    return shown("staff/readers/pin.html", card=card, pin="", wrongs={})


@readers.post("/staff/readers/<card>/pin")
@may_call(LIBRARIAN)
@shown_again_as(ask_for_pin)
def issue_pin(card: str) -> Response:
    reason = given("reason")["reason"]
    if not reason:
        wrongs = {"reason": say("Write how you know that it is this reader.")}
        return shown("staff/readers/pin.html", 422, card=card, pin="", wrongs=wrongs)
    answer = asking.act("accounts", asking.path(f"/readers/{card}/pin"), body={"reason": reason})
    return shown("staff/readers/pin.html", card=card, pin=answer["pin"], wrongs={})


@readers.get("/staff/readers/<card>/erase")
@may_call(LIBRARIAN)
def ask_to_erase(card: str) -> Response:
    return shown("staff/readers/erase.html", card=card, wrongs={})


@readers.post("/staff/readers/<card>/erase")
@may_call(LIBRARIAN)
def erase(card: str) -> Response:
    if request.form.get("sure", "").strip() != card:
        wrongs = {"sure": say("Write the card number to confirm.")}
        return shown("staff/readers/erase.html", 422, card=card, wrongs=wrongs)
    asking.act("accounts", asking.path(f"/readers/{card}"), method="DELETE")
    sessions.tell(say("The reader is erased."))
    return redirect(url_for("staff_readers.all_readers"), 303)
