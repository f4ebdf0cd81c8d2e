"""A PIN for who has none: a code to a contact on record, then a PIN of one's own choice."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, errors, sessions
from services.gateway.asking import Refused
from services.gateway.kept_forms import shown_again_by
from services.gateway.words import say
from shared.auth import ANYONE, may_call
from shared.peers import PeerDown

pins = Blueprint("pins", __name__)


@pins.get("/pin")
@may_call(ANYONE)
def ask() -> Response:
    return _shown("pin.html")


def _card_again(fields: Mapping[str, str], wrong: str) -> Response:
    return _shown("pin.html", fields.get("card_number", ""), wrong=wrong, status=403)


@pins.post("/pin")
@may_call(ANYONE)
@shown_again_by(_card_again)
def send_code() -> Response:
    """The same page follows for a card that exists and for one that does not."""
    card = request.form.get("card_number", "").strip()
    if not card:
        return _shown("pin.html", wrong=say("Write the card number."), status=422)
    try:
        asking.act("accounts", asking.path("/tokens/code"), body={"card_number": card})
    except Refused as refused:
        return _shown("pin.html", card=card, wrong=refused.sentence, status=refused.status)
    except PeerDown as down:
        return _shown("pin.html", card=card, wrong=errors.not_done(down), status=503)
    return _shown("pin_code.html", card=card)


def _code_again(fields: Mapping[str, str], wrong: str) -> Response:
    return _shown("pin_code.html", fields.get("card_number", ""), fields.get("code", ""), wrong, 403)


@pins.post("/pin/code")
@may_call(ANYONE)
@shown_again_by(_code_again, but=("code",))
def confirm() -> Response:
    card, code, pin = (request.form.get(name, "").strip() for name in ("card_number", "code", "pin"))
    if not (card and code and pin):
        return _shown("pin_code.html", card=card, code=code, wrong=say("Write the code and a new PIN."), status=422)
    try:
        body = {"card_number": card, "code": code, "pin": pin}
        asking.act("accounts", asking.path("/tokens/code/confirm"), body=body)
    except Refused as refused:
        return _shown("pin_code.html", card=card, code=code, wrong=refused.sentence, status=refused.status)
    except PeerDown as down:
        return _shown("pin_code.html", card=card, code=code, wrong=errors.not_done(down), status=503)
    sessions.tell(say("Your new PIN is set. Sign in with it."))
    return redirect(url_for("sign_in.form"), 303)


def _shown(template: str, card: str = "", code: str = "", wrong: str = "", status: int = 200) -> Response:
    return make_response(render_template(template, card=card, code=code, wrong=wrong), status)
