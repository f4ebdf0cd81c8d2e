"""Practice: the whole declaration on the real numbers, which writes nothing and sends nothing.

The browser carries the form along in a sealed cookie, so that not even a draft is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, carried, declaring, pictures, sessions
from services.gateway.asking import Refused
from services.gateway.carried import TooMuch
from services.gateway.declaring import STEPS, Content
from services.gateway.kept_forms import shown_again_as
from services.gateway.pages.staff import steps
from services.gateway.words import say
from shared import clock
from shared.auth import may_call

practice = Blueprint("practice", __name__)
WHERE_TOO_MUCH = {"where": "branch", "when": "starts_on", "why": "reason_kk", "back": "returns", "whom": "note"}


class Carried:
    """`cookie`: what the browser is to carry from now on; empty while nothing new was answered."""

    practice = True

    def __init__(self) -> None:
        self.cookie = ""

    def address(self, step: str) -> str:
        return url_for("practice.ask", step=step)

    def brought(self) -> Content | None:
        """The answers so far; None before the first of them."""
        return carried.brought(_who())

    def load(self) -> Content:
        return declaring.fresh(steps.today()) | (self.brought() or {})

    def keep(self, content: Content) -> None:
        """Raises TooMuch."""
        self.cookie = carried.sealed(_who(), content)

    def go(self, step: str, content: Content) -> Response:
        return redirect(self.address(step), 303)

    def away(self) -> Response:
        return redirect(url_for("practice.front"), 303)


def _who() -> str:
    who = sessions.caller()
    return who.subject if who else ""


@practice.get("/staff/practice")
@may_call("operator")
def front() -> str:
    content = Carried().brought()
    unfinished = declaring.first_unfinished(content) if content else None
    onward = unfinished[0] if unfinished else "check"
    return render_template("staff/practice/front.html", practice=True, onward=onward if content else None)


@practice.get("/staff/practice/begin")
@may_call("operator")
def begin() -> Response:
    """Anew: what was answered before is forgotten."""
    return carried.take_away(make_response(redirect(url_for("practice.ask", step=STEPS[0]), 303)))


@practice.get("/staff/practice/<step>")
@may_call("operator")
def ask(step: str) -> Response:
    place = Carried()
    if _known(step) != STEPS[0] and place.brought() is None:
        return redirect(place.address(STEPS[0]), 303)
    return steps.shown(place, step, place.load())


def _again(step: str) -> Response:
    place = Carried()
    return steps.shown(place, _known(step), steps.typed(step, place.load()))


@practice.post("/staff/practice/<step>")
@may_call("operator")
@shown_again_as(_again)
def answer(step: str) -> Response:
    place = Carried()
    content = place.load()
    try:
        response = steps.answered(place, _known(step), content)
    except TooMuch:
        wrong = {WHERE_TOO_MUCH[step]: say("This is more than practice can carry. Write less here.")}
        return steps.shown(place, step, steps.typed(step, content), wrong)
    return carried.hand_over(make_response(response), place.cookie) if place.cookie else response


def _known(step: str) -> str:
    return step if step in STEPS else abort(404)


@practice.post("/staff/practice/finish")
@may_call("operator")
def press() -> Response:
    return redirect(url_for("practice.finish"), 303)


@practice.get("/staff/practice/finish")
@may_call("operator")
def finish() -> Response:
    """The page one would come to after declaring, as it would be once all is done."""
    place = Carried()
    content = place.load()
    if declaring.first_unfinished(content):
        return place.go("check", content)
    values = steps.values_of(place, "check", content)
    body = steps.body_of(content, values["chosen"])
    try:
        preview: dict[str, Any] = asking.act("quarantines", asking.path("/quarantines/preview"), body=body)
    except Refused as refused:
        if refused.status != 422:
            raise
        # The page of numbers asks the same and says what is wrong at its field.
        return place.go("check", content)
    told = None if preview["notices"] is None else preview["notices"] - (preview["unreachable"] or 0)
    return make_response(
        render_template(
            "staff/practice/finish.html",
            practice=True,
            body=body,
            preview=preview,
            rows=_rows(preview, told),
            reached=told,
            branches=values["branches"],
            languages_told=pictures.shares(preview["by_language"] or {}),
            channels_told=pictures.shares(preview["by_channel"] or {}),
            samples=preview["samples"] or [],
            now=clock.now(),
        )
    )


def _rows(preview: Mapping[str, Any], reached: int | None) -> list[dict[str, Any]]:
    """What would be done, and for how many of all; a row whose numbers are not known is left out."""
    wanted = (
        ("loans", say("Books"), preview["loans"], preview["loans"]),
        ("notify", say("Messages"), reached, preview["notices"]),
        ("accounts", say("Cards"), preview["cards"], preview["cards"]),
        ("quizzes", say("Online tests"), preview["deadlines"], preview["deadlines"]),
    )
    return [
        {"key": key, "name": name, "done": done, "total": total, "all": done == total}
        for key, name, done, total in wanted
        if done is not None and total is not None
    ]
