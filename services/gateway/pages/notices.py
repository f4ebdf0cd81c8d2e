"""Messages from the library: the inbox, one message, and the language they come in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from services.gateway import asking, sessions
from services.gateway.asking import Refused
from services.gateway.pages.common import page
from services.gateway.words import say, say_in
from shared.auth import READER, may_call
from shared.language import LANGUAGES

notices = Blueprint("notices", __name__)
ON_A_PAGE = 20
WISHES = asking.path("/notices/preferences")
HIDDEN = {"/l/…": "books.mine", "/unsubscribe/…": "notices.preferences"}
"""Private addresses as a kept message shows them, and the pages of who is signed in."""
PATH = r"(?:[^\s<>\"]*[^\s<>\".,;:!?)])?"
"""The rest of an address; a mark at its end belongs to the sentence."""


@notices.get("/notices")
@may_call(READER)
def inbox() -> Response:
    who = sessions.caller()
    card = who.card_number if who else None
    found = asking.look_up(
        notices=("notify", asking.path("/notices", limit=ON_A_PAGE, cursor=request.args.get("cursor"))),
        reader=("accounts", asking.path(f"/readers/{card}")),
    )
    listed = found["notices"].data or {"items": None}
    return page(
        "notices.html",
        found,
        notices=found["notices"].items,
        older=listed.get("next"),
        reader=found["reader"].data,
        to_guardian=listed["items"] == [] and _go_to_guardian(),
    )


def _go_to_guardian() -> bool:
    """Whether messages about the visitor's books go to somebody else; not said of who has only just registered."""
    try:
        wishes = asking.look_up(wishes=("notify", WISHES))["wishes"].data
    except Refused:
        return False
    return bool(wishes and wishes["to_guardian"])


@notices.get("/notices/<uuid:notice_id>")
@may_call(READER)
def read(notice_id: UUID) -> Response:
    """Reading counts as being told."""
    found = asking.look_up(notice=("notify", asking.path(f"/notices/{notice_id}")))
    notice = found["notice"].data
    body = with_links(notice, asking.settings().base_url()) if notice else ""
    return page("notice.html", found, notice=notice, body=body)


def with_links(notice: Mapping[str, Any], site: str) -> Markup:
    """The message as sent, every address of `site`, our own, a link.

    Where private links stood, hidden by now, the ways for who is signed in stand, named in the letter's language.
    """
    parts = re.split(rf"({re.escape(site)}/{PATH})", notice.get("body") or "")
    return Markup("").join(
        _link(part.removeprefix(site), part, notice["language"]) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )


def _link(path: str, address: str, language: str) -> Markup:
    if path in HIDDEN:
        path, address = url_for(HIDDEN[path]), say_in(language, "open")
    return Markup('<a href="{}">{}</a>').format(path, address)


@notices.get("/notices/preferences")
@may_call(READER)
def preferences() -> Response:
    found = asking.look_up(wishes=("notify", WISHES))
    return page("preferences.html", found, wishes=found["wishes"].data, kinds=kind_names(), channels=channel_names())


def kind_names() -> dict[str, str]:
    return {
        "digest": say("Your return dates have moved"),
        "correction": say("A date we told you has changed"),
        "due_soon": say("A book is due soon"),
        "overdue": say("The day has passed"),
        "reopening": say("The library opens again"),
        "announcement": say("The library closes, though none of your books is touched"),
    }


def channel_names() -> dict[str, str]:
    return {"email": say("e-mail"), "sms": say("SMS"), "telegram": "Telegram", "push": say("push message")}


@notices.post("/notices/preferences")
@may_call(READER)
def save_preferences() -> Response:
    """What is ticked is wanted; what is not named on the page stays as it is sent to everybody."""
    wishes = asking.act("notify", WISHES, method="GET")
    wanted = request.form.getlist("wanted")
    optional = [each["kind"] for each in wishes["kinds"] if not each["essential"]]
    off = {kind: [each for each in wishes["channels"] if f"{kind}:{each}" not in wanted] for kind in optional}
    asking.act("notify", WISHES, method="PUT", body={"off": {kind: gone for kind, gone in off.items() if gone}})
    sessions.tell(say("Saved."))
    return redirect(url_for("notices.preferences"), 303)


@notices.post("/notices/language")
@may_call(READER)
def choose_language() -> Response:
    who, chosen = sessions.caller(), request.form.get("language")
    if chosen not in LANGUAGES or who is None:
        abort(422)
    asking.act("accounts", asking.path(f"/readers/{who.card_number}"), method="PATCH", body={"language": chosen})
    sessions.tell(say("Messages will come in the language you chose."))
    return redirect(url_for("notices.inbox"), 303)
