"""A form that was not taken, shown once more with what was typed: at once, or after signing in again.

For the time of a sign-in it lies sealed, for that person alone, in the page that asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

import orjson
from flask import Flask, current_app, g, make_response, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import BuildError, RequestRedirect
from werkzeug.wrappers import Response

from services.gateway import sessions
from services.gateway.words import say
from shared import clock
from shared.auth import ANYONE, Principal
from shared.sealed import BrokenSeal, seal, unseal

View = TypeVar("View", bound=Callable[..., Any])
Fields = MultiDict[str, str]
Show = Callable[..., Any]
"""(fields, what to say above them, the address's own parts by name) -> the form with those values in it."""
PURPOSE = "form kept over a sign-in"
FIELD = "kept"
HOLDS_SECONDS = 24 * 3600
MOST_BYTES = 64_000
LARGEST_SIGN_IN = 2 * MOST_BYTES
"""A sign-in's own form with such a one inside: sealing makes it a third longer."""
SECRETS = ("password", "secret", "pin")
FILES = (FIELD,)
"""Fields in which a page carries a file along."""
NOTHING: Fields = MultiDict()


@dataclass(frozen=True)
class Again:
    """How a form is shown once more.

    `page`: endpoint of the page it stands on, where that has another address; `words`: fields to read out where the
    form stands there no more; `but`: fields that are secrets here, beside those that always are.
    """

    show: Show
    page: str = ""
    words: Sequence[str] = ()
    but: Sequence[str] = ()


@dataclass(frozen=True)
class Address:
    """`path` as it is read, without escapes; `query` as it was sent."""

    path: str
    query: str = ""

    @classmethod
    def of(cls, url: str) -> Address:
        parts = urlsplit(url)
        return cls(unquote(parts.path), parts.query)

    def __str__(self) -> str:
        return quote(self.path) + (f"?{self.query}" if self.query else "")


@dataclass
class Sent:
    """A form as it was sent to an address, from a page. `lost`: the kinds of what cannot be kept, file or secret;
    `found`: that the page shown has its place for it."""

    to: Address
    page: Address
    fields: Fields
    lost: Sequence[str] = ()
    found: bool = field(default=False, compare=False)


def shown_again_by(show: Show, but: Sequence[str] = ()) -> Callable[[View], View]:
    """Says how a form is shown once more out of its fields and with what is to be said; never with a secret."""
    return _marked(Again(show, but=but))


def shown_again_as(page: Callable[..., Any], words: Sequence[str] = ()) -> Callable[[View], View]:
    """The same for a page that reads what was typed out of its request; what is to be said stands above it."""
    return _marked(Again(_telling(page), words=words))


def shown_again_on(endpoint: str, words: Sequence[str] = ()) -> Callable[[View], View]:
    """The same for a form that stands on a page of another address, which puts `typed` into its place."""

    def page(**args: Any) -> Any:
        path = request.path
        found, own = current_app.url_map.bind("").match(path, method="GET")
        return current_app.view_functions[found](**own)

    return _marked(Again(_telling(page), endpoint, words))


def _marked(again: Again) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.shown_again = again  # type: ignore[attr-defined]
        return view

    return mark


def _telling(page: Callable[..., Any]) -> Show:
    def show(_fields: Fields, wrong: str, **args: Any) -> Any:
        if wrong:
            sessions.tell(wrong, "refused")
        for kind in g.shown_again.lost:
            sessions.tell(_losses()[kind], "refused")
        return page(**args)

    return show


def _losses() -> Mapping[str, str]:
    return {
        "file": say("A file cannot be kept: please choose it once more."),
        "secret": say("A password is never kept: please write it once more."),
    }


def typed(address: str, **same: str) -> Fields:
    """What was sent from the form that goes to `address` and holds `same`, while it is shown once more; else empty."""
    sent: Sent | None = g.get("shown_again")
    if sent is None or sent.to.path != unquote(address):
        return NOTHING
    if any(sent.fields.get(name) != value for name, value in same.items()):
        return NOTHING
    sent.found = True
    return sent.fields


def own_address() -> str:
    """Where a form goes that is sent to the page it stands on, whatever address the browser shows for it."""
    return str(_here())


def install(app: Flask) -> None:
    app.jinja_env.globals.update(typed=typed, own_address=own_address)


def shown_again(wrong: str, back: str, status: int) -> Response | None:
    """The form just sent from the page `back`, with its values; None for one that does not say how."""
    again = _again_of(request.endpoint)
    return _shown(_just_sent(again, back), wrong, status) if again else None


def asking_to_sign_in(back: str) -> Response | None:
    """The sign-in page with the form just sent inside; None where there is nothing that may be kept."""
    who, again = sessions.visit().who, _again_of(request.endpoint)
    # What the page would not take is not even read.
    too_large = (request.content_length or 0) > (request.max_content_length or 0)
    if too_large or not (who and again):
        return None
    if not sessions.csrf_is_right(request.form.get(sessions.FIELD, "")):
        return None
    sent = _just_sent(again, back)
    kept = {"who": who, "at": clock.now().timestamp(), "to": str(sent.to), "page": str(sent.page), "lost": sent.lost}
    text = orjson.dumps(kept | {"fields": _open_fields(sent, again)}).decode()
    if len(text.encode()) > MOST_BYTES:
        sessions.tell(say("What you wrote was too long to be kept."), "refused")
        return None
    wrong = say("Your sign-in has ended; please sign in again. What you wrote is kept until then.")
    sealed = seal(g.secret, PURPOSE, text)
    html = render_template("sign_in.html", back=back, wrong=wrong, login="", kept=sealed)
    return Response(html, 401, content_type="text/html; charset=utf-8")


def after_sign_in(who: Principal) -> Response | None:
    """The form that was kept, for the same person to look at and send; None for anybody else."""
    kept = _opened(request.form.get(FIELD, ""))
    if kept.get("who") != who.subject or clock.now().timestamp() - kept["at"] > HOLDS_SECONDS:
        return None
    # Never empty: a page tells by that whether its form is shown once more, also where every box was emptied.
    fields: Fields = MultiDict([(sessions.FIELD, ""), *map(tuple, kept["fields"])])
    sent = Sent(Address.of(kept["to"]), Address.of(kept["page"]), fields, kept["lost"])
    endpoint, _ = _matched(sent.to)
    allowed = vars(current_app.view_functions[endpoint])["may_call"] if endpoint else ()
    if ANYONE not in allowed and not who.has(*allowed):
        return None
    return _shown(sent, "", 200)


def _here() -> Address:
    return Address(request.path, request.query_string.decode(errors="replace"))


def _just_sent(again: Again, back: str) -> Sent:
    has_file = any(each.filename for each in request.files.values()) or any(request.form.get(name) for name in FILES)
    has_secret = any(request.form.get(name) for name in (*SECRETS, *again.but))
    lost = [kind for kind, has in (("file", has_file), ("secret", has_secret)) if has]
    return Sent(_here(), Address.of(back), MultiDict(request.form), lost)


def _open_fields(sent: Sent, again: Again) -> list[tuple[str, str]]:
    left_out = {sessions.FIELD, *SECRETS, *FILES, *again.but}
    return [(name, value) for name, value in sent.fields.items(multi=True) if name not in left_out]


def _opened(sealed: str) -> Mapping[str, Any]:
    try:
        found: dict[str, Any] = orjson.loads(unseal(g.secret, PURPOSE, sealed)) if sealed else {}
    except (BrokenSeal, ValueError):
        return {}
    return found


def _again_of(endpoint: str | None) -> Again | None:
    view = current_app.view_functions.get(endpoint or "")
    found: Again | None = getattr(view, "shown_again", None)
    return found


def _matched(to: Address) -> tuple[str, Mapping[str, Any]]:
    """The endpoint that takes forms at that address, and the address's own parts; empty for none."""
    try:
        return current_app.url_map.bind("").match(to.path, method="POST")
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return "", {}


def _shown(sent: Sent, wrong: str, status: int) -> Response | None:
    endpoint, args = _matched(sent.to)
    again = _again_of(endpoint)
    address = _stands_at(again, sent, args) if again else None
    if again is None or address is None:
        return None
    with _as_sent_from(address, sent):
        if not wrong:
            sessions.tell(say("Nothing has been sent yet: look at what you wrote, then send it."), "kept")
        response = make_response(again.show(sent.fields, wrong, **args))
        if again.words and not sent.found:
            sessions.tell(say("This form is not on the page any more. You wrote: {text}", text=_read_out(again, sent)))
            response = make_response(again.show(sent.fields, wrong, **args))
    response.status_code = status
    return response


def _read_out(again: Again, sent: Sent) -> str:
    return "; ".join(filter(None, (sent.fields.get(name, "").strip() for name in again.words))) or "–"


def _stands_at(again: Again, sent: Sent, args: Mapping[str, Any]) -> Address | None:
    """The page of the form, with the search and the cursor it had; None where there is no such page."""
    if not again.page:
        return sent.to
    names = next(current_app.url_map.iter_rules(again.page)).arguments
    try:
        plain = Address.of(url_for(again.page, **{name: args.get(name, sent.fields.get(name)) for name in names}))
    except BuildError:
        return None
    return sent.page if sent.page.path == plain.path else plain


@contextmanager
def _as_sent_from(address: Address, sent: Sent) -> Iterator[None]:
    """A request as if the form had just come from there: what a page finds out about itself is right in it."""
    environ = request.environ | {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": address.path.encode().decode("latin-1"),
        "QUERY_STRING": address.query,
        "HTTP_REFERER": request.host_url.rstrip("/") + str(sent.page),
        "CONTENT_LENGTH": "0",
        "wsgi.input": BytesIO(),
    }
    # The outer request's trail in the log does not end with the inner one.
    trail, said = g.pop("trail", None), list(sessions.visit().said)
    g.shown_again = sent
    try:
        with current_app.request_context(environ):
            request.form = sent.fields  # type: ignore[assignment]
            request.files = MultiDict()  # type: ignore[assignment]
            yield
    except Exception:
        # What was to be said above the form is not said above what comes in its place.
        sessions.visit().said = said
        raise
    finally:
        g.pop("shown_again", None)
        if trail is not None:
            g.trail = trail
