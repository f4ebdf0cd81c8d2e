"""A form that its browser carries from page to page in a sealed cookie of its own, so that nothing is written here."""

from __future__ import annotations

import base64
import zlib

import orjson
from flask import Response, g, request

from services.gateway import asking
from services.gateway.declaring import Content
from services.gateway.security import behind_tls
from shared.sealed import BrokenSeal, seal, unseal

COOKIE = "practice"
PURPOSE = "practice on the console"
PATH = "/staff/practice"
MOST = 3_900
"""Browsers take 4,096 bytes with name and attributes; two such cookies would be more than a server takes."""


class TooMuch(ValueError):
    """What was typed does not fit into a cookie."""


def sealed(who: str, content: Content) -> str:
    """`who`: the subject it belongs to; another who signs in on the same device does not see it. Raises TooMuch."""
    packed = base64.b64encode(zlib.compress(orjson.dumps([who, content]), 9)).decode()
    found = seal(g.secret, PURPOSE, packed)
    if len(found) > MOST:
        raise TooMuch
    return found


def brought(who: str) -> Content | None:
    """What this browser carries for that subject; None for nothing."""
    try:
        packed = unseal(g.secret, PURPOSE, request.cookies.get(COOKIE, ""))
        owner, content = orjson.loads(zlib.decompress(base64.b64decode(packed)))
    except (BrokenSeal, ValueError, zlib.error):
        return None
    return content if owner == who else None


def hand_over(response: Response, cookie: str) -> Response:
    """Until the browser is closed, and to the pages of practice only."""
    secure = behind_tls(asking.settings())
    response.set_cookie(COOKIE, cookie, path=PATH, httponly=True, samesite="Lax", secure=secure)
    return response


def take_away(response: Response) -> Response:
    response.delete_cookie(COOKIE, path=PATH)
    return response
