"""Declare a quarantine: one question a page, kept as a draft, checked, declared once however often it is pressed."""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, declaring, sessions
from services.gateway.asking import Refused
from services.gateway.declaring import STEPS, Content
from services.gateway.kept_forms import shown_again_as
from services.gateway.pages.staff import steps
from services.gateway.words import say
from shared.auth import may_call
from shared.peers import PeerDown

declare = Blueprint("declare", __name__)


@dataclass(frozen=True)
class Kept:
    """The form lies in quarantines, so that it waits on every device of the one who writes it."""

    draft_id: str
    practice = False

    def address(self, step: str) -> str:
        return url_for("declare.ask", draft_id=self.draft_id, step=step)

    def load(self) -> Content:
        """What was kept; a new form for an id that nothing is kept under."""
        try:
            kept: Content = asking.act("quarantines", self._path, method="GET")["content"]
        except Refused as refused:
            if refused.status != 404:
                raise
            kept = {}
        return declaring.fresh(steps.today()) | kept

    def keep(self, content: Content) -> None:
        asking.act("quarantines", self._path, method="PUT", body={"content": content})

    def throw_away(self) -> None:
        asking.act("quarantines", self._path, method="DELETE")

    def go(self, step: str, content: Content) -> Response:
        return redirect(self.address(step), 303)

    def away(self) -> Response:
        return steps.said_later()

    @property
    def _path(self) -> str:
        return asking.path(f"/quarantines/drafts/{self.draft_id}")


@declare.get("/staff/declare")
@may_call("operator")
def begin() -> Response:
    return redirect(url_for("declare.ask", draft_id=uuid.uuid4(), step=STEPS[0]), 303)


@declare.get("/staff/declare/<uuid:draft_id>/<step>")
@may_call("operator")
def ask(draft_id: uuid.UUID, step: str) -> Response:
    place = Kept(str(draft_id))
    return steps.shown(place, _known(step), place.load())


def _again(draft_id: uuid.UUID, step: str) -> Response:
    place = Kept(str(draft_id))
    return steps.shown(place, _known(step), steps.typed(step, place.load()))


@declare.post("/staff/declare/<uuid:draft_id>/<step>")
@may_call("operator")
@shown_again_as(_again)
def answer(draft_id: uuid.UUID, step: str) -> Response:
    place = Kept(str(draft_id))
    return steps.answered(place, _known(step), place.load())


def _known(step: str) -> str:
    return step if step in STEPS else abort(404)


@declare.post("/staff/declare/<uuid:draft_id>/throw-away")
@may_call("operator")
def throw_away(draft_id: uuid.UUID) -> Response:
    Kept(str(draft_id)).throw_away()
    sessions.tell(say("The draft is gone."))
    return redirect(url_for("quarantines.overview"), 303)


@declare.post("/staff/declare/<uuid:draft_id>/declare")
@may_call("operator")
def deed(draft_id: uuid.UUID) -> Response:
    """Declares what the page of numbers showed. The draft's id is the key, so pressing twice declares once."""
    place = Kept(str(draft_id))
    try:
        made = asking.act(
            "quarantines",
            asking.path("/quarantines"),
            body=_as_checked(),
            headers={"Idempotency-Key": f"draft {draft_id}"},
        )
    except Refused as refused:
        if refused.status != 422:
            raise
        return _refused(place, refused)
    with suppress(Refused, PeerDown):
        place.throw_away()
    sessions.tell(say("The quarantine is declared. You may close this page: the work goes on by itself."))
    return redirect(url_for("quarantine.show", quarantine_id=made["id"]), 303)


def _as_checked() -> Any:
    try:
        return orjson.loads(request.form.get("declaration", ""))
    except orjson.JSONDecodeError:
        abort(422)


def _refused(place: Kept, refused: Refused) -> Response:
    if "Idempotency-Key" in refused.errors:
        sessions.tell(say("This was declared already, with other answers. Change it on its own page."), "refused")
        return redirect(url_for("quarantines.overview"), 303)
    step, wrongs = declaring.said_by_service(refused.errors)
    return steps.shown(place, step, place.load(), wrongs)
