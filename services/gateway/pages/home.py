"""The front page: what is closed and until when, and the two things readers come for."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson
from flask import Blueprint, current_app, g, render_template
from flask.blueprints import BlueprintSetupState
from markupsafe import Markup
from werkzeug.wrappers import Response

from services.gateway import asking, words
from services.gateway.opening import Branch
from services.gateway.pages.common import page, views_of
from services.gateway.public_lists import public_lists
from shared import clock
from shared.auth import ANYONE, may_call
from shared.language import LANGUAGES, text_in

home = Blueprint("home", __name__)
MOST_TODAY = 3
MOST_FRONTS = 16


@dataclass(frozen=True)
class Front:
    """What everybody sees alike: `main`, and the `announcement` for search engines while a library is closed."""

    main: Markup
    announcement: Mapping[str, Any] | None


@home.record_once
def remember(setup: BlueprintSetupState) -> None:
    setup.app.extensions["fronts"] = lru_cache(MOST_FRONTS)(_front)


@home.get("/")
@may_call(ANYONE)
def front() -> Response:
    lists, now = public_lists(), time.monotonic()
    found = lists.fill(asking.look_up(**lists.branches_and_stale(now)), now)
    moment = clock.now()
    known = (found["branches"].body, found["branches"].away, lists.quizzes.last.body)
    shown = current_app.extensions["fronts"](g.language, *known, moment.replace(second=0, microsecond=0))
    return page("home.html", found, shown=shown, now=moment)


def _front(language: str, branch_list: bytes, away: bool, quizzes: bytes, minute: datetime) -> Front:
    """Made once a minute in each language: `minute` decides what is open."""
    branches = list(views_of(branch_list, asking.settings().country, minute).values())
    closed = [branch for branch in branches if branch.closed]
    closing = sorted((branch for branch in branches if branch.closes_on), key=lambda each: each.closes_on or date.max)
    main = render_template(
        "home_main.html",
        branches=branches,
        away=away,
        closed=closed,
        closing=closing,
        everywhere=bool(closed) and len(closed) == len(branches),
        opens=first_opening(closed),
        together=len({branch.reopens_on for branch in closed}) == 1,
        reason=closed[0].reason if closed and all(each.reason == closed[0].reason for each in closed) else None,
        quizzes=((orjson.loads(quizzes) or {}).get("items") or [])[:MOST_TODAY],
    )
    return Front(Markup(main), announcement(closed) if closed else None)  # noqa: S704


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
