"""The front page: what is closed and until when, and the two things readers come for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from services.gateway import asking, words
from services.gateway.opening import Branch
from services.gateway.pages.common import branch_views, page
from services.gateway.public_lists import public_lists
from shared import clock
from shared.auth import ANYONE, may_call
from shared.language import LANGUAGES, text_in

home = Blueprint("home", __name__)
MOST_TODAY = 3


@home.get("/")
@may_call(ANYONE)
def front() -> Response:
    lists, now = public_lists(), time.monotonic()
    found = lists.fill(asking.look_up(**lists.branches_and_stale(now)), now)
    branches = list(branch_views(found["branches"]).values())
    closed = [branch for branch in branches if branch.closed]
    closing = sorted((branch for branch in branches if branch.closes_on), key=lambda each: each.closes_on or date.max)
    return page(
        "home.html",
        found,
        branches=branches,
        closed=closed,
        closing=closing,
        everywhere=bool(closed) and len(closed) == len(branches),
        opens=first_opening(closed),
        together=len({branch.reopens_on for branch in closed}) == 1,
        reason=closed[0].reason if closed and all(each.reason == closed[0].reason for each in closed) else None,
        announcement=announcement(closed) if closed else None,
        quizzes=lists.quizzes.last.items[:MOST_TODAY],
        now=clock.now(),
    )


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
