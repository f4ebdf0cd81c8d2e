"""Playing, for readers by their token and for guests by the key their browser keeps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import orjson
from flask import Response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.quizzes.guardians import child_of
from services.quizzes.schemas import playing as schemas
from services.quizzes.takers import Taker, of_card, players_only, taker, taker_or_none
from services.quizzes.use_cases import answering
from services.quizzes.use_cases import playing as use_cases
from shared import clock, rate_limit
from shared.auth import ANYONE, READER, caller, may_call
from shared.problems import Problem
from shared.web import context, in_transaction, page, read_cursor, reading

playing = Blueprint("quiz_playing", __name__, url_prefix="/api/v1/quizzes", description="Playing")

STARTS_OF_A_GUEST = 60
STARTS_OF_AN_ADDRESS = 600
"""A whole school may stand behind one address."""


def _counting_starts(view: Callable[..., Any]) -> Callable[..., Any]:
    """Of guests, before any transaction is opened."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        who = taker()
        if who.card_number is None:
            _count_start(who.name)
        return view(*args, **kwargs)

    return run


def _count_start(guest: str) -> None:
    hour = timedelta(hours=1)
    database = context().database
    rate_limit.count_try(database, "quiz by guest", guest, at_most=STARTS_OF_A_GUEST, within=hour)
    address = request.remote_addr or ""
    rate_limit.count_try(database, "quiz by address", address, at_most=STARTS_OF_AN_ADDRESS, within=hour)


@playing.post("/<uuid:quiz_id>/attempts")
@may_call(ANYONE)
@players_only
@_counting_starts
@in_transaction
@playing.arguments(schemas.Begin)
@playing.response(201, schemas.Attempt)
def begin(session: Session, data: dict[str, Any], quiz_id: Any) -> tuple[dict[str, Any], int, dict[str, str]]:
    """A new attempt, or 200 and the unfinished one. Guests send `X-Guest-Key`: 32 or more url-safe characters."""
    who = taker()
    attempt, new = use_cases.begin(session, who, str(quiz_id), data)
    shown = use_cases.view(session, attempt, who)
    return shown, 201 if new else 200, {"Location": f"/api/v1/quizzes/attempts/{attempt.id}"}


@playing.get("/attempts")
@may_call(ANYONE)
@reading
@playing.arguments(schemas.AttemptQuery, location="query")
@playing.response(200, schemas.AttemptPage)
def list_attempts(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """One's own, the newest first, none for one who is nobody yet; a librarian's query names a card, a
    guardian's a child's."""
    whose, quiz_id = _whose(session, query.get("card_number")), str(query["quiz_id"]) if "quiz_id" in query else None
    if whose is None:
        return {"items": [], "next": None}
    rows = use_cases.own(session, caller(), whose.name, quiz_id, read_cursor(query.get("cursor")), query["limit"])
    items, following = page(rows, query["limit"], lambda line: [line["id"]])
    return {"items": items, "next": following}


def _whose(session: Session, card_number: str | None) -> Taker | None:
    who = caller()
    if card_number and who.has("librarian"):
        return of_card(card_number)
    if card_number and who.kind == READER and who.card_number != card_number:
        if child := child_of(session, of_card(who.card_number or ""), card_number):
            return child
        raise Problem(403, "You do not have the right to do this.")
    return taker_or_none()


@playing.get("/attempts/<uuid:attempt_id>")
@may_call(ANYONE)
@reading
@playing.response(200, schemas.Attempt)
def show(session: Session, attempt_id: Any) -> dict[str, Any]:
    who = taker_or_none()
    return use_cases.view(session, use_cases.attempt_for(session, caller(), who, str(attempt_id)), who)


@playing.put("/attempts/<uuid:attempt_id>/answers/<uuid:item_id>")
@may_call(ANYONE)
@players_only
@in_transaction
@playing.arguments(schemas.GIVEN_ANSWER)
@playing.response(200, schemas.Saved)
def save(session: Session, data: dict[str, Any], attempt_id: Any, item_id: Any) -> Response:
    """Kept is the newest by the moment it was given, however often and in whatever order they arrive."""
    # The busiest route by far: written out at once, as the shape says.
    saved = answering.save_one(session, taker(), str(attempt_id), str(item_id), data)
    return Response(orjson.dumps(saved), content_type="application/json")


@playing.post("/attempts/<uuid:attempt_id>/answers")
@may_call(ANYONE)
@players_only
@in_transaction
@playing.arguments(schemas.GivenAnswers)
@playing.response(200, schemas.SavedMany)
def save_many(session: Session, data: dict[str, Any], attempt_id: Any) -> dict[str, Any]:
    """What an offline spell has kept back: up to 500 answers, each judged by itself."""
    results = answering.save_many(session, taker(), str(attempt_id), data["answers"])
    return {"results": results, "server_now": clock.now()}


@playing.post("/attempts/<uuid:attempt_id>/finish")
@may_call(ANYONE)
@players_only
@in_transaction
@playing.response(200, schemas.Result)
def finish(session: Session, attempt_id: Any) -> dict[str, Any]:
    """Hands in and grades; once more changes nothing."""
    who = taker()
    return use_cases.result(session, use_cases.hand_in(session, who, str(attempt_id)), who)


@playing.get("/attempts/<uuid:attempt_id>/result")
@may_call(ANYONE)
@reading
@playing.response(200, schemas.Result)
def result(session: Session, attempt_id: Any) -> dict[str, Any]:
    who = taker_or_none()
    return use_cases.result(session, use_cases.attempt_for(session, caller(), who, str(attempt_id)), who)
