"""Privacy: what the library keeps about a reader, to take along, and to have erased."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from services.gateway import asking, sessions
from services.gateway.own_data import everything
from services.gateway.words import say
from shared.auth import ANYONE, READER, may_call

account = Blueprint("account", __name__)


@account.get("/privacy")
@may_call(ANYONE)
def privacy() -> str:
    return render_template("privacy.html")


@account.post("/privacy/export")
@may_call(READER)
def export() -> Response:
    """Everything of the reader's in one file. Raises PeerDown rather than give half of it."""
    body = orjson.dumps(everything(_own_card()), option=orjson.OPT_INDENT_2)
    headers = {"Content-Disposition": 'attachment; filename="my-library-data.json"'}
    return Response(body, content_type="application/json", headers=headers)


@account.get("/privacy/erase")
@may_call(READER)
def ask_to_erase() -> str:
    return render_template("erase.html", wrong="")


@account.post("/privacy/erase")
@may_call(READER)
def erase() -> AnyResponse | tuple[str, int]:
    if request.form.get("sure") != "yes":
        return render_template("erase.html", wrong=say("Tick the box if you are sure.")), 422
    asking.act("accounts", asking.path(f"/readers/{_own_card()}"), method="DELETE")
    asking.forget_caller()
    sessions.end()
    sessions.tell(say("Your data have been erased."))
    return redirect(url_for("home.front"), 303)


def _own_card() -> str:
    who = sessions.caller()
    if who is None or who.card_number is None:
        raise RuntimeError("a reader's token names no card")
    return who.card_number
