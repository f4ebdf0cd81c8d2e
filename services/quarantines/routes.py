"""HTTP in: load, call one use case, dump."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.quarantines import queries, schemas, use_cases
from services.quarantines.models import Branch
from shared.auth import ANYONE, may_call
from shared.web import PageQuery, in_transaction, page, read_cursor, reading

branches = Blueprint("branches", __name__, url_prefix="/api/v1/branches", description="Branches and their hours")
BLUEPRINTS = [branches]


@branches.get("")
@may_call(ANYONE)
@reading
@branches.arguments(PageQuery, location="query")
@branches.response(200, schemas.BranchPage)
def list_branches(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    after = read_cursor(query.get("cursor"))
    rows = queries.branches(session, after[0] if after else None, query["limit"] + 1)
    items, following = page(rows, query["limit"], lambda branch: [branch.id])
    return {"items": items, "next": following}


@branches.post("")
@may_call("admin")
@in_transaction
@branches.arguments(schemas.Branch)
@branches.response(201, schemas.Branch)
def add_branch(session: Session, data: dict[str, Any]) -> Branch:
    return use_cases.add_branch(session, data)
