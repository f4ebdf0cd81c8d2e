"""The front page: what is closed and until when, and the two things readers come for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson
from flask import Blueprint, current_app, g, make_response, render_template, request
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from services.gateway import asking, errors, sessions, words
from services.gateway.opening import Branch
from services.gateway.pages.common import views_of
from services.gateway.public_lists import public_lists
from shared import clock
from shared.auth import ANYONE, may_call
from shared.language import LANGUAGES, text_in

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
    branches = list(views_of(branch_list, asking.settings().country, minute).values())
    closed = [branch for branch in branches if branch.closed]
    closing = sorted((branch for branch in branches if branch.closes_on), key=lambda each: each.closes_on or date.max)
    html = render_template(
        "home.html",
        branches=branches,
        away=("quarantines",) if away else (),
        as_of=as_of,
        now=minute,
        closed=closed,
        closing=closing,
        everywhere=bool(closed) and len(closed) == len(branches),
        opens=first_opening(closed),
        together=len({branch.reopens_on for branch in closed}) == 1,
        reason=closed[0].reason if closed and all(each.reason == closed[0].reason for each in closed) else None,
        quizzes=((orjson.loads(quizzes) or {}).get("items") or [])[:MOST_TODAY],
        announcement=announcement(closed) if closed else None,
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


def first_opening(closed: Sequence[Branch]) -> date | None:
    """The day the first of them opens again; none while that is not known of every one."""
    days = [branch.reopens_on for branch in closed if branch.reopens_on]
    return min(days) if days and len(days) == len(closed) else None


def announcement(closed: Sequence[Branch]) -> dict[str, Any]:
    """schema.org's SpecialAnnouncement as JSON-LD: data, which no browser runs."""
    settings = asking.settings()
    last = max((branch.reopens_on for branch in closed if branch.reopens_on), default=None)
    about: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "SpecialAnnouncement",
        "name": words.say("The library is closed for now"),
        "text": words.say("Return dates have been moved; you do not need to do anything."),
        "url": settings.base_url(),
        "inLanguage": list(LANGUAGES),
        "announcementLocation": [
            {"@type": "Library", "name": text_in(branch.name, "kk")[0], "telephone": settings.library_phone}
            for branch in closed
        ],
    }
    return about | ({"expires": last.isoformat()} if last and first_opening(closed) else {})
