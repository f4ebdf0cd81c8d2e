"""What the staff console asks: work-list totals, papers, numbers, who did what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from services.notify import calls, papers, schemas, several, use_cases
from services.notify.deeds import deeds
from services.notify.numbers import numbers
from services.notify.routes.failed import Refusal
from shared.auth import caller, may_call
from shared.problems import invalid
from shared.web import MOST_ITEMS, in_transaction, page, read_cursor, reading

console = Blueprint("notice_papers", __name__, url_prefix="/api/v1/notices", description="What staff print and count")


class LettersPosted(Schema):
    quarantine_id = fields.UUID(required=True)
    notice_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=MOST_ITEMS))


class Recorded(Schema):
    recorded = fields.Integer()
    refused = fields.List(fields.Nested(Refusal))


@console.get("/unreachable/totals")
@may_call("librarian", "operator")
@reading
@console.arguments(schemas.OfQuarantine, location="query")
@console.response(200, schemas.Totals)
def totals(session: Session, query: dict[str, Any]) -> dict[str, int]:
    return calls.totals(session, str(query["quarantine_id"]), caller())


@console.get("/unreachable/queues")
@may_call("librarian", "operator")
@reading
@console.response(200, schemas.Queues)
def queues(session: Session) -> dict[str, Any]:
    return {"items": calls.queues(session, caller())}


@console.get("/papers/chats")
@may_call("librarian", "operator")
@reading
@console.arguments(schemas.OfQuarantine, location="query")
@console.response(200, schemas.Chats)
def chats(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    return papers.chats(session, str(query["quarantine_id"]))


@console.get("/papers/slips")
@may_call("librarian")
@reading
@console.arguments(schemas.OfQuarantine, location="query")
@console.response(200, schemas.Slips)
def slips(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    return {"items": papers.slips(session, str(query["quarantine_id"]), caller())}


@console.get("/papers/letters")
@may_call("librarian")
@in_transaction
@console.arguments(schemas.WorkQuery, location="query")
@console.response(200, schemas.LetterPage)
def letters(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """A page of the work list; it may hold fewer letters than `limit` and yet have a next one."""
    quarantine_id, who = str(query["quarantine_id"]), caller()
    after = read_cursor(query.get("cursor"), parts=2)
    language, search = query.get("language"), query.get("search")
    found = calls.waiting(session, quarantine_id, who, after, query["limit"] + 1, language, search=search)
    items, following = page(found, query["limit"], lambda row: calls.key_of(row, who))
    return {"items": papers.letters(session, items), "next": following}


@console.post("/papers/letters/posted")
@may_call("librarian")
@in_transaction
@console.arguments(LettersPosted)
@console.response(200, Recorded)
def post_letters(session: Session, data: dict[str, Any]) -> dict[str, Any]:
    """Letters posted or handed over, many at once: their families count as told."""
    outcome = {"way": "letter", "result": "handed_over", "at": None, "note": None}
    ids = [str(each) for each in data["notice_ids"]]

    def record(notice_id: str) -> object:
        return use_cases.record_outcome(session, notice_id, outcome, caller())

    recorded, refused = several.each(session, str(data["quarantine_id"]), ids, record)
    return {"recorded": recorded, "refused": refused}


@console.get("/report")
@may_call("librarian", "operator")
@reading
@console.arguments(schemas.NumbersQuery, location="query")
@console.response(200, schemas.Numbers)
def report(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    return numbers(session, caller(), query["since"], query["until"])


@console.get("/acts")
@may_call("admin")
@reading
@console.arguments(schemas.DeedQuery, location="query")
@console.response(200, schemas.DeedPage)
def list_deeds(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    caller().require_everywhere("admin")
    rows = deeds(session, query, _before(query.get("cursor")), query["limit"] + 1)
    items, following = page(rows, query["limit"], lambda row: [row["at"].isoformat(), row["kind"], row["number"]])
    return {"items": items, "next": following}


def _before(cursor: str | None) -> list[Any] | None:
    key = read_cursor(cursor, parts=3)
    if key is None:
        return None
    try:
        return [datetime.fromisoformat(key[0]), str(key[1]), int(key[2])]
    except (TypeError, ValueError) as error:
        raise invalid("cursor", "Use the value of next from the page before.") from error
