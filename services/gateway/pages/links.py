"""What a notice's private link opens: the family's books to see and renew, no contacts."""

from __future__ import annotations

import time

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, errors, sessions, words
from services.gateway.asking import Refused
from services.gateway.pages.books import family_page, renew_books, shown_loans
from services.gateway.public_lists import public_lists
from services.gateway.words import say
from shared.auth import ANYONE, may_call

links = Blueprint("links", __name__)
ADDRESSES = {"renew_address": "links.renew", "ask_address": "questions.form_by_link"}


@links.get("/l/<token>")
@may_call(ANYONE)
def open_link(token: str) -> Response:
    try:
        found = asking.look_up(in_our_name=True, link=family_of(token), **public_lists().one_wanted(time.monotonic()))
    except Refused as refused:
        return errors.link_ended(refused)
    if found["link"].data is None:
        return errors.without("notify")
    words.prefer(found["link"].data["language"])
    readers = found["link"].data["readers"]
    names = {reader["card_number"]: reader["given_name"] for reader in readers}
    found |= asking.look_up(in_our_name=True, loans=shown_loans(card_numbers=list(names)))
    addresses = {name: url_for(page, token=token) for name, page in ADDRESSES.items()}
    return family_page(found, names, None, by_link=True, token=token, **addresses)


@links.post("/l/<token>/renew")
@may_call(ANYONE)
def renew(token: str) -> Response:
    try:
        family = asking.look_up(in_our_name=True, link=family_of(token))["link"].data
    except Refused as refused:
        return errors.link_ended(refused)
    if family is None:
        return errors.without("notify")
    words.prefer(family["language"])
    cards = [reader["card_number"] for reader in family["readers"]]
    renew_books(request.form.get("loan_id"), card_numbers=cards)
    return redirect(url_for("links.open_link", token=token), 303)


@links.post("/l/<token>/off")
@may_call(ANYONE)
def switch_off(token: str) -> Response:
    try:
        asking.act("notify", asking.path(f"/notices/links/{token}"), method="DELETE", in_our_name=True)
    except Refused as refused:
        return errors.link_ended(refused)
    sessions.tell(say("The private link is switched off."))
    return redirect("/", 303)


def family_of(token: str) -> tuple[str, str]:
    """The call that says whose books it opens, and the language of the message it came in."""
    return "notify", asking.path(f"/notices/links/{token}")
