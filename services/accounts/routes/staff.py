"""Staff and their roles."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.accounts import queries, schemas
from services.accounts.models import Staff
from services.accounts.use_cases import staff as use_cases
from shared.auth import caller, may_call
from shared.web import etag, in_transaction, page, read_cursor, reading, require_match

staff = Blueprint("staff", __name__, url_prefix="/api/v1/staff", description="Staff and their roles")


@staff.get("")
@may_call("admin")
@reading
@staff.arguments(schemas.StaffQuery, location="query")
@staff.response(200, schemas.StaffPage)
def list_staff(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    after = read_cursor(query.get("cursor"))
    rows = queries.staff(session, caller(), query, after[0] if after else None, query["limit"] + 1)
    items, following = page(rows, query["limit"], lambda each: [each.login])
    return {"items": items, "next": following}


@staff.post("")
@may_call("admin")
@in_transaction
@staff.arguments(schemas.Staff)
@staff.response(201, schemas.Staff)
def add(session: Session, data: dict[str, Any]) -> tuple[Staff, int, dict[str, str]]:
    added = use_cases.add(session, caller(), data)
    return added, 201, {"Location": f"/api/v1/staff/{added.id}", "ETag": etag(added.version)}


@staff.get("/<uuid:staff_id>")
@may_call("admin")
@reading
@staff.response(200, schemas.Staff)
def show(session: Session, staff_id: Any) -> tuple[Staff, int, dict[str, str]]:
    found = use_cases.find(session, caller(), staff_id)
    return found, 200, {"ETag": etag(found.version)}


@staff.patch("/<uuid:staff_id>")
@may_call("admin")
@in_transaction
@staff.arguments(schemas.StaffChange)
@staff.response(200, schemas.Staff)
def change(session: Session, data: dict[str, Any], staff_id: Any) -> tuple[Staff, int, dict[str, str]]:
    """Ends the sign-ins of whom it changes: a token carries the roles it was given."""
    found = use_cases.find(session, caller(), staff_id, lock=True)
    require_match(found.version)
    use_cases.change(session, caller(), found, data)
    return found, 200, {"ETag": etag(found.version)}
