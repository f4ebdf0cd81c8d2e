"""Signing in with card and PIN (or login and password), and out."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from services.gateway import asking, sessions
from services.gateway.asking import Refused
from services.gateway.doors import after_sign_in, safe_path
from services.gateway.words import say
from shared.auth import ANYONE, may_call
from shared.peers import PeerDown

sign_in = Blueprint("sign_in", __name__)


@sign_in.get("/sign-in")
@may_call(ANYONE)
def form() -> Response:
    back = safe_path(request.args.get("back"))
    if who := sessions.caller():
        return redirect(after_sign_in(who.kind, back), 303)
    return _form(back)


@sign_in.post("/sign-in")
@may_call(ANYONE)
def begin() -> Response:
    back = safe_path(request.form.get("back"))
    login, secret = request.form.get("login", "").strip(), request.form.get("secret", "")
    if not login or not secret:
        return _form(back, say("Write the card number and the PIN."), login, 422)
    try:
        token = asking.act("accounts", asking.path("/tokens"), body={"login": login, "secret": secret})
    except Refused as refused:
        return _form(back, refused.detail, login, refused.status)
    who = sessions.begin(token["access_token"])
    return redirect(after_sign_in(who.kind, back), 303)


@sign_in.post("/sign-out")
@may_call(ANYONE)
def end() -> Response:
    if sessions.caller():
        asking.forget_caller()
        # The cookie goes in any case; the token ends by itself.
        with suppress(asking.SignInEnded, Refused, PeerDown):
            asking.act("accounts", asking.path("/tokens"), method="DELETE")
    sessions.end()
    sessions.tell(say("You have signed out."))
    response = redirect("/", 303)
    # Answers and pages that the quiz player keeps for a lost connection are nobody else's.
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


def _form(back: str, wrong: str = "", login: str = "", status: int = 200) -> Response:
    return make_response(render_template("sign_in.html", back=back, wrong=wrong, login=login), status)
