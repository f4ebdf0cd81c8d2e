"""Parked events over HTTP, the same on every service: `/parked` belongs to no service's part of the API, like
`/readyz`; only the website reaches it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from shared import kept
from shared.auth import caller, may_call
from shared.observability import log
from shared.problems import not_found
from shared.web import PageQuery, context, in_transaction, page, read_cursor, reading

parked = Blueprint("parked", __name__, url_prefix="/parked")


@parked.before_request
def refuse_who_holds_some_branches() -> None:
    """An event names readers of any branch. Whether the caller is an admin at all is decided by the route."""
    if caller().has("admin"):
        caller().require_everywhere("admin")


class ParkedQuery(PageQuery):
    search = fields.String(load_default="", validate=validate.Length(max=200))


@parked.get("")
@may_call("admin")
@reading
def list_parked(session: Session) -> dict[str, Any]:
    """`{items: […], next}`, oldest first, without the events' bodies."""
    query = ParkedQuery().load(request.args)
    after = read_cursor(query.get("cursor"))
    rows = kept.parked(session, after[0] if after else 0, query["limit"] + 1, query["search"])
    items, following = page(rows, query["limit"], lambda row: [row["id"]])
    return {"items": list(items), "next": following}


@parked.get("/<int:number>")
@may_call("admin")
@reading
def show_parked(session: Session, number: int) -> dict[str, Any]:
    row = kept.show(session, number)
    if row is None or row["parked_at"] is None:
        raise not_found()
    return row


@parked.post("/<int:number>/retry")
@may_call("admin")
@in_transaction
def retry_parked(session: Session, number: int) -> tuple[str, int]:
    return _decided(session, number, kept.retry, "parked event is tried again")


@parked.delete("/<int:number>")
@may_call("admin")
@in_transaction
def discard_parked(session: Session, number: int) -> tuple[str, int]:
    return _decided(session, number, kept.discard, "parked event is thrown away")


def _decided(session: Session, number: int, act: Callable[[Session, int], bool], what: str) -> tuple[str, int]:
    if not act(session, number):
        raise not_found()
    log.warning(what, service=context().service.name, number=number, by=caller().subject)
    return "", 204
