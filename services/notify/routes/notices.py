"""HTTP in: load, call one use case, dump."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from services.notify import (
    bounces,
    calls,
    links,
    preview,
    preview_schemas,
    queries,
    reconciliation,
    samples,
    schemas,
    use_cases,
)
from services.notify.bounces import Bounce
from services.notify.models import Notice
from services.notify.routes.cursors import after_of
from shared.auth import ANYONE, READER, SERVICE, caller, may_call
from shared.problems import Problem
from shared.web import cursor_after, in_transaction, page, read_cursor, reading

notices = Blueprint("notices", __name__, url_prefix="/api/v1/notices", description="Notices to readers")
# All the cards of a region in one preview.
LARGEST_PREVIEW = 64 * 1024 * 1024


@notices.before_request
def allow_large_previews() -> None:
    if request.endpoint == "notices.foresee":
        request.max_content_length = LARGEST_PREVIEW


def shown(session: Session, notice: Notice) -> dict[str, Any]:
    session.flush()
    return queries.shown(session, [notice])[0]


@notices.get("")
@may_call("librarian", READER)
@reading
@notices.arguments(schemas.NoticeQuery, location="query")
@notices.response(200, schemas.NoticePage)
def list_notices(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    found = queries.notices(session, caller(), query, after_of(query.get("cursor")))
    items, following = page(found, query["limit"], lambda notice: [notice.created_at.isoformat(), notice.id])
    return {"items": queries.shown(session, items), "next": following}


@notices.get("/<uuid:notice_id>")
@may_call("librarian", READER)
@in_transaction
@notices.response(200, schemas.Notice)
def read_notice(session: Session, notice_id: UUID) -> dict[str, Any]:
    return shown(session, use_cases.open_notice(session, str(notice_id), caller()))


@notices.post("/<uuid:notice_id>/retry")
@may_call("librarian")
@in_transaction
@notices.response(200, schemas.Notice)
def retry_notice(session: Session, notice_id: UUID) -> dict[str, Any]:
    return shown(session, use_cases.retry(session, str(notice_id), caller()))


@notices.post("/<uuid:notice_id>/outcome")
@may_call("librarian")
@in_transaction
@notices.arguments(schemas.OutcomeOfNotice)
@notices.response(200, schemas.Notice)
def record_outcome(session: Session, data: dict[str, Any], notice_id: UUID) -> dict[str, Any]:
    return shown(session, use_cases.record_outcome(session, str(notice_id), data, caller()))


@notices.post("/<uuid:notice_id>/bounce")
@may_call("librarian", SERVICE)
@in_transaction
@notices.arguments(schemas.BounceOfNotice)
@notices.response(200, schemas.Notice)
def record_bounce(session: Session, data: dict[str, Any], notice_id: UUID) -> dict[str, Any]:
    notice = use_cases.notice_for(session, str(notice_id), caller(), lock=True)
    if not bounces.came_back(session, Bounce(notice.id, **data)):
        raise Problem(409, "Nothing was sent over this channel.")
    session.expire_all()
    return shown(session, notice)


@notices.delete("/<uuid:notice_id>/link")
@may_call("librarian", READER)
@in_transaction
@notices.response(204)
def switch_link_off(session: Session, notice_id: UUID) -> None:
    use_cases.switch_link_off(session, str(notice_id), caller())


@notices.get("/unreachable")
@may_call("librarian")
@in_transaction
@notices.arguments(schemas.WorkQuery, location="query")
@notices.response(200, schemas.HouseholdPage)
def list_unreachable(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    quarantine_id, who = str(query["quarantine_id"]), caller()
    after = read_cursor(query.get("cursor"), parts=2)
    only = {"language": query.get("language"), "only_mine": query["mine"], "search": query.get("search")}
    found = calls.waiting(session, quarantine_id, who, after, query["limit"] + 1, **only)
    items, following = page(found, query["limit"], lambda row: calls.key_of(row, who))
    rows = [row for row in calls.rows_shown(session, items) if query.get("way") in (None, row["way"])]
    calls.seen(session, quarantine_id, rows, who.subject)
    return {"items": rows, "next": following}


@notices.post("/calls/take")
@may_call("librarian")
@in_transaction
@notices.arguments(schemas.TakeCalls)
@notices.response(200, schemas.Households)
def take_calls(session: Session, data: dict[str, Any]) -> dict[str, Any]:
    quarantine_id, who = str(data["quarantine_id"]), caller()
    rows = calls.take(session, quarantine_id, who, data["language"])
    calls.seen(session, quarantine_id, rows, who.subject)
    return {"items": rows}


@notices.get("/links/<string:token>")
@may_call(SERVICE)
@reading
@notices.response(200, schemas.FamilyOfLink)
def open_link(session: Session, token: str) -> dict[str, Any]:
    return links.family_of(session, links.find(session, token))


@notices.delete("/links/<string:token>")
@may_call(SERVICE, "librarian")
@in_transaction
@notices.response(204)
def close_link(session: Session, token: str) -> None:
    links.switch_off(session, token)


@notices.get("/unsubscribe/<string:token>")
@may_call(ANYONE)
@notices.response(303)
def to_the_page(token: str) -> Response:
    """Mail sent before the page had this part names this address; who opens it is led to the page."""
    return redirect(links.page_to_leave(token), 303)


@notices.get("/unsubscribe/<string:token>/mailing")
@may_call(SERVICE)
@reading
@notices.response(200, schemas.Mailing)
def show_mailing(session: Session, token: str) -> dict[str, Any]:
    return use_cases.mailing_of(session, token)


@notices.delete("/unsubscribe/<string:token>")
@may_call(ANYONE)
@in_transaction
@notices.response(204)
def subscribe_again(session: Session, token: str) -> None:
    use_cases.subscribe_again(session, token)


@notices.post("/unsubscribe/<string:token>")
@may_call(ANYONE)
@in_transaction
@notices.response(204)
def unsubscribe(session: Session, token: str) -> None:
    use_cases.unsubscribe(session, token)


@notices.post("/preview")
@may_call(SERVICE)
@reading
@notices.arguments(preview_schemas.PreviewAsked)
@notices.response(200, preview_schemas.Previewed)
def foresee(session: Session, asked: dict[str, Any]) -> dict[str, Any]:
    """Whom the would-be quarantine would write to, and what somebody with a book like most would read."""
    quarantine = asked["quarantine"]
    shown = samples.samples(session, quarantine, asked["was_due"], asked["now_due"])
    return preview.preview(session, asked) | {"samples": shown}


@notices.get("/reconciliation")
@may_call(SERVICE)
@reading
@notices.arguments(schemas.ReconciliationQuery, location="query")
@notices.response(200, schemas.CardToldPage)
def reconcile(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    after = read_cursor(query.get("cursor"))
    last = after[0] if after else ""
    items, following = reconciliation.page(session, str(query["quarantine_id"]), last, query["limit"])
    return {"items": items, "next": cursor_after(following) if following is not None else None}
