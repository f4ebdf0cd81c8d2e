"""Taking a quiz: one page a question, saved as it is answered, with scripts and without; handing in; the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from secrets import token_hex
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, errors, sessions
from services.gateway.answers import Given, given_in
from services.gateway.asking import Refused, SignInEnded
from services.gateway.assets import all_assets
from services.gateway.pages.common import page
from services.gateway.words import say
from shared import clock
from shared.auth import ANYONE, may_call
from shared.language import LANGUAGES
from shared.peers import PeerDown

playing = Blueprint("playing", __name__)
LONGEST_NAME = 80


@playing.get("/play/worker.js")
@may_call(ANYONE)
def worker() -> Response:
    """The player's service worker: its scope is its own folder, so that it has no part in any other page."""
    file = all_assets()["worker.js"]
    return Response(file.content, content_type=file.kind, headers={"Cache-Control": "no-cache"})


@playing.get("/play/<uuid:attempt_id>")
@may_call(ANYONE)
def player(attempt_id: UUID) -> Response:
    found = asking.look_up(attempt=("quizzes", asking.path(f"/quizzes/attempts/{attempt_id}")))
    attempt = found["attempt"].data
    if attempt is None:
        return errors.without("quizzes")
    if attempt["state"] != "open":
        return redirect(url_for("playing.result", attempt_id=attempt_id), 303)
    pages = pages_of(attempt)
    at = page_with(pages, request.args.get("q", type=int) or first_unanswered(attempt))
    switched = request.args.get("in")
    language = switched if switched in LANGUAGES else attempt["language"]
    return page(
        "quizzes/player.html",
        found,
        attempt=attempt,
        pages=pages,
        at=at,
        tongue=language,
        items={item["id"]: item for item in attempt["items"]},
        rest=minutes_left(attempt),
    )


@playing.post("/play/<uuid:attempt_id>")
@may_call(ANYONE)
def save(attempt_id: UUID) -> Response:
    """Without scripts: what stands on the page is saved, then the page asked for follows."""
    given = given_in(request.form)
    for problem in _save(attempt_id, given):
        sessions.tell(problem, "refused")
    if given.incomplete:
        sessions.tell(say("Give every line a place of its own."), "refused")
    return redirect(_after(attempt_id, request.form, stay=bool(given.incomplete)), 303)


@playing.post("/play/<uuid:attempt_id>/answers")
@may_call(ANYONE)
def save_at_once(attempt_id: UUID) -> Response:
    """For the player's script: answers as the service takes them, kept by the device until this has answered."""
    path = asking.path(f"/quizzes/attempts/{attempt_id}/answers")
    try:
        taken = asking.act("quizzes", path, body=request.get_json(silent=True) or {})
        if any(not each["saved"] and not each.get("problem") for each in taken["results"]):
            view = asking.look_up(attempt=("quizzes", asking.path(f"/quizzes/attempts/{attempt_id}")))["attempt"]
            taken["answers"] = (view.data or {}).get("answers", {})
        return jsonify(taken)
    except SignInEnded:
        return _refusal(401, say("Your sign-in has ended; please sign in again."))
    except Refused as refused:
        return _refusal(refused.status, refused.detail)
    except PeerDown:
        return _refusal(503, "")


@playing.get("/play/<uuid:attempt_id>/hand-in")
@may_call(ANYONE)
def ask_to_hand_in(attempt_id: UUID) -> Response:
    found = asking.look_up(attempt=("quizzes", asking.path(f"/quizzes/attempts/{attempt_id}")))
    attempt = found["attempt"].data
    if attempt is None:
        return errors.without("quizzes")
    if attempt["state"] != "open":
        return redirect(url_for("playing.result", attempt_id=attempt_id), 303)
    return page("quizzes/hand_in.html", found, attempt=attempt, missing=missing_in(attempt), rest=minutes_left(attempt))


@playing.post("/play/<uuid:attempt_id>/hand-in")
@may_call(ANYONE)
def hand_in(attempt_id: UUID) -> Response:
    asking.act("quizzes", asking.path(f"/quizzes/attempts/{attempt_id}/finish"))
    return redirect(url_for("playing.result", attempt_id=attempt_id), 303)


@playing.get("/play/<uuid:attempt_id>/result")
@may_call(ANYONE)
def result(attempt_id: UUID) -> Response:
    return _result(attempt_id)


@playing.post("/play/<uuid:attempt_id>/certificate")
@may_call(ANYONE)
def certificate(attempt_id: UUID) -> Response:
    """First shows what will be written and what the public page will say; then makes it, or shows the form again."""
    typed = {
        "name": " ".join(request.form.get("name", "").split())[:LONGEST_NAME],
        "language": request.form.get("language", ""),
        "show_name": request.form.get("show_name", ""),
    }
    if not typed["name"]:
        return _result(attempt_id, typed, say("Write the name as it should stand on the certificate."))
    if request.form.get("change"):
        return _result(attempt_id, typed)
    if request.form.get("sure") != "yes":
        return _result(attempt_id, typed, look=True)
    body = typed | {"show_name": typed["show_name"] == "yes"}
    try:
        asking.act("quizzes", asking.path(f"/quizzes/attempts/{attempt_id}/certificate"), body=body)
    except Refused as refused:
        return _result(attempt_id, typed, refused.sentence)
    return redirect(url_for("playing.result", attempt_id=attempt_id, _anchor="certificate"), 303)


def _result(
    attempt_id: UUID, typed: Mapping[str, str] | None = None, wrong: str = "", *, look: bool = False
) -> Response:
    try:
        found = asking.look_up(
            attempt=("quizzes", asking.path(f"/quizzes/attempts/{attempt_id}")),
            result=("quizzes", asking.path(f"/quizzes/attempts/{attempt_id}/result")),
        )
    except Refused as refused:
        if refused.status != HTTPStatus.CONFLICT:
            raise
        return redirect(url_for("playing.player", attempt_id=attempt_id), 303)
    shown = page(
        "quizzes/result.html",
        found,
        attempt=found["attempt"].data,
        result=found["result"].data,
        typed=typed or {},
        wrong=wrong,
        look=look,
    )
    shown.status_code = 422 if wrong else shown.status_code
    return shown


def _save(attempt_id: UUID, given: Given) -> list[str]:
    """The problems of those that were not taken."""
    if not given.answers:
        return []
    about = {"device": f"form-{token_hex(8)}", "number": 1, "given_at": clock.now().isoformat()}
    answers = [
        {"item_id": item, "answer": answer, "language": given.languages.get(item)} | about
        for item, answer in given.answers.items()
    ]
    body = {"answers": answers}
    taken = asking.act("quizzes", asking.path(f"/quizzes/attempts/{attempt_id}/answers"), body=body)
    return [each["problem"] for each in taken["results"] if each.get("problem")]


def _after(attempt_id: UUID, form: Mapping[str, str], *, stay: bool) -> str:
    """The next page: `go` names a question, the language of this one, or handing in."""
    go, here = form.get("go", ""), form.get("q", "1")
    player_at = "playing.player"
    if go.startswith("in:") or stay:
        language = go.removeprefix("in:") if go.startswith("in:") else None
        switched: dict[str, Any] = {"in": language} if language else {}
        return url_for(player_at, attempt_id=attempt_id, q=here, **switched)
    if go == "hand-in":
        return url_for("playing.ask_to_hand_in", attempt_id=attempt_id)
    return url_for(player_at, attempt_id=attempt_id, q=go if go.isdecimal() else here)


def _refusal(status: int, detail: str) -> Response:
    refused = jsonify(detail=detail)
    refused.status_code = status
    return refused


def pages_of(attempt: Mapping[str, Any]) -> list[list[tuple[int, str]]]:
    """The questions of each page with their numbers, counted from 1."""
    number, found = 0, []
    for ids in attempt["pages"]:
        found.append([(number + at, item_id) for at, item_id in enumerate(ids, 1)])
        number += len(ids)
    return found


def page_with(pages: Sequence[Sequence[tuple[int, str]]], question: int) -> int:
    """Which page (from 0) holds that question; the first for a number that none has."""
    return next((at for at, held in enumerate(pages) if any(number == question for number, _ in held)), 0)


def missing_in(attempt: Mapping[str, Any]) -> list[int]:
    """The numbers of the questions without an answer."""
    ids = [item_id for ids in attempt["pages"] for item_id in ids]
    return [number for number, item_id in enumerate(ids, 1) if not is_answered(attempt, item_id)]


def is_answered(attempt: Mapping[str, Any], item_id: str) -> bool:
    return (attempt["answers"].get(item_id) or {}).get("answer") not in (None, "", [], {})


def first_unanswered(attempt: Mapping[str, Any]) -> int:
    return next(iter(missing_in(attempt)), 1)


def minutes_left(attempt: Mapping[str, Any]) -> int | None:
    """Whole minutes until the time limit; None without one."""
    if not attempt["ends_at"]:
        return None
    rest = datetime.fromisoformat(attempt["ends_at"]) - datetime.fromisoformat(attempt["server_now"])
    return max(0, -(-rest // timedelta(minutes=1)))
