"""The front page: what is closed and until when, and the two things readers come for."""

from __future__ import annotations

import time
from datetime import datetime
from functools import lru_cache

import orjson
from flask import Blueprint, current_app, g, make_response, render_template, request
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from services.gateway import asking, banners, errors, sessions
from services.gateway.pages.common import views_of
from services.gateway.public_lists import public_lists
from shared import clock
from shared.auth import ANYONE, may_call

home = Blueprint("home", __name__)
MOST_TODAY = 3
MOST_FRONTS = 32


@home.record_once
def remember(setup: BlueprintSetupState) -> None:
    setup.app.extensions["fronts"] = lru_cache(MOST_FRONTS)(_around_key)


@home.get("/")
@may_call(ANYONE)
def front() -> Response:
    """Made once a minute for everybody who is to see the same; nobody's books are on it."""
    lists, now = public_lists(), time.monotonic()
    branches = lists.fill(asking.look_up(**lists.branches_and_stale(now)), now)["branches"]
    who, minute = sessions.caller(), clock.now().replace(second=0, microsecond=0)
    told_alone = bool(sessions.visit().said or request.query_string)
    make = _around_key if told_alone else current_app.extensions["fronts"]
    parts = make(
        g.language,
        who.kind if who else "",
        branches.body,
        branches.away,
        branches.as_of,
        lists.quizzes.last.body,
        minute,
    )
    response = make_response(sessions.csrf_token().join(parts))
    return errors.trying_again(response) if branches.away else response


def _around_key(
    _language: str, _kind: str, branch_list: bytes, away: bool, as_of: datetime | None, quizzes: bytes, minute: datetime
) -> list[str]:
    """The page before and after each place of its forms' key; the caller's language and kind are the request's own."""
    settings = asking.settings()
    branches = list(views_of(branch_list, settings.country, minute).values())
    closed, coming = banners.now_closed(branches), banners.coming(branches)
    html = render_template(
        "home.html",
        branches=branches,
        away=("quarantines",) if away else (),
        as_of=as_of,
        now=minute,
        closed=closed,
        coming=coming,
        quizzes=((orjson.loads(quizzes) or {}).get("items") or [])[:MOST_TODAY],
        announcements=[banners.announcement(each, settings, g.language) for each in filter(None, [closed, *coming])],
    )
    return html.split(sessions.csrf_token())


@home.get("/help")
@may_call(ANYONE)
def no_pin_no_card() -> str:
    return render_template("help.html")


@home.get("/accessibility")
@may_call(ANYONE)
def accessibility() -> str:
    return render_template("accessibility.html")
