"""Online tests for readers: which are open, what one is about, and beginning it, with a card or as a guest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, open_quizzes, sessions
from services.gateway.asking import Found, Refused
from services.gateway.pages.books import FAMILY
from services.gateway.pages.common import page
from services.gateway.words import say
from shared import clock
from shared.auth import ANYONE, READER, may_call

quizzes = Blueprint("quizzes", __name__)
ON_A_PAGE = 20
LEADERS = 10


@quizzes.get("/quizzes")
@may_call(ANYONE)
def listed() -> Response:
    search = request.args.get("search", "").strip()
    cursor = request.args.get("cursor")
    asked = asking.path("/quizzes", open="true", search=search or None, cursor=cursor, limit=ON_A_PAGE)
    found = asking.look_up(quizzes=("quizzes", asked))
    listed = found["quizzes"].data or {}
    return page("quizzes/list.html", found, quizzes=found["quizzes"].items, search=search, more=listed.get("next"))


@quizzes.get("/quizzes/<uuid:quiz_id>")
@may_call(ANYONE)
def one(quiz_id: UUID) -> Response:
    return _shown(quiz_id, {}, {})


@quizzes.post("/quizzes/<uuid:quiz_id>/start")
@may_call(ANYONE)
def start(quiz_id: UUID) -> Response:
    """Begins, for oneself or for a child of one's own, or leads back to what was begun and not handed in."""
    if not plays_with_card():
        sessions.become_guest()
    body = {name: request.form.get(name, "").strip() for name in ("language", "nickname", "class_code", "for_card")}
    given = {name: value for name, value in body.items() if value}
    try:
        attempt = asking.act("quizzes", asking.path(f"/quizzes/{quiz_id}/attempts"), body=given)
    except Refused as refused:
        return _shown(quiz_id, body, refused.errors, refused.detail, refused.status)
    return redirect(url_for("playing.player", attempt_id=attempt["id"]), 303)


@quizzes.get("/quizzes/<uuid:quiz_id>/best")
@may_call(ANYONE)
def best(quiz_id: UUID) -> Response:
    found = asking.look_up(
        quiz=("quizzes", asking.path(f"/quizzes/{quiz_id}")),
        leaders=("quizzes", asking.path(f"/quizzes/{quiz_id}/leaderboard")),
    )
    return page("quizzes/best.html", found, quiz=found["quiz"].data, leaders=found["leaders"].items[:LEADERS])


@quizzes.get("/class/<token>")
@may_call(ANYONE)
def teachers_view(token: str) -> Response:
    asked = asking.path(f"/quizzes/classes/by-link/{token}")
    found = asking.look_up(in_our_name=True, school_class=("quizzes", asked))
    return page("quizzes/class.html", found, school_class=found["school_class"].data)


@quizzes.get("/c/<code>")
@may_call(ANYONE)
def check(code: str) -> Response:
    """What the QR of a certificate leads to; a code nobody ever had is said to be one, not just "not found"."""
    try:
        found = asking.look_up(certificate=("quizzes", asking.path(f"/quizzes/certificates/{code}")))
    except Refused as refused:
        if refused.status != 404:
            raise
        found = {"certificate": Found(None)}
    shown = page("quizzes/check.html", found, certificate=found["certificate"].data, code=code)
    if found["certificate"].data is None and not found["certificate"].away:
        shown.status_code = 404
    return shown


@quizzes.post("/c/<code>/consent")
@may_call(READER, "librarian")
def allow_name(code: str) -> Response:
    """Whether this certificate's page may say the full name: for its owner, a parent, or a librarian at their word."""
    body = {"show_name": request.form.get("show_name") == "yes"}
    try:
        asking.act("quizzes", asking.path(f"/quizzes/certificates/{code}/consent"), body=body)
        sessions.tell(say("This page says the full name.") if body["show_name"] else say("The full name is not shown."))
    except Refused as refused:
        wrong = say("This certificate is not yours or your child's.") if refused.status == 404 else refused.sentence
        sessions.tell(wrong, "refused")
    return redirect(url_for("quizzes.check", code=code), 303)


def plays_with_card() -> bool:
    who = sessions.caller()
    return bool(who and who.kind == READER)


def _shown(
    quiz_id: UUID, typed: Mapping[str, str], errors: Mapping[str, Sequence[str]], wrong: str = "", status: int = 200
) -> Response:
    with_card = plays_with_card()
    known = with_card or sessions.visit().guest
    found = asking.look_up(
        quiz=("quizzes", asking.path(f"/quizzes/{quiz_id}")),
        attempts=("quizzes", asking.path("/quizzes/attempts", quiz_id=quiz_id)) if known else None,
        family=FAMILY if with_card else None,
    )
    quiz = found["quiz"].data
    shown = page(
        "quizzes/one.html",
        found,
        quiz=quiz,
        stage=open_quizzes.stage(quiz, clock.today(asking.settings().time_zone)) if quiz else "",
        with_card=with_card,
        typed=typed,
        errors=errors,
        wrong=wrong,
        children=_children(found["family"].items) if with_card else [],
        **_progress(quiz, found["attempts"].items if known else []),
    )
    shown.status_code = status if status != 200 else shown.status_code
    return shown


def _children(family: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those the caller answers for; whether one has grown up meanwhile the quizzes service knows."""
    who = sessions.caller()
    return [each for each in family if who and each["guardian_card_number"] == who.card_number]


def _progress(quiz: Mapping[str, Any] | None, attempts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`begun`: the attempt to go on with; `left`: how many more may be begun, None for any number."""
    begun = next((each for each in attempts if each["state"] == "open"), None)
    allowed = (quiz or {}).get("attempts_allowed") or 0
    left = max(0, allowed - len(attempts)) if allowed else None
    return {"begun": begun, "ended": [each for each in attempts if each["state"] != "open"], "left": left}
