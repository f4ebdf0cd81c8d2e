"""The second factor of staff: setting up an authenticator app with a picture to scan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import segno
from flask import Blueprint, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from services.gateway import asking, sessions
from services.gateway.asking import Refused
from services.gateway.words import say
from shared.auth import STAFF, may_call

second_factor = Blueprint("second_factor", __name__)
MINE = asking.path("/staff/me/second-factor")


@second_factor.get("/staff/second-factor")
@may_call(STAFF)
def show() -> Response:
    return _shown()


@second_factor.post("/staff/second-factor")
@may_call(STAFF)
def begin() -> Response:
    try:
        new = asking.act("accounts", MINE, body={"code": request.form.get("code", "").strip()})
    except Refused as refused:
        return _shown(refused.sentence, refused.status)
    return _new(new)


@second_factor.post("/staff/second-factor/confirm")
@may_call(STAFF)
def confirm() -> Response:
    try:
        asking.act("accounts", f"{MINE}/confirm", body={"code": request.form.get("code", "").strip()})
    except Refused as refused:
        # The picture is shown once; a mistyped code begins anew, as the key must not travel back and forth.
        sessions.tell(refused.sentence, "refused")
        return redirect(url_for("second_factor.show"), 303)
    sessions.tell(say("The app on your phone is set up."))
    return redirect(url_for("second_factor.show"), 303)


def _shown(wrong: str = "", status: int = 200) -> Response:
    found = asking.look_up(mine=("accounts", MINE))["mine"].data or {}
    return make_response(
        render_template("second_factor.html", set_up=found.get("set_up"), new=None, wrong=wrong), status
    )


def _new(new: Mapping[str, Any]) -> Response:
    picture = Markup(segno.make(new["address"], error="m").svg_inline(scale=5, border=2, omitsize=True))  # noqa: S704
    return make_response(render_template("second_factor.html", new=new, picture=picture, wrong=""))
