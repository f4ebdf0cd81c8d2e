"""Posts to the public made by hand: where somebody has posted about a closure, kept as evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notify.models import Decision, Post
from shared import clock, outbox
from shared.auth import Principal
from shared.problems import not_found, say

LONGEST = 500


def an_address(value: str) -> None:
    """Only what leads a browser to a page over TLS: it stands as a link before colleagues."""
    try:
        parts = urlsplit(value)
        known = parts.scheme == "https" and "." in (parts.hostname or "") and parts.port in (None, 443)
    except ValueError:
        known = False
    if not known or "@" in value.partition("://")[2].partition("/")[0] or not value.isprintable() or " " in value:
        raise ValidationError(say("Write the whole address of the post, beginning with https://."))


def record(session: Session, quarantine_id: str, url: str, who: Principal) -> tuple[Post, bool]:
    """The post, and whether it is new: an address is kept once a closure. Raises a 404 problem."""
    # Locked, so that two who record the same post at once do it one after the other.
    decision = session.get(Decision, quarantine_id, with_for_update=True)
    if decision is None:
        raise not_found()
    standing = _standing(quarantine_id).where(Post.url == url)
    if found := session.scalars(standing).first():
        return found, False
    post = Post(quarantine_id=quarantine_id, url=url, at=clock.now(), by=who.subject, name=who.name)
    session.add(post)
    session.flush()
    outbox.add(session, "announcement.posted.v1", quarantine_id, _said(post))
    return post, True


def _said(post: Post) -> dict[str, Any]:
    by = post.name or post.by
    said = {"announcement_id": str(post.id), "quarantine_id": post.quarantine_id, "url": post.url}
    return said | {"posted_at": post.at.isoformat(), "posted_by": by}


def of(session: Session, quarantine_id: str) -> Sequence[Post]:
    """Those of a closure that were not taken back, the newest first."""
    return session.scalars(_standing(quarantine_id).order_by(Post.id.desc())).all()


def take_back(session: Session, number: int, who: Principal) -> None:
    """A wrong entry: it is not shown any more, but stays on record. Twice is once. Raises a 404 problem."""
    post = session.get(Post, number, with_for_update=True)
    if post is None:
        raise not_found()
    if post.withdrawn_at is None:
        post.withdrawn_at, post.withdrawn_by = clock.now(), who.subject


def _standing(quarantine_id: str) -> Any:
    return select(Post).where(Post.quarantine_id == quarantine_id, Post.withdrawn_at.is_(None))
