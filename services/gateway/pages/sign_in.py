"""Signing in with card and PIN (or login and password), and out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from services.gateway import asking, errors, kept_forms, sessions
from services.gateway.asking import Refused
from services.gateway.doors import after_sign_in, safe_path, takes_up_to
from services.gateway.kept_forms import shown_again_by
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


def _again(fields: Mapping[str, str], wrong: str) -> Response:
    return _form(safe_path(fields.get("back")), wrong, fields.get("login", ""), 403)


@sign_in.post("/sign-in")
@may_call(ANYONE)
@takes_up_to(kept_forms.LARGEST_SIGN_IN)
@shown_again_by(_again)
def begin() -> Response:
    back = safe_path(request.form.get("back"))
    login, secret = request.form.get("login", "").strip(), request.form.get("secret", "")
    if not login or not secret:
        return _form(back, say("Write the card number and the PIN."), login, 422)
    try:
        body = {"login": login, "secret": secret}
        token = asking.act("accounts", asking.path("/tokens"), body=body, in_our_name=True)
    except Refused as refused:
        if refused.problem.get("reason") == "second-factor":
            return _code_form(back, refused.problem["continue_with"])
        return _form(back, refused.sentence, login, refused.status)
    except PeerDown as down:
        return _form(back, errors.not_done(down), login, 503)
    return _let_in(token, back)


def _code_again(fields: Mapping[str, str], wrong: str) -> Response:
    return _code_form(safe_path(fields.get("back")), fields.get("ticket", ""), wrong, 403)


@sign_in.post("/sign-in/code")
@may_call(ANYONE)
@takes_up_to(kept_forms.LARGEST_SIGN_IN)
@shown_again_by(_code_again, but=("code", "ticket"))
def go_on() -> Response:
    """The second step of staff outside the building."""
    back = safe_path(request.form.get("back"))
    ticket, code = request.form.get("ticket", ""), request.form.get("code", "").strip()
    if not code:
        return _code_form(back, ticket, say("Write the code."), 422)
    try:
        body = {"continue_with": ticket, "code": code}
        token = asking.act("accounts", asking.path("/tokens/second-factor"), body=body, in_our_name=True)
    except Refused as refused:
        if refused.status == 401:
            return _form(back, refused.detail, status=401)
        return _code_form(back, ticket, refused.sentence, refused.status)
    except PeerDown as down:
        return _code_form(back, ticket, errors.not_done(down), 503)
    return _let_in(token, back)


def _let_in(token: dict[str, Any], back: str) -> Response:
    who = sessions.begin(token["access_token"])
    return kept_forms.after_sign_in(who) or redirect(after_sign_in(who.kind, back), 303)


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


def _code_form(back: str, ticket: str, wrong: str = "", status: int = 200) -> Response:
    return _asked("sign_in_code.html", status, back=back, ticket=ticket, wrong=wrong)


def _form(back: str, wrong: str = "", login: str = "", status: int = 200) -> Response:
    return _asked("sign_in.html", status, back=back, login=login, wrong=wrong)


def _asked(template: str, status: int, **values: str) -> Response:
    kept = request.form.get(kept_forms.FIELD, "")
    return make_response(render_template(template, kept=kept, **values), status)
