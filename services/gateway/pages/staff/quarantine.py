"""A quarantine's own page: one sentence of truth, how far the work is as it happens, and who is told."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.gateway import asking, errors, progress, sessions
from services.gateway.asking import Refused
from services.gateway.pages.common import BRANCHES, branch_views, page
from services.gateway.words import say
from shared import clock
from shared.auth import STAFF, may_call
from shared.peers import PeerDown

quarantine = Blueprint("quarantine", __name__, url_prefix="/staff/quarantines/<uuid:quarantine_id>")
MAY_RETRY = ("operator", "librarian", "admin")


def _release(quarantine_id: uuid.UUID) -> tuple[str, str]:
    return "notify", asking.path(f"/notices/releases/{quarantine_id}")


def one(quarantine_id: uuid.UUID) -> tuple[str, str]:
    return "quarantines", asking.path(f"/quarantines/{quarantine_id}")


@quarantine.get("")
@may_call(STAFF)
def show(quarantine_id: uuid.UUID) -> AnyResponse:
    found = asking.look_up(quarantine=one(quarantine_id), branches=BRANCHES, release=_release(quarantine_id))
    data = found["quarantine"].data
    values = _how_far(data, found["release"].data) | {"may": may_decide(data)} if data else {"each": None}
    return page("staff/quarantines/show.html", found, branches=branch_views(found["branches"]), **values)


def may_decide(data: Mapping[str, Any]) -> bool:
    """Whether the one signed in may decide on it: an operator of every branch it closes."""
    who = sessions.caller()
    held = who.branches("operator") if who else frozenset()
    return held is None or held.issuperset(data["scope"])


@quarantine.get("/live")
@may_call(STAFF)
def live(quarantine_id: uuid.UUID) -> str:
    """How far it is, for a page that is not told by itself: one that cannot be, or of work that has ended."""
    data = asking.act(*one(quarantine_id), method="GET")
    release = asking.look_up(release=_release(quarantine_id))["release"].data
    since = decided_since(data, request.args.get("version", type=int))
    return render_template("staff/quarantines/live.html", **_how_far(data, release), since=since)


def decided_since(data: Mapping[str, Any], version: int | None) -> list[Any]:
    """What colleagues decided after the version that a page shows."""
    return [step for step in data["history"] if version is not None and step["version"] > version]


@quarantine.get("/release")
@may_call(STAFF)
def release(quarantine_id: uuid.UUID) -> str:
    """When the messages begin, as a part of the page."""
    found = asking.look_up(quarantine=one(quarantine_id), release=_release(quarantine_id))
    data = found["quarantine"].data
    values = {"release": found["release"].data, "now": clock.now(), "quarantine_id": quarantine_id}
    values |= {"may": bool(data and may_decide(data)), "hold": asking.settings().notice_hold}
    return render_template("staff/quarantines/release.html", **values)


def _how_far(data: Mapping[str, Any], release: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "each": data,
        "quarantine_id": data["id"],
        "release": release,
        "hold": asking.settings().notice_hold,
        "rows": progress.rows(data["progress"], waits=bool(release and release["state"] in ("held", "stopped"))),
        "books": progress.step_of(data["progress"], progress.BOOKS),
        "messages": progress.step_of(data["progress"], progress.MESSAGES),
        "finished": progress.finished(data["progress"]),
        "tried_again": progress.TRIED_AGAIN,
        "now": clock.now(),
    }


@quarantine.get("/stream")
@may_call(STAFF)
def stream(quarantine_id: uuid.UUID) -> AnyResponse:
    """The service's stream as finished HTML; a quarter of the threads at most, the rest asks now and then."""
    found = asking.look_up(quarantine=one(quarantine_id), release=_release(quarantine_id))
    known = found["quarantine"].data or abort(503)
    places = _places()
    if not places.acquire(blocking=False):
        return errors.without("quarantines")
    try:
        path = asking.path(f"/quarantines/{quarantine_id}/progress")
        source = asking.stream("quarantines", path, request.headers.get("Last-Event-ID", ""))
    except BaseException:
        places.release()
        raise
    told = _told(source.parts, known, found["release"].data, _drawing())
    response = Response(told, content_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
    response.call_on_close(source.close)
    response.call_on_close(places.release)
    return response


def _told(
    parts: Iterator[bytes], known: Mapping[str, Any], release: Mapping[str, Any] | None, draw: Callable[..., str]
) -> Iterator[str]:
    for event in progress.events(parts):
        if event.data is None:
            yield event.raw.decode()
            continue
        yield progress.as_event("progress", draw({**known, **event.data}, release, known["version"]), event.id)
        if progress.finished(event.data["progress"]):
            yield progress.as_event("finished", "-", event.id)


def _drawing() -> Callable[..., str]:
    """Draws the live part as in this request, which is over for Flask while its stream goes on."""
    app, environ, kept = current_app._get_current_object(), request.environ, (g.language, g.secret)  # type: ignore[attr-defined]

    def draw(data: Mapping[str, Any], release: Mapping[str, Any] | None, shown: int) -> str:
        with app.request_context(environ):
            g.language, g.secret = kept
            if data["version"] != shown:
                data = _whole(data)
            since = decided_since(data, shown)
            return render_template("staff/quarantines/live.html", **_how_far(data, release), since=since)

    return draw


def _whole(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """With the decision that a stream tells only the number of; as it is while nobody can say more."""
    try:
        return {**asking.act(*one(uuid.UUID(data["id"])), method="GET"), "progress": data["progress"]}
    except (PeerDown, Refused, asking.SignInEnded):
        return data


def _places() -> threading.BoundedSemaphore:
    most = max(1, asking.settings().threads // 4)
    found: threading.BoundedSemaphore = current_app.extensions.setdefault("streams", threading.BoundedSemaphore(most))
    return found


@quarantine.post("/again/<service>")
@may_call(*MAY_RETRY)
def again(quarantine_id: uuid.UUID, service: str) -> AnyResponse:
    """What a part left out or stopped at, once more; the page then follows it live."""
    if service not in progress.TRIED_AGAIN:
        abort(404)
    started = asking.act(service, f"/runs/{quarantine_id}/retry")["started"]
    done, nothing = say("It is tried again now."), say("Nothing was left to try again. What waits goes on by itself.")
    sessions.tell(done if started else nothing)
    return redirect(f"/staff/quarantines/{quarantine_id}?follow=yes", 303)


@quarantine.post("/messages/<deed>")
@may_call("operator")
def messages(quarantine_id: uuid.UUID, deed: str) -> AnyResponse:
    """Stops the messages that have not begun, or lets them begin."""
    if deed not in ("stop", "start"):
        abort(404)
    with suppress(PeerDown):
        try:
            asking.act("notify", asking.path(f"/notices/releases/{quarantine_id}/{deed}"))
            sessions.tell(say("The messages are stopped.") if deed == "stop" else say("The messages begin now."))
        except Refused as refused:
            sessions.tell(refused.detail, "refused")
    return redirect(f"/staff/quarantines/{quarantine_id}", 303)
