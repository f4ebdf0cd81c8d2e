"""Leaving a kind of message from the address that stands in it: a person opens it, a mail program posts to it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from services.gateway import asking, errors, words
from services.gateway.asking import Refused
from services.gateway.doors import needs_no_key
from services.gateway.pages.notices import kind_names
from shared.auth import ANYONE, may_call
from shared.peers import PeerDown

mailings = Blueprint("mailings", __name__)


@mailings.get("/unsubscribe/<token>")
@may_call(ANYONE)
def ask_to_leave(token: str) -> Response:
    return _shown(token)


@mailings.post("/unsubscribe/<token>")
@may_call(ANYONE)
@needs_no_key
def leave(token: str) -> Response:
    """By the button of the page, or by a mail program's one click (RFC 8058): without a cookie, and led nowhere."""
    return _done(token, "POST")


@mailings.post("/unsubscribe/<token>/undo")
@may_call(ANYONE)
@needs_no_key
def come_back(token: str) -> Response:
    return _done(token, "DELETE")


def _done(token: str, method: str) -> Response:
    try:
        asking.act("notify", _path(token), method=method, in_our_name=True)
    except Refused as refused:
        return _shown(token, refused.detail, refused.status)
    except PeerDown as down:
        return _shown(token, errors.not_done(down), 503)
    return _shown(token)


def _shown(token: str, wrong: str = "", status: int = 200) -> Response:
    try:
        mailing = asking.look_up(in_our_name=True, mailing=("notify", f"{_path(token)}/mailing"))["mailing"].data
    except Refused as refused:
        return make_response(_page(token, None, refused.detail, ended=True), refused.status)
    if mailing:
        words.prefer(mailing["language"])
    return make_response(_page(token, mailing, wrong), status)


def _page(token: str, mailing: dict[str, Any] | None, wrong: str, *, ended: bool = False) -> str:
    kind = kind_names().get(mailing["kind"]) if mailing else None
    return render_template("unsubscribe.html", token=token, mailing=mailing, kind=kind, wrong=wrong, ended=ended)


def _path(token: str) -> str:
    return asking.path(f"/notices/unsubscribe/{token}")
