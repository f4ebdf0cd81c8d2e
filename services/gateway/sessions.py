"""A visit, kept in one sealed cookie: the access token inside never reaches a script, and nothing is stored here.

A sign-in ended in accounts ends here too: every service refuses its token.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from flask import Flask, Response, g, request

from services.gateway.security import behind_tls
from shared import auth
from shared.problems import Problem
from shared.sealed import BrokenSeal, seal, unseal
from shared.settings import Settings, secret_of

COOKIE = "kitaphana"
PURPOSE = "visit of the website"
FIELD = "csrf"
KEY_BYTES = 24
GUEST_BYTES = 32
GUEST_SECONDS = 60 * 24 * 3600
KEPT_SECONDS = 14 * 24 * 3600
"""How much longer than its token a cookie lives: gone with it, nobody would be told that a sign-in has ended."""
MOST_SAID = 12
MOST_REMEMBERED = 2048


@dataclass
class Visit:
    """`csrf`: key that this visit's forms must show; `token`: of whoever is signed in; `said`: for the next page;
    `guest`: the key by which the quizzes know a guest again, none before the first quiz; `who`: the subject of whoever
    signed in last, known still when the token has expired."""

    csrf: str
    token: str = ""
    said: list[dict[str, Any]] = field(default_factory=list)
    guest: str = ""
    who: str = ""


def visit() -> Visit:
    """The present visit; a new one for a first-time visitor."""
    if "visit" not in g:
        g.visit = _read(request.cookies.get(COOKIE, "")) or Visit(secrets.token_hex(KEY_BYTES))
        g.visit_as_read = orjson.dumps(g.visit) if COOKIE in request.cookies else b""
    found: Visit = g.visit
    return found


def _read(cookie: str) -> Visit | None:
    try:
        return Visit(**orjson.loads(_opened(g.secret, cookie))) if cookie else None
    except (BrokenSeal, ValueError, TypeError):
        return None


@lru_cache(maxsize=MOST_REMEMBERED)
def _opened(secret: str, cookie: str) -> str:
    """What a cookie holds; it comes with every page of a visit."""
    return unseal(secret, PURPOSE, cookie)


def caller() -> auth.Principal | None:
    """Who is signed in; None for nobody, also when the sign-in has expired."""
    if "caller" not in g:
        g.caller = _verified(visit().token)
    found: auth.Principal | None = g.caller
    return found


def _verified(token: str) -> auth.Principal | None:
    try:
        return auth.verify(g.secret, token) if token else None
    except Problem:
        return None


def begin(token: str) -> auth.Principal:
    """Signs in. The forms of the visit before do not count any more."""
    who = auth.verify(g.secret, token)
    g.visit = Visit(secrets.token_hex(KEY_BYTES), token, visit().said, who=who.subject)
    g.pop("caller", None)
    return who


def end() -> None:
    g.visit = Visit(secrets.token_hex(KEY_BYTES), said=visit().said)
    g.pop("caller", None)


def has_expired() -> bool:
    """A sign-in came back that holds no more."""
    return bool(visit().token) and caller() is None


def expire() -> None:
    """Ends the sign-in; the forms that stand open in this browser are still known as its own."""
    visit().token = ""
    g.pop("caller", None)


def become_guest() -> None:
    """Gives a visitor without a card the key to what they begin here; one a browser, gone with signing in or out."""
    visit().guest = visit().guest or secrets.token_urlsafe(GUEST_BYTES)


def tell(message: str, kind: str = "done", **about: Any) -> None:
    """Keeps a sentence for the next page; `kind` done or refused."""
    said = visit().said
    said.append({"message": message, "kind": kind, **about})
    del said[:-MOST_SAID]


def told() -> list[dict[str, Any]]:
    """What was kept, once."""
    said, visit().said = visit().said, []
    return said


def csrf_token() -> str:
    """The key masked anew for every page, so that a compressed page's size says nothing about it."""
    key = visit().csrf
    if g.get("csrf_shown", ("", ""))[0] != key:
        mask = secrets.token_bytes(len(key) // 2)
        g.csrf_shown = key, base64.urlsafe_b64encode(mask + _xor(mask, bytes.fromhex(key))).decode()
    shown: str = g.csrf_shown[1]
    return shown


def csrf_is_right(shown: str) -> bool:
    key = bytes.fromhex(visit().csrf)
    try:
        masked = base64.urlsafe_b64decode(shown)
    except ValueError:
        return False
    mask, rest = masked[: len(key)], masked[len(key) :]
    return len(rest) == len(key) and hmac.compare_digest(_xor(mask, rest), key)


def _xor(left: bytes, right: bytes) -> bytes:
    """Of two of equal length."""
    return (int.from_bytes(left) ^ int.from_bytes(right)).to_bytes(len(left))


def install(app: Flask, settings: Settings) -> None:
    secret, secure = secret_of(settings), behind_tls(settings)
    lasts = int(settings.token_hours * 3600) + KEPT_SECONDS

    @app.before_request
    def lend_secret() -> None:
        g.secret = secret

    @app.after_request
    def keep(response: Response) -> Response:
        if "visit" in g and (now := orjson.dumps(g.visit)) != g.visit_as_read:
            sealed = seal(secret, PURPOSE, now.decode())
            # A guest's way back to an unfinished quiz is this cookie alone; a token inside ends by itself.
            seconds = max(GUEST_SECONDS, lasts) if g.visit.guest else lasts
            response.set_cookie(COOKIE, sealed, max_age=seconds, httponly=True, samesite="Lax", secure=secure)
        return response

    app.jinja_env.globals.update(csrf_token=csrf_token, caller=caller, told=told)
