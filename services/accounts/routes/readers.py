"""Readers and their PINs."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.accounts import act_list, hashing, queries, schemas
from services.accounts import preview as previewing
from services.accounts.models import Reader
from services.accounts.reader_events import row_of
from services.accounts.use_cases import acts, pins
from services.accounts.use_cases import readers as use_cases
from shared.auth import READER, SERVICE, caller, may_call
from shared.events.contracts import problems_of
from shared.heard_decisions import Decision
from shared.problems import Problem
from shared.web import context, etag, in_transaction, page, page_as_json, read_cursor, reading, require_match

readers = Blueprint("readers", __name__, url_prefix="/api/v1/readers", description="Readers, guardians and PINs")


@readers.get("")
@may_call("librarian", READER, SERVICE)
@reading
@readers.arguments(schemas.ReaderQuery, location="query")
@readers.response(200, schemas.ReaderPage)
def list_readers(session: Session, query: dict[str, Any]) -> Response:
    after = read_cursor(query.get("cursor"))
    rows = queries.readers(session, caller(), query, after[0] if after else None, query["limit"] + 1)
    items, following = page(rows, query["limit"], lambda reader: [reader.card_number])
    return page_as_json([schemas.in_list(reader) for reader in items], following)


@readers.post("")
@may_call("librarian")
@in_transaction
@readers.arguments(schemas.Reader)
@readers.response(201, schemas.Reader)
def register(session: Session, data: dict[str, Any]) -> tuple[Reader, int, dict[str, str]]:
    reader = use_cases.register(session, caller(), data)
    return reader, 201, {"Location": f"/api/v1/readers/{reader.id}", "ETag": etag(reader.version)}


@readers.post("/names")
@may_call("librarian", "operator")
@reading
@readers.arguments(schemas.NamesAsked)
@readers.response(200, schemas.Names)
def name_them(session: Session, asked: dict[str, Any]) -> dict[str, Any]:
    """Names for a list of cards that another service keeps, and no more of a reader than that."""
    return {"items": queries.names(session, caller(), asked["card_numbers"])}


@readers.get("/acts")
@may_call("admin")
@reading
@readers.arguments(schemas.ActQuery, location="query")
@readers.response(200, schemas.ActPage)
def list_acts(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """Who did what about whom, the newest first."""
    caller().require_everywhere("admin")
    before = read_cursor(query.get("cursor"))
    rows = act_list.acts(session, query, before[0] if before else None, query["limit"] + 1)
    items, following = page(rows, query["limit"], lambda act: [act.id])
    return {"items": act_list.shown(session, items), "next": following}


@readers.get("/export.csv")
@may_call("librarian")
def export() -> Response:
    """Every reader whom the caller may see, in the columns of an import; recorded."""
    with context().database.transaction() as session:
        acts.record(session, caller(), "exported readers")
    lines = queries.export(context().database, caller())
    headers = {"Content-Disposition": 'attachment; filename="readers.csv"'}
    return Response(lines, content_type="text/csv; charset=utf-8", headers=headers)


@readers.post("/preview")
@may_call(SERVICE)
@reading
@readers.arguments(previewing.PreviewRequest)
@readers.response(200, previewing.Preview)
def preview(session: Session, data: dict[str, Any]) -> dict[str, Any]:
    """Which cards a decision would move: the same computation as the run's, writing nothing."""
    if problems := problems_of("quarantine.declared.v1", data["quarantine"]):
        raise Problem(422, "Some fields are not right: see the list.", errors=problems)
    return previewing.preview(session, Decision.of(data["quarantine"]))


@readers.get("/<key>")
@may_call("librarian", READER, SERVICE)
@reading
@readers.response(200, schemas.WholeReader)
def show(session: Session, key: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    reader = use_cases.reader_to_act_for(session, caller(), key)
    family = use_cases.family_of(session, caller(), reader)
    return row_of(reader) | {"family": family}, 200, {"ETag": etag(reader.version)}


@readers.patch("/<key>")
@may_call("librarian", READER)
@in_transaction
@readers.arguments(schemas.ReaderChange)
@readers.response(200, schemas.Reader)
def change(session: Session, data: dict[str, Any], key: str) -> tuple[Reader, int, dict[str, str]]:
    reader = use_cases.reader_to_act_for(session, caller(), key, lock=True)
    require_match(reader.version)
    use_cases.change(session, caller(), reader, data)
    return reader, 200, {"ETag": etag(reader.version)}


@readers.delete("/<key>")
@may_call("librarian", READER)
@in_transaction
@readers.response(204)
def erase(session: Session, key: str) -> None:
    use_cases.erase(session, caller(), use_cases.reader_to_act_for(session, caller(), key, lock=True))


@readers.get("/<key>/export")
@may_call("librarian", READER)
@in_transaction
@readers.response(200)
def export_one(session: Session, key: str) -> dict[str, Any]:
    """All that is held here about one reader, for them to take along; recorded."""
    reader = use_cases.reader_to_act_for(session, caller(), key)
    acts.record(session, caller(), "exported one reader", reader.id)
    return use_cases.all_about(session, reader)


@readers.post("/<key>/pin")
@may_call("librarian")
@readers.arguments(schemas.PinRequest)
@readers.response(201, schemas.Pin)
def issue_pin(data: dict[str, Any], key: str) -> dict[str, str]:
    """A new PIN, told once; not kept for `Idempotency-Key`, because it would have to be kept readable."""
    pin = hashing.new_pin()
    pin_hash = hashing.hashed(pin)
    with context().database.transaction() as session:
        reader = use_cases.reader_for(session, caller(), key, lock=True)
        pins.issue(session, caller(), reader, pin_hash, data["reason"])
    return {"pin": pin}
