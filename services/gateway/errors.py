"""Pages for what went wrong: each says what still works and what to do next."""

from __future__ import annotations

from contextlib import suppress

from flask import Flask, make_response, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from services.gateway import asking, away, doors, kept_forms
from services.gateway.words import say
from shared import observability
from shared.front import API, nothing_here
from shared.observability import log
from shared.peers import PeerDown

TRY_AGAIN_SECONDS = 20


def title(status: int) -> str:
    titles = {
        403: say("This page is not for you"),
        404: say("There is no such page"),
        405: say("There is no such page"),
        413: say("That was too much at once"),
        422: say("Please correct this"),
        429: say("Too many tries"),
        503: say("A part of the site is not answering right now."),
    }
    return titles.get(status, say("Something went wrong"))


def install(app: Flask) -> None:
    app.jinja_env.globals.update(error_title=title, not_done=not_done, what_is_away=away.sentences)
    app.jinja_env.globals["again_seconds"] = TRY_AGAIN_SECONDS
    app.register_error_handler(asking.SignInEnded, lambda _: doors.to_sign_in())
    app.register_error_handler(asking.Refused, lambda refused: shown(refused.status, refused.sentence))
    app.register_error_handler(PeerDown, _away)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _http_error(error: HTTPException) -> Response:
    return nothing_here(error) if request.path.startswith(API) else shown(error.code or 500)


def shown(status: int, detail: str = "", down: PeerDown | None = None) -> Response:
    """`down`: the service that is away, for a 503."""
    number = observability.correlation_id()
    html = render_template("error.html", status=status, detail=detail, number=number, down=down)
    return make_response(html, status)


def link_ended(refused: asking.Refused) -> Response:
    """In place of what a private link opened once: the other ways to the same books. Raises what is no such refusal."""
    if refused.status != 404:
        raise refused
    return make_response(render_template("link_ended.html", detail=refused.detail), 404)


def without(service: str) -> Response:
    """The page in place of one that can show nothing without that service."""
    return _away(PeerDown(service, "is needed for the page"))


def _away(error: PeerDown) -> Response:
    log.warning("a service is away", service=error.service, error=str(error))
    return _form_again(error) or trying_again(shown(503, down=error))


def _form_again(error: PeerDown) -> Response | None:
    """What was typed, to be sent once more; None for a page that is only read, or cannot be shown without a service."""
    if request.method in doors.SAFE:
        return None
    with suppress(PeerDown, asking.Refused, asking.SignInEnded):
        return kept_forms.shown_again(not_done(error), doors.here(), 503)
    return None


def trying_again(response: Response) -> Response:
    """What is asked for once more by itself: by a script of the page, which stops where somebody types."""
    if response.status_code == 503:
        response.headers["Retry-After"] = str(TRY_AGAIN_SECONDS)
    return response


def not_done(down: PeerDown) -> str:
    """What to say above a form that could not be carried out."""
    if down.unsure:
        said = say("No answer came. Look whether it was done; if not, please send it once more.")
    else:
        said = say("Nothing was done: a part of the site is not answering. Please send it once more in a moment.")
    return f"{said} {away.sentence(down.service)}".strip()


def _unexpected(error: Exception) -> Response:
    log.exception("unexpected error", error=type(error).__name__)
    return shown(500)
