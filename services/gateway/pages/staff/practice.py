"""Practice: the whole declaration on the real numbers, which writes nothing and sends nothing.

The form is carried along in the page itself, so that not even a draft is kept.
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, declaring, pictures
from services.gateway.asking import Refused
from services.gateway.declaring import STEPS, Content
from services.gateway.pages.staff import steps
from shared import clock
from shared.auth import may_call

practice = Blueprint("practice", __name__)


class Carried:
    """The form goes from page to page with the pages."""

    practice = True

    def address(self, step: str) -> str:
        return url_for("practice.ask", step=step)

    def load(self) -> Content:
        return declaring.fresh(steps.today()) | _content(request.form.get("carried", ""))

    def keep(self, content: Content) -> None:
        """Nothing is kept."""

    def go(self, step: str, content: Content) -> Response:
        return steps.shown(self, step, content)

    def away(self) -> Response:
        return redirect(url_for("practice.front"), 303)


def _content(carried: str) -> Content:
    """What a page carried, as far as it is of the shape we gave it."""
    try:
        found = orjson.loads(carried or "{}")
    except orjson.JSONDecodeError:
        abort(422)
    known = {name for fields in declaring.FIELDS.values() for name in fields}
    if not isinstance(found, dict):
        abort(422)
    texts = {name: value for name, value in found.items() if name in known and isinstance(value, str)}
    branch, returns = found.get("branch", []), found.get("returns", {})
    if not (isinstance(branch, list) and isinstance(returns, dict)):
        abort(422)
    return texts | {"branch": [str(each) for each in branch], "returns": {k: str(v) for k, v in returns.items()}}


@practice.get("/staff/practice")
@may_call("operator")
def front() -> str:
    return render_template("staff/practice/front.html", practice=True)


@practice.get("/staff/practice/<step>")
@may_call("operator")
def ask(step: str) -> Response:
    if step not in STEPS and step != "finish":
        abort(404)
    if step != STEPS[0]:
        return redirect(url_for("practice.ask", step=STEPS[0]), 303)
    return steps.shown(Carried(), step, declaring.fresh(steps.today()))


@practice.post("/staff/practice/<step>")
@may_call("operator")
def answer(step: str) -> Response:
    place = Carried()
    return steps.answered(place, step if step in STEPS else abort(404), place.load())


@practice.post("/staff/practice/finish")
@may_call("operator")
def finish() -> Response:
    """The page one would come to after declaring, as it would be once all is done."""
    place = Carried()
    content = place.load()
    if unfinished := declaring.first_unfinished(content):
        return steps.shown(place, unfinished[0], content, unfinished[1])
    values = steps.values_of(place, "check", content)
    body = steps.body_of(content, values["chosen"])
    try:
        preview: dict[str, Any] = asking.act("quarantines", asking.path("/quarantines/preview"), body=body)
    except Refused as refused:
        if refused.status != 422:
            raise
        step, wrongs = declaring.said_by_service(refused.errors)
        return steps.shown(place, step, content, wrongs, values)
    told = None if preview["notices"] is None else preview["notices"] - (preview["unreachable"] or 0)
    return make_response(
        render_template(
            "staff/practice/finish.html",
            practice=True,
            body=body,
            preview=preview,
            reached=told,
            branches=values["branches"],
            languages_told=pictures.shares(preview["by_language"] or {}),
            channels_told=pictures.shares(preview["by_channel"] or {}),
            samples=preview["samples"] or [],
            now=clock.now(),
        )
    )
