"""Messages about a decision that reached nobody: why, whether an address is on record now, and once more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from services.notify import queries, several, use_cases, writing
from services.notify.models import Delivery, Notice
from shared.auth import Principal

LOOKED_AT_ONCE = 200
ROLES = ("librarian", "operator")
Key = Sequence[Any]
"""(created_at, id) of a notice: the place after which a page begins."""


def failed(session: Session, who: Principal, query: Mapping[str, Any], after: Key | None) -> list[dict[str, Any]]:
    """One more than a page, newest first. `address`: only those that somebody can, or cannot, be written to now."""
    wanted, found = query.get("address"), []
    for row in _rows(session, who, query, after):
        if wanted is None or row["has_address"] == wanted:
            found.append(row)
        if len(found) > query["limit"]:
            break
    return found


def _rows(session: Session, who: Principal, query: Mapping[str, Any], after: Key | None) -> Iterator[dict[str, Any]]:
    while notices := _chunk(session, who, query, after):
        yield from _shown(session, notices)
        after = (notices[-1].created_at, notices[-1].id)


def _chunk(session: Session, who: Principal, query: Mapping[str, Any], after: Key | None) -> Sequence[Notice]:
    chosen = queries.visible_to(who, *ROLES)
    chosen = chosen.where(Notice.quarantine_id == str(query["quarantine_id"]), Notice.state == "failed")
    if query.get("search"):
        chosen = chosen.where(queries.named(query["search"]))
    if after:
        at, last = after
        chosen = chosen.where(or_(Notice.created_at < at, and_(Notice.created_at == at, Notice.id < last)))
    newest = chosen.order_by(Notice.created_at.desc(), Notice.id.desc())
    return session.scalars(newest.limit(LOOKED_AT_ONCE)).all()


def _shown(session: Session, notices: Sequence[Notice]) -> Iterator[dict[str, Any]]:
    to = writing.recipients(session, writing.families(session, {notice.addressee for notice in notices}))
    errors = _last_errors(session, [notice.id for notice in notices])
    plain = ("id", "card_number", "recipient", "about", "kind", "language", "created_at")
    for notice in notices:
        way, error = errors.get(notice.id, (None, None))
        known = to.get(notice.addressee)
        more = {"channel": way, "last_error": error, "has_address": bool(known and known.channels())}
        yield {name: getattr(notice, name) for name in plain} | more


def _last_errors(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Notice -> way tried last and its error, of those that were tried at all."""
    tried = select(Delivery.notice_id, Delivery.channel, Delivery.last_error).order_by(Delivery.place)
    rows = session.execute(tried.where(Delivery.notice_id.in_(ids), Delivery.last_error.is_not(None)))
    return {row.notice_id: (row.channel, row.last_error) for row in rows}


def retry(session: Session, quarantine_id: str, ids: Sequence[str], who: Principal) -> dict[str, Any]:
    """Sends those once more: `{again, refused: [{detail, notices}]}`."""
    again, refused = several.each(session, quarantine_id, ids, lambda each: use_cases.retry(session, each, who, ROLES))
    return {"again": again, "refused": refused}


def key_of(row: Mapping[str, Any]) -> list[Any]:
    at: datetime = row["created_at"]
    return [at.isoformat(), row["id"]]
