"""What a reader writes to the library about their books: on a page of its own, and folded under My books."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, errors, sessions, words
from services.gateway.asking import Refused
from services.gateway.kept_forms import shown_again_by
from services.gateway.pages.links import family_of
from services.gateway.words import say
from shared.auth import ANYONE, READER, may_call
from shared.peers import PeerDown

questions = Blueprint("questions", __name__)


def _again(fields: Mapping[str, str], wrong: str) -> Response:
    return _shown(_written(fields), wrong, 403 if wrong else 200)


def _again_by_link(fields: Mapping[str, str], wrong: str, token: str) -> Response:
    return _shown(_written(fields), wrong, 403, token)


@questions.get("/books/question")
@may_call(READER)
def form() -> Response:
    return _shown()


@questions.post("/books/question")
@may_call(READER)
@shown_again_by(_again)
def ask() -> Response:
    return _sent({}, "")


@questions.get("/l/<token>/question")
@may_call(ANYONE)
def form_by_link(token: str) -> Response:
    return _shown(token=token)


@questions.post("/l/<token>/question")
@may_call(ANYONE)
@shown_again_by(_again_by_link)
def ask_by_link(token: str) -> Response:
    try:
        family = asking.look_up(in_our_name=True, link=family_of(token))["link"].data
    except Refused as refused:
        return errors.link_ended(refused)
    if family is None:
        wrong = errors.not_done(PeerDown("notify", "knows whose link it is"))
        return _shown(_written(request.form), wrong, 503, token)
    words.prefer(family["language"])
    readers = family["readers"]
    return _sent({"card_number": readers[0]["card_number"]} if readers else {}, token)


def _sent(about: Mapping[str, str], token: str) -> Response:
    """Sends what was written and leads back to the books; what could not be sent stays in its form."""
    written = _written(request.form)
    text, phone = written
    if not text:
        return _shown(written, say("Write what is wrong."), 422, token)
    body = {"text": text, "phone": phone or None, **about}
    try:
        asking.act("accounts", asking.path("/readers/questions"), body=body, in_our_name=bool(about))
    except Refused as refused:
        return _shown(written, refused.sentence, refused.status, token)
    except PeerDown as down:
        return _shown(written, errors.not_done(down), 503, token)
    sessions.tell(say("Thank you. The library reads it on its next working day and calls you back."))
    return redirect(_books(token), 303)


def _written(fields: Mapping[str, str]) -> tuple[str, str]:
    return fields.get("question", "").strip(), fields.get("phone", "").strip()


def _books(token: str) -> str:
    return url_for("links.open_link", token=token) if token else url_for("books.mine")


def _shown(written: tuple[str, str] = ("", ""), wrong: str = "", status: int = 200, token: str = "") -> Response:
    """`token`: of the private link that one came by."""
    action = url_for("questions.ask_by_link", token=token) if token else url_for("questions.ask")
    values = {"text": written[0], "callback": written[1], "wrong": wrong, "back": _books(token), "action": action}
    return make_response(render_template("question.html", **values), status)
