"""Sign-in, sign-out, and a PIN for who has none."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.accounts import hashing, schemas
from services.accounts.use_cases import acts, pins, sessions, sign_in, staff
from shared.auth import ANYONE, READER, STAFF, caller, may_call
from shared.problems import invalid, not_found, too_many_tries
from shared.web import context, in_transaction, page, read_cursor, reading

tokens = Blueprint("tokens", __name__, url_prefix="/api/v1/tokens", description="Signing in and out")


@tokens.post("")
@may_call(ANYONE)
@tokens.arguments(schemas.Credentials)
@tokens.response(201, schemas.Token)
def begin(data: dict[str, Any]) -> sign_in.SignedIn:
    return sign_in.sign_in(context().database, data["login"], data["secret"], _address())


@tokens.post("/second-factor")
@may_call(ANYONE)
@tokens.arguments(schemas.SecondStep)
@tokens.response(201, schemas.Token)
def go_on(data: dict[str, Any]) -> sign_in.SignedIn:
    """The second step of staff outside the building: the code of their app."""
    return sign_in.second_step(context().database, data["continue_with"], data["code"], _address())


def _address() -> str:
    """Where the caller is; a call that came over no network is this process's own."""
    return "127.0.0.1" if request.remote_addr is None else request.remote_addr


@tokens.delete("")
@may_call(READER, STAFF)
@in_transaction
@tokens.response(204)
def end_mine(session: Session) -> None:
    """Ends this sign-in; its token is refused from now on."""
    if caller().session:
        sessions.end(session, caller().session)


@tokens.get("")
@may_call("admin")
@reading
@tokens.arguments(schemas.SignInQuery, location="query")
@tokens.response(200, schemas.SignInPage)
def list_lasting(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """Sign-ins that last, of `subject` (`staff:<id>`, `reader:<id>`) or of all."""
    staff.require_theirs(session, caller(), query.get("subject"))
    after = read_cursor(query.get("cursor"))
    rows = sessions.lasting(session, query.get("subject"), after[0] if after else None, query["limit"] + 1)
    items, following = page(rows, query["limit"], lambda each: [each.id])
    return {"items": items, "next": following}


@tokens.delete("/<uuid:session_id>")
@may_call("admin")
@in_transaction
@tokens.response(204)
def end_one(session: Session, session_id: Any) -> None:
    staff.require_theirs(session, caller(), sessions.subject_of(session, str(session_id)))
    if not sessions.end(session, str(session_id)):
        raise not_found()
    acts.record(session, caller(), "ended a sign-in", str(session_id))


@tokens.post("/code")
@may_call(ANYONE)
@tokens.arguments(schemas.CodeRequest)
@tokens.response(202)
def request_code(data: dict[str, Any]) -> dict[str, str]:
    """Sends a one-time code to a contact on record; the same answer for an unknown card."""
    with context().database.transaction() as session:
        seconds = pins.request_code(session, data["card_number"], _address())
    if seconds:
        raise too_many_tries(seconds)
    return {}


@tokens.post("/code/confirm")
@may_call(ANYONE)
@tokens.arguments(schemas.CodeConfirmation)
@tokens.response(204)
def confirm_code(data: dict[str, Any]) -> None:
    """Sets the PIN with the code that was sent; five tries, fifteen minutes."""
    pin_hash = hashing.hashed(data["pin"])
    with context().database.transaction() as session:
        done, seconds = pins.confirm_code(session, data["card_number"], data["code"], pin_hash, _address())
    if seconds:
        raise too_many_tries(seconds)
    if not done:
        raise invalid("code", "This code is not right or has ended. Ask for a new one.")
