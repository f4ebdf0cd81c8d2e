"""A form that came after its sign-in had ended: sealed for that person into the page that asks to sign in again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson
from flask import current_app, g, render_template, request
from werkzeug.wrappers import Response

from services.gateway import sessions
from services.gateway.words import say
from shared import clock
from shared.sealed import BrokenSeal, seal, unseal

View = TypeVar("View", bound=Callable[..., Any])
Show = Callable[..., Response]
"""(fields, what to say above them, the address's own parts by name) -> the form with those values in it."""
PURPOSE = "form kept over a sign-in"
FIELD = "kept"
HOLDS_SECONDS = 24 * 3600
MOST_BYTES = 16_000


def shown_again_by(show: Show) -> Callable[[View], View]:
    """Says how a form is shown once more with what was typed; never with a secret."""

    def mark(view: View) -> View:
        view.shown_again = show  # type: ignore[attr-defined]
        return view

    return mark


def shown_again(wrong: str) -> Response | None:
    """The form that was just sent, with its values; None for one that does not say how."""
    show = _show_of(request.endpoint)
    return show(request.form, wrong, **(request.view_args or {})) if show else None


def asking_to_sign_in(back: str) -> Response | None:
    """The sign-in page with the form just sent inside; None where there is nothing that may be kept."""
    who = sessions.visit().who
    # A file is not kept, so the form that brings one is not even read.
    too_large = (request.content_length or 0) > current_app.config["MAX_CONTENT_LENGTH"]
    if too_large or not (who and _show_of(request.endpoint)):
        return None
    if not sessions.csrf_is_right(request.form.get(sessions.FIELD, "")):
        return None
    fields = {name: value for name, value in request.form.items() if name != sessions.FIELD}
    kept = {"who": who, "at": clock.now().timestamp(), "endpoint": request.endpoint, "args": request.view_args or {}}
    text = orjson.dumps(kept | {"fields": fields}).decode()
    if len(text.encode()) > MOST_BYTES:
        return None
    wrong = say("Your sign-in has ended; please sign in again. What you wrote is kept until then.")
    sealed = seal(g.secret, PURPOSE, text)
    html = render_template("sign_in.html", back=back, wrong=wrong, login="", kept=sealed)
    return Response(html, 401, content_type="text/html; charset=utf-8")


def after_sign_in(who: str) -> Response | None:
    """The form that was kept, for the same person to look at and send; None for anybody else."""
    kept = _opened(request.form.get(FIELD, ""))
    show = _show_of(kept["endpoint"]) if kept.get("who") == who else None
    if show is None or clock.now().timestamp() - kept["at"] > HOLDS_SECONDS:
        return None
    return show(kept["fields"], "", **kept["args"])


def _opened(sealed: str) -> Mapping[str, Any]:
    try:
        found: dict[str, Any] = orjson.loads(unseal(g.secret, PURPOSE, sealed)) if sealed else {}
    except (BrokenSeal, ValueError):
        return {}
    return found


def _show_of(endpoint: str | None) -> Show | None:
    view = current_app.view_functions.get(endpoint or "")
    found: Show | None = getattr(view, "shown_again", None)
    return found
