"""Messages that reached nobody, for whoever declared a quarantine or works at a desk: without their words."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from services.notify import failed
from services.notify.routes.cursors import after_of
from shared.auth import caller, may_call
from shared.web import MOST_ITEMS, PageQuery, in_transaction, page, page_of, reading

failures = Blueprint("failed notices", __name__, url_prefix="/api/v1/notices", description="What reached nobody")


class FailedQuery(PageQuery):
    quarantine_id = fields.UUID(required=True)
    search = fields.String(validate=validate.Length(min=1, max=200))
    address = fields.Boolean(metadata={"description": "whether somebody has an address on record now"})


class FailedNotice(Schema):
    """`channel`, `last_error`: of the way tried last, null when there was none; `has_address`: on record now."""

    id = fields.String()
    card_number = fields.String(allow_none=True)
    recipient = fields.String()
    about = fields.List(fields.String())
    kind = fields.String()
    language = fields.String()
    created_at = fields.AwareDateTime()
    channel = fields.String(allow_none=True)
    last_error = fields.String(allow_none=True)
    has_address = fields.Boolean()


class RetryOfFailed(Schema):
    quarantine_id = fields.UUID(required=True)
    notice_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=MOST_ITEMS))


class Refusal(Schema):
    detail = fields.String()
    notices = fields.Integer()


class Retried(Schema):
    """`again`: how many are sent once more; `refused`: how many are not, by the reason."""

    again = fields.Integer()
    refused = fields.List(fields.Nested(Refusal))


@failures.get("/failed")
@may_call(*failed.ROLES)
@reading
@failures.arguments(FailedQuery, location="query")
@failures.response(200, page_of(FailedNotice))
def list_failed(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    found = failed.failed(session, caller(), query, after_of(query.get("cursor")))
    items, following = page(found, query["limit"], failed.key_of)
    return {"items": items, "next": following}


@failures.post("/failed/retry")
@may_call(*failed.ROLES)
@in_transaction
@failures.arguments(RetryOfFailed)
@failures.response(200, Retried)
def retry_failed(session: Session, data: dict[str, Any]) -> dict[str, Any]:
    """Once more to the contacts on record now."""
    return failed.retry(session, str(data["quarantine_id"]), [str(each) for each in data["notice_ids"]], caller())
