"""Change this quarantine: three choices, each with its consequence in numbers before anything is done."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, declaring, pictures, progress, sessions
from services.gateway.asking import Refused
from services.gateway.declaring import Content, Wrongs
from services.gateway.kept_forms import shown_again_as
from services.gateway.pages.common import BRANCHES, branch_views, page
from services.gateway.pages.staff import foreseen, steps
from services.gateway.pages.staff.quarantine import may_decide, one
from services.gateway.words import say
from shared import clock
from shared.auth import may_call
from shared.peers import PeerDown

change = Blueprint("change", __name__, url_prefix="/staff/quarantines/<uuid:quarantine_id>")
CHOICES = ("day", "open", "undo")
NUMBERED = {"day": "cancel", "open": "lift", "undo": "cancel"}
"""Choice -> the preview its numbers are of. Whatever undoing would move hangs on the opening day."""
DECISIONS: Mapping[str, tuple[str, str, str, str]] = {
    "day": ("change", "changed", "PATCH", ""),
    "open": ("lift", "lifted", "POST", "/lift"),
    "undo": ("cancel", "cancelled", "POST", "/cancel"),
}
"""Choice -> (decision as the preview calls it, state it leads to, method, end of the path)."""


def titles() -> dict[str, str]:
    return {
        "day": say("Change the opening day"),
        "open": say("End the quarantine"),
        "undo": say("Declared by mistake: undo"),
    }


def possible(data: Mapping[str, Any]) -> list[str]:
    """What may still be done with a quarantine."""
    return [choice for choice in CHOICES if DECISIONS[choice][0] in data["decisions_left"]]


@change.get("/change")
@may_call("operator")
def choose(quarantine_id: uuid.UUID) -> Response:
    """The choices, each with its numbers where they are known in time."""
    numbers = ("quarantines", asking.path(f"/quarantines/{quarantine_id}/choices"))
    found = asking.look_up(
        patience=asking.LONG_READ_SECONDS, quarantine=one(quarantine_id), branches=BRANCHES, numbers=numbers
    )
    data, counted = found["quarantine"].data, found["numbers"]
    if data is None:
        raise PeerDown("quarantines", "did not answer")
    known = not counted.away and counted.data["version"] == data["version"]
    return page(
        "staff/quarantines/choices.html",
        found,
        each=data,
        branches=branch_views(found["branches"]),
        titles=titles(),
        books=progress.step_of(data["progress"], progress.BOOKS),
        messages=progress.step_of(data["progress"], progress.MESSAGES),
        choices={choice: _numbers(counted.data, choice) if known else None for choice in possible(data)},
    )


def _numbers(counted: Mapping[str, Any], choice: str) -> Mapping[str, Any] | None:
    """None where not even the books were counted."""
    preview: Mapping[str, Any] | None = counted[NUMBERED[choice]]
    return preview if preview and preview["loans"] is not None else None


@change.get("/extend")
@may_call("operator")
def extend(quarantine_id: uuid.UUID) -> Response:
    return redirect(url_for("change.ask", quarantine_id=quarantine_id, choice="day"))


@change.get("/change/<choice>")
@may_call("operator")
def ask(quarantine_id: uuid.UUID, choice: str) -> Response:
    data = asking.act(*one(quarantine_id), method="GET")
    _require(choice, data)
    return _asked(data, choice, _as_it_is(data, choice))


def _content() -> Content:
    return {name: request.form.get(name, "").strip() for name in ("end", "reopens_on", "note", "version")}


def _again(quarantine_id: uuid.UUID, choice: str) -> Response:
    """The question with the answers; its consequence is counted anew before anything is done."""
    return _asked(asking.act(*one(quarantine_id), method="GET"), choice, _content())


@change.post("/change/<choice>")
@may_call("operator")
@shown_again_as(_again)
def answer(quarantine_id: uuid.UUID, choice: str) -> Response:
    """Shows the consequence or, once that was seen, does it. The version seen goes along with both."""
    if choice not in CHOICES:
        abort(404)
    content, sure = _content(), request.form.get("go") == "sure"
    data = None if sure else asking.act(*one(quarantine_id), method="GET")
    try:
        return _consequence(data, choice, content) if data else _do(quarantine_id, choice, content)
    except Refused as refused:
        return _refused(refused, data or asking.act(*one(quarantine_id), method="GET"), choice, content)


def _refused(refused: Refused, data: Mapping[str, Any], choice: str, content: Content) -> Response:
    if refused.status == 412:
        return _meanwhile(data, choice, content)
    if refused.status == 409:
        sessions.tell(refused.detail, "refused")
        return redirect(url_for("quarantine.show", quarantine_id=data["id"]), 303)
    if refused.status != 422:
        raise refused
    return _asked(data, choice, content, declaring.said_by_service(refused.errors)[1])


def _require(choice: str, data: Mapping[str, Any]) -> None:
    if not may_decide(data):
        abort(403)
    if choice not in possible(data):
        abort(404)


def _as_it_is(data: Mapping[str, Any], choice: str) -> Content:
    known = data["next_open_day"] if choice == "open" else data["reopens_on"] or ""
    return {"end": "known" if known else "unknown", "reopens_on": known, "note": "", "version": data["version"]}


def _asked(data: Mapping[str, Any], choice: str, content: Content, wrongs: Wrongs | None = None) -> Response:
    values = _values(data) | {"choice": choice, "content": content, "wrongs": wrongs or {}}
    return make_response(render_template("staff/quarantines/change.html", **values), 422 if wrongs else 200)


def _values(data: Mapping[str, Any]) -> dict[str, Any]:
    branches = asking.look_up(branches=BRANCHES)["branches"]
    return {"each": data, "branches": branch_views(branches), "titles": titles(), "today": steps.today()}


def _consequence(data: Mapping[str, Any], choice: str, content: Content) -> Response:
    _require(choice, data)
    if wrongs := _wrongs(data, choice, content):
        return _asked(data, choice, content, wrongs)
    body = {"decision": DECISIONS[choice][0]} | _body(choice, content)
    path = asking.path(f"/quarantines/{data['id']}/preview")
    preview = asking.act("quarantines", path, body=body, version=content["version"])
    values = _values(data)
    return make_response(
        render_template(
            "staff/quarantines/consequence.html",
            choice=choice,
            content=content,
            preview=preview,
            picture=pictures.returns_picture(preview["returns"] or []),
            by_branch=pictures.by_branch(preview),
            languages_told=pictures.shares(preview["by_language"] or {}),
            channels_told=pictures.shares(preview["by_channel"] or {}),
            samples=preview["samples"] or [],
            warnings=foreseen.general_warnings(preview, values["branches"]),
            reopens_on=_reopens_on(choice, content),
            counted_at=clock.now(),
            **values,
        )
    )


def _wrongs(data: Mapping[str, Any], choice: str, content: Content) -> Wrongs:
    if choice == "undo":
        return {}
    asked = content | {"starts_on": data["starts_on"]}
    wrongs = declaring.wrongs("when", asked)
    same = choice == "day" and not wrongs and _reopens_on(choice, content) == data["reopens_on"]
    return {"reopens_on": say("This day is set already.")} if same else wrongs


def _reopens_on(choice: str, content: Content) -> str | None:
    return None if choice == "undo" or content["end"] == "unknown" else content["reopens_on"]


def _body(choice: str, content: Content) -> dict[str, Any]:
    note = {"note": content["note"]} if content["note"] else {}
    if choice == "undo":
        return note
    day = _reopens_on(choice, content)
    return note | ({"reopens_on": day} if day else {"ends_on": None})


def _do(quarantine_id: uuid.UUID, choice: str, content: Content) -> Response:
    _, _, method, end = DECISIONS[choice]
    path = asking.path(f"/quarantines/{quarantine_id}{end}")
    asking.act("quarantines", path, method=method, body=_body(choice, content), version=content["version"])
    sessions.tell(say("Done. The books and the messages follow by themselves."))
    return redirect(url_for("quarantine.show", quarantine_id=quarantine_id), 303)


def _meanwhile(data: Mapping[str, Any], choice: str, content: Content) -> Response:
    """Somebody changed it first. Where that was oneself, by pressing twice, it is simply done."""
    who, last = sessions.caller(), data["history"][-1]
    mine = who and last["by"] == who.subject and str(last["version"] - 1) == content["version"]
    if mine and last["state"] == DECISIONS[choice][1] and request.form.get("go") == "sure":
        return redirect(url_for("quarantine.show", quarantine_id=data["id"]), 303)
    since = [step for step in data["history"] if str(step["version"]) > content["version"]]
    values = _values(data) | {"choice": choice, "since": since, "retry": choice in possible(data)}
    return make_response(render_template("staff/quarantines/meanwhile.html", **values), 412)
