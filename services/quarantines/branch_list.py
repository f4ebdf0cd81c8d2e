"""The list of branches as it is answered: every page of the website asks for it, and it seldom changes.

Every change raises a version and is dated, so as long as both stay the same the answer does; and so it does within a
quarter of an hour, the smallest step between the beginnings of a day in two time zones.

Whether they stayed the same is asked once a second for all readers together; staff see what they changed at once.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock
from typing import Any

import orjson
from sqlalchemy import URL, text
from sqlalchemy.orm import Session

from services.quarantines import queries, schemas, views
from shared import clock
from shared.auth import STAFF, caller
from shared.database import AFTER_COMMIT
from shared.web import page

STATE = text(
    "SELECT b.*, q.* FROM (SELECT count(*), sum(version), max(changed_at) FROM branches) AS b,"
    " (SELECT count(*), sum(version), max(decided_at) FROM quarantines) AS q"
)
QUARTER_OF_AN_HOUR = 900
MOST_REMEMBERED = 64

SECONDS_KNOWN = 1.0

_states: dict[URL, tuple[float, tuple[Any, ...]]] = {}
_remembered: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()
_guard = Lock()


def body(session: Session, cursor: str | None, limit: int) -> bytes:
    """One page of the list, as JSON. Raises a 422 problem for a cursor we did not make."""
    moment = int(clock.now().timestamp()) // QUARTER_OF_AN_HOUR
    key = (*_state(session), moment, session.info["settings"].country, cursor, limit)
    with _guard:
        known = _remembered.get(key)
    return known or _remember(key, _made(session, cursor, limit))


def _state(session: Session) -> tuple[Any, ...]:
    url, now = session.get_bind().engine.url, time.monotonic()
    since, known = _states.get(url, (float("-inf"), ()))
    if now - since < SECONDS_KNOWN and caller().kind != STAFF:
        return known
    _states[url] = now, (url, *session.execute(STATE).one())
    return _states[url][1]


def _ask_again(session: Session) -> None:
    _states.pop(session.get_bind().engine.url, None)


AFTER_COMMIT.append(_ask_again)


def _made(session: Session, cursor: str | None, limit: int) -> bytes:
    rows = queries.branches(session, views.read_code_cursor(cursor), limit + 1)
    items, following = page(rows, limit, lambda branch: [branch.id])
    found = {"items": views.branches(session, items), "next": following}
    return orjson.dumps(schemas.BranchPage().dump(found))


def _remember(key: tuple[Any, ...], made: bytes) -> bytes:
    with _guard:
        _remembered[key] = made
        while len(_remembered) > MOST_REMEMBERED:
            _remembered.popitem(last=False)
    return made
