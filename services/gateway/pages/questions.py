"""What a reader writes to the library about their books: on a page of its own, and folded under My books."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, errors, sessions
from services.gateway.asking import Refused
from services.gateway.words import say
from shared.auth import ANYONE, READER, may_call
from shared.peers import PeerDown

questions = Blueprint("questions", __name__)


@questions.get("/books/question")
@may_call(READER)
def form() -> Response:
    return _shown(url_for("books.mine"))


@questions.post("/books/question")
@may_call(READER)
def ask() -> Response:
    return _sent(url_for("books.mine"))


@questions.get("/l/<token>/question")
@may_call(ANYONE)
def form_by_link(token: str) -> Response:
    return _shown(url_for("links.open_link", token=token))


@questions.post("/l/<token>/question")
@may_call(ANYONE)
def ask_by_link(token: str) -> Response:
    books = url_for("links.open_link", token=token)
    link = ("notify", asking.path(f"/notices/links/{token}"))
    family = asking.look_up(in_our_name=True, link=link)["link"].data
    if family is None:
        return _shown(books, errors.not_done(PeerDown("notify", "knows whose link it is")), 503)
    readers = family["readers"]
    return _sent(books, {"card_number": readers[0]["card_number"]} if readers else {}, in_our_name=bool(readers))


def _sent(books: str, about: Mapping[str, str] | None = None, *, in_our_name: bool = False) -> Response:
    """Sends what was written and leads back to the books; what could not be sent stays in its form."""
    text, phone = _written()
    if not text:
        return _shown(books, say("Write what is wrong."), 422)
    body = {"text": text, "phone": phone or None, **(about or {})}
    try:
        asking.act("accounts", asking.path("/readers/questions"), body=body, in_our_name=in_our_name)
    except Refused as refused:
        return _shown(books, refused.sentence, refused.status)
    except PeerDown as down:
        return _shown(books, errors.not_done(down), 503)
    sessions.tell(say("Thank you. The library reads it on its next working day and calls you back."))
    return redirect(books, 303)


def _written() -> tuple[str, str]:
    return request.form.get("question", "").strip(), request.form.get("phone", "").strip()


def _shown(books: str, wrong: str = "", status: int = 200) -> Response:
    text, phone = _written()
    return make_response(render_template("question.html", text=text, callback=phone, wrong=wrong, back=books), status)
