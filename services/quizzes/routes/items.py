"""Banks and their questions."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.quizzes.checking import faults_of
from services.quizzes.schemas import items as schemas
from services.quizzes.schemas.common import Faults
from services.quizzes.use_cases import items as use_cases
from services.quizzes.use_cases.files import said
from shared.auth import may_call
from shared.web import etag, in_transaction, page, read_cursor, reading, require_match

items = Blueprint("quiz_items", __name__, url_prefix="/api/v1/quizzes", description="Banks of questions")

Made = tuple[dict[str, Any], int, dict[str, str]]


@items.get("/banks")
@may_call("editor")
@reading
@items.response(200, schemas.Banks)
def list_banks(session: Session) -> dict[str, Any]:
    return {"items": use_cases.banks(session)}


@items.post("/banks")
@may_call("editor")
@in_transaction
@items.arguments(schemas.Bank)
@items.response(201, schemas.Bank)
def add_bank(session: Session, data: dict[str, Any]) -> Made:
    made = use_cases.add_bank(session, data["name"])
    return made, 201, {"Location": f"/api/v1/quizzes/items?bank_id={made['id']}"}


@items.patch("/banks/<uuid:bank_id>")
@may_call("editor")
@in_transaction
@items.arguments(schemas.Bank)
@items.response(200, schemas.Bank)
def rename_bank(session: Session, data: dict[str, Any], bank_id: Any) -> dict[str, Any]:
    return use_cases.rename_bank(session, str(bank_id), data["name"])


@items.delete("/banks/<uuid:bank_id>")
@may_call("editor")
@in_transaction
@items.response(204)
def delete_bank(session: Session, bank_id: Any) -> None:
    use_cases.delete_bank(session, str(bank_id))


@items.get("/items")
@may_call("editor")
@reading
@items.arguments(schemas.ItemQuery, location="query")
@items.response(200, schemas.ItemPage)
def list_items(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    rows = use_cases.listed(session, query, read_cursor(query.get("cursor"), 3))
    found, following = page(rows, query["limit"], lambda row: [row.bank_id, row.place, row.id])
    return {"items": use_cases.shown(session, list(found)), "next": following}


@items.post("/items")
@may_call("editor")
@in_transaction
@items.arguments(schemas.Item)
@items.response(201, schemas.Item)
def add_item(session: Session, data: dict[str, Any]) -> Made:
    made = use_cases.add(session, str(data["bank_id"]), data["item"])
    return made, 201, {"Location": f"/api/v1/quizzes/items/{made['id']}", "ETag": etag(made["version"])}


@items.post("/items/check")
@may_call("editor")
@items.arguments(schemas.ItemToCheck)
@items.response(200, Faults)
def check_item(data: dict[str, Any]) -> dict[str, Any]:
    """What is wrong with a question while it is written; saves nothing."""
    return {"faults": said(faults_of(use_cases.read(data["item"])))}


@items.get("/items/<uuid:item_id>")
@may_call("editor")
@reading
@items.response(200, schemas.Item)
def show_item(session: Session, item_id: Any) -> Made:
    row = use_cases.item(session, str(item_id))
    return use_cases.shown(session, [row])[0], 200, {"ETag": etag(row.version)}


@items.patch("/items/<uuid:item_id>")
@may_call("editor")
@in_transaction
@items.arguments(schemas.ItemChange)
@items.response(200, schemas.Item)
def change_item(session: Session, data: dict[str, Any], item_id: Any) -> Made:
    """A new version of the question; attempts begun before keep the one they were shown."""
    row = use_cases.item(session, str(item_id), lock=True)
    require_match(row.version)
    shown = use_cases.change(session, row, data)
    return shown, 200, {"ETag": etag(row.version)}


@items.delete("/items/<uuid:item_id>")
@may_call("editor")
@in_transaction
@items.response(204)
def delete_item(session: Session, item_id: Any) -> None:
    use_cases.remove(session, use_cases.item(session, str(item_id), lock=True))
