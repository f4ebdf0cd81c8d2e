"""The language switch: remembers the choice and leads back to the same page."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from services.gateway import asking, words
from services.gateway.doors import safe_path
from services.gateway.security import behind_tls
from shared.auth import ANYONE, may_call
from shared.language import LANGUAGES

languages = Blueprint("languages", __name__)
A_YEAR = 365 * 24 * 3600


@languages.get("/language/<code>")
@may_call(ANYONE)
def choose(code: str) -> Response:
    if code not in LANGUAGES:
        abort(404)
    response = redirect(safe_path(request.args.get("back")), 303)
    secure = behind_tls(asking.settings())
    response.set_cookie(words.COOKIE, code, max_age=A_YEAR, samesite="Lax", secure=secure, httponly=True)
    return response
