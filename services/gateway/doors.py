"""Who may open which page, and that every form was ours: decided before a page's own code runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from flask import Flask, abort, current_app, jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import kept_forms, sessions
from services.gateway.words import say
from shared.auth import ANYONE, READER, STAFF

View = TypeVar("View", bound=Callable[..., Any])
SAFE = ("GET", "HEAD", "OPTIONS")


def install(app: Flask) -> None:
    app.before_request(_tell_of_an_ended_sign_in)
    app.before_request(_take_as_much_as_the_page_does)
    app.before_request(_check_door)
    app.before_request(_check_form)
    app.jinja_env.globals["here"] = here
    kept_forms.install(app)


def require_everywhere(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if not hasattr(app.view_functions[rule.endpoint], "may_call"):
            raise RuntimeError(f"who may open {rule.rule}? Say so with @may_call")


def _tell_of_an_ended_sign_in() -> None:
    """On whatever page it comes back. With a form it is told by the answer to that."""
    if request.method == "GET" and request.endpoint not in (None, "asset") and sessions.has_expired():
        _end_sign_in()


def _end_sign_in() -> None:
    sessions.expire()
    sessions.tell(say("Your sign-in has ended; please sign in again."), "refused")


def _take_as_much_as_the_page_does() -> None:
    """Before anything reads the form: one whose sign-in has ended is read at the door already."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is not None and (largest := vars(view).get("largest_form")):
        request.max_content_length = request.max_form_memory_size = largest


def _check_door() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or ANYONE in vars(view)["may_call"]:
        return None
    who = sessions.caller()
    if who is None:
        return to_sign_in()
    return None if who.has(*vars(view)["may_call"]) else abort(403)


def _check_form() -> Response | None:
    if request.method in SAFE or request.endpoint is None:
        return None
    view = current_app.view_functions[request.endpoint]
    if vars(view).get("needs_no_key"):
        return None
    shown = request.form.get(sessions.FIELD, "") or request.headers.get("X-CSRF-Token", "")
    if sessions.csrf_is_right(shown):
        return None
    if request.is_json:
        return make_response(jsonify(detail=say("Open this page again, then everything is sent.")), 403)
    too_long = say("This page had been open for a long time. Please try once more.")
    if not _from_elsewhere() and (again := kept_forms.shown_again(too_long, here(), 403)):
        return again
    sessions.tell(too_long, "refused")
    return redirect(here(), 303)


def _from_elsewhere() -> bool:
    """Another site's form: what it would have somebody send is not laid before them as their own."""
    return bool(request.origin) and urlsplit(request.origin or "").netloc != request.host


def needs_no_key(view: View) -> View:
    """Lets a form be sent by whoever has its address: the address itself is a secret, and no cookie is asked for."""
    view.needs_no_key = True  # type: ignore[attr-defined]
    return view


def takes_up_to(largest: int) -> Callable[[View], View]:
    """Lets a page's form be larger than others: it brings files, or a form kept, of at most that many bytes."""

    def mark(view: View) -> View:
        view.largest_form = largest  # type: ignore[attr-defined]
        return view

    return mark


def to_sign_in() -> Response:
    """The sign-in page, which leads back to where one was, with what was written there."""
    if "HX-Request" in request.headers and request.method not in SAFE:
        # A part of a form that somebody is filling in: to leave the page would lose it; sending it tells.
        return Response(status=204)
    asked = None if request.method in SAFE else kept_forms.asking_to_sign_in(here())
    if asked:
        sessions.expire()
        return asked
    if sessions.visit().token:
        _end_sign_in()
    address = url_for("sign_in.form", back=here())
    # A part of a page cannot ask to sign in: the whole page goes there.
    return Response(headers={"HX-Redirect": address}) if "HX-Request" in request.headers else redirect(address, 303)


def here() -> str:
    """The page one is on; for a form that was sent, or a part of a page, the page it stood on."""
    if "HX-Request" in request.headers:
        return _inside(urlsplit(request.headers.get("HX-Current-URL", "")))
    if request.method in SAFE:
        return safe_path(request.full_path.rstrip("?"))
    came_from = urlsplit(request.referrer or "")
    return _inside(came_from) if came_from.netloc == request.host else "/"


def _inside(address: SplitResult) -> str:
    """Path and query, so that one comes back to the same card, filter or page of a list."""
    return safe_path(address.path + (f"?{address.query}" if address.query else ""))


def safe_path(path: str | None) -> str:
    """A path of this site; the home page for anything that could lead elsewhere."""
    fine = path and path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if path and fine and "\\" not in path else "/"


def after_sign_in(kind: str, back: str) -> str:
    """Where a sign-in leads: back, or to the first page of such a person."""
    firsts = {READER: "/books", STAFF: "/staff"}
    return firsts.get(kind, "/") if back in ("", "/") else back
