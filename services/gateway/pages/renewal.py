"""«Кітап мерзімін online-ұзарту»: card number and surname, one short form, no sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from services.gateway import asking, errors
from services.gateway.asking import Refused
from services.gateway.kept_forms import shown_again_by
from services.gateway.words import say
from shared.auth import ANYONE, may_call
from shared.peers import PeerDown

renewal = Blueprint("renewal", __name__)


@renewal.get("/renew")
@may_call(ANYONE)
def form() -> Response:
    return _shown()


def _again(fields: Mapping[str, str], wrong: str) -> Response:
    return _shown(fields.get("card_number", ""), fields.get("surname", ""), wrong, 403)


@renewal.post("/renew")
@may_call(ANYONE)
@shown_again_by(_again)
def renew() -> Response:
    card, surname = (request.form.get(name, "").strip() for name in ("card_number", "surname"))
    if not card or not surname:
        return _shown(card, surname, say("Write the card number and the surname."), 422)
    try:
        answer = asking.act("loans", asking.path("/renewals"), body={"card_number": card, "surname": surname})
    except Refused as refused:
        return _shown(card, surname, refused.sentence, refused.status)
    except PeerDown as down:
        return _shown(card, surname, errors.not_done(down), 503)
    return make_response(render_template("renewed.html", answer=answer, lead=leading(answer)))


@dataclass(frozen=True)
class Lead:
    """What the page leads with. `kind`: nothing, renewed, refused or, where no renewal is needed, as `books.Summary`.

    `on`: the earliest day, YYYY-MM-DD.
    """

    kind: str
    on: str | None = None


def leading(answer: Mapping[str, Any]) -> Lead:
    """Nobody is led to think that something went wrong where nothing was to be gained."""
    books = answer["books"]
    if not books:
        return Lead("nothing")
    if answer["renewed"]:
        return Lead("renewed")
    if any(book["reason"] != "not_needed" for book in books):
        return Lead("refused")
    days = {book["due_on"] for book in books}
    if days == {None}:
        return Lead("until_open")
    return Lead("one_day" if len(days) == 1 else "several_days", min(filter(None, days)))


def _shown(card: str = "", surname: str = "", wrong: str = "", status: int = 200) -> Response:
    return make_response(render_template("renew.html", card=card, surname=surname, wrong=wrong), status)
