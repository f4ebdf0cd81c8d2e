"""Announcements to the public: what was posted by hand, and where."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.notify import posts, schemas
from services.notify.models import Post
from shared.auth import STAFF, caller, may_call
from shared.web import in_transaction, reading

announcements = Blueprint(
    "announcements", __name__, url_prefix="/api/v1/announcements", description="What was posted to the public"
)


@announcements.get("")
@may_call(STAFF)
@reading
@announcements.arguments(schemas.OfQuarantine, location="query")
@announcements.response(200, schemas.PostPage)
def list_posts(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """All of one closure, the newest first."""
    return {"items": posts.of(session, str(query["quarantine_id"])), "next": None}


@announcements.post("")
@may_call(STAFF)
@in_transaction
@announcements.arguments(schemas.PostMade)
@announcements.response(201, schemas.Post)
@announcements.alt_response(200, schema=schemas.Post)
def record_post(session: Session, data: dict[str, Any]) -> tuple[Post, int]:
    """The address as evidence; one that is on record already is answered with 200."""
    post, new = posts.record(session, str(data["quarantine_id"]), data["url"], caller())
    return post, 201 if new else 200


@announcements.delete("/<int:number>")
@may_call(STAFF)
@in_transaction
@announcements.response(204)
def take_post_back(session: Session, number: int) -> None:
    """For a wrong entry; the post itself stays where it is."""
    posts.take_back(session, number, caller())
