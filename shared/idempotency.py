"""A POST that may be repeated: its answer is kept, with its effect, under the key the caller gave."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Response, g, request
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared import auth, clock
from shared.database import is_sqlite
from shared.problems import invalid
from shared.tables import idempotency

KEPT_HEADERS = ("Content-Type", "Location", "ETag")


def once(session: Session, answer: Callable[[], Response]) -> Response:
    """The answer of the first request with this caller and key; 422 when the key was used for another request.

    While the first is under way the second waits for it at the row; a first that failed leaves no row.
    """
    key = request.headers["Idempotency-Key"]
    if not (1 <= len(key) <= 255 and key.isprintable()):
        raise invalid("Idempotency-Key", "Use 1 to 255 printable characters.")
    # A service may know its strangers by more than their address, which a whole school shares.
    who = (g.get("acts_as") or auth.caller().subject or request.remote_addr or "")[:120]
    digest = hashlib.sha256(request.full_path.encode() + b"\n" + request.get_data()).hexdigest()
    mine = (idempotency.c.caller == who) & (idempotency.c.key == key)
    if not _claim(session, who, key, digest):
        return _again(session.execute(select(idempotency).where(mine)).one(), digest)
    response = answer()
    kept = {
        "status": response.status_code,
        "headers": {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
        "body": response.get_data(),
    }
    session.execute(update(idempotency).where(mine).values(kept))
    return response


def _claim(session: Session, who: str, key: str, digest: str) -> bool:
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    row = {"caller": who, "key": key, "request": digest, "at": clock.now()}
    unanswered: dict[str, Any] = {"status": 0, "headers": {}, "body": b""}
    claimed = insert(idempotency).values(row | unanswered).on_conflict_do_nothing().returning(idempotency.c.key)
    return session.execute(claimed).first() is not None


def _again(row: Any, digest: str) -> Response:
    if row.request != digest:
        raise invalid("Idempotency-Key", "This key was already used for another request.")
    return Response(bytes(row.body), status=row.status, headers=row.headers)


def forget(session: Session, days: int) -> int:
    """Deletes answers older than `days`; returns how many went."""
    old = delete(idempotency).where(idempotency.c.at < clock.now() - timedelta(days=days))
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]
