"""What routes share: the transaction they run in, keys that make a POST safe to repeat, cursors, versions.

Order of decorators, from the top: `route`, `may_call`, `in_transaction` or `reading`, `arguments`, `response`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from typing import Any, TypeVar

import orjson
from flask import Response, current_app, make_response, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from webargs.flaskparser import FlaskParser

from shared import idempotency
from shared.problems import Problem, invalid
from shared.service import Context

MOST_QUERIES = 1024


class SchemasMadeOnce(FlaskParser):
    """webargs would make a schema anew for every request, which takes longer than reading a short query."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[type[Schema], Schema] = {}

    def _get_schema(self, argmap: Any, req: Any) -> Schema:
        if not isinstance(argmap, type):
            return super()._get_schema(argmap, req)
        if argmap not in self._made:
            self._made[argmap] = argmap()
        return self._made[argmap]

    def parse(self, argmap: Any, req: Any = None, *, location: str | None = None, **options: Any) -> Any:
        if location != "query" or not isinstance(argmap, type):
            return super().parse(argmap, req, location=location, **options)
        return dict(_queried(self, argmap, request.query_string))


@lru_cache(maxsize=MOST_QUERIES)
def _queried(parser: SchemasMadeOnce, shape: type[Schema], _query: bytes) -> Mapping[str, Any]:
    """The query of the present request, read; most requests ask what was asked before. Nobody changes what is in it."""
    found: Mapping[str, Any] = super(SchemasMadeOnce, parser).parse(shape, location="query")
    return found


Blueprint.ARGUMENTS_PARSER = SchemasMadeOnce()

View = TypeVar("View", bound=Callable[..., Any])
MOST_ITEMS = 500


def context() -> Context:
    """The service whose app handles the present request."""
    found: Context = current_app.extensions["kitaphana"]
    return found


def in_transaction(view: Callable[..., Any]) -> Callable[..., Any]:
    """Runs a route in one transaction, handed in as its first argument; committed when it has answered.

    Honours `Idempotency-Key` on a POST: the answer is kept in the same transaction and given again. While the first
    request is under way the second waits for it; the same key with another request is 422.
    """

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Response:
        request.get_data(cache=True)  # a slow client must not hold a transaction open
        with context().database.transaction() as session:
            if request.method != "POST" or "Idempotency-Key" not in request.headers:
                return make_response(view(session, *args, **kwargs))
            return idempotency.once(session, lambda: make_response(view(session, *args, **kwargs)))

    return run


def reading(view: Callable[..., Any]) -> Callable[..., Any]:
    """Runs a route with a session that only reads."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Response:
        with context().database.looking() as session:
            return make_response(view(session, *args, **kwargs))

    return run


class PageQuery(Schema):
    """Query of a list: `cursor` as given by the page before, `limit` up to 500."""

    cursor = fields.String()
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=MOST_ITEMS))


def cursor_after(*key: Any) -> str:
    """The cursor of the page that begins after a row with that sort key."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def read_cursor(cursor: str | None, parts: int = 1) -> list[Any] | None:
    """The sort key in a cursor, None without one. Raises a 422 problem for one we did not make."""
    if not cursor:
        return None
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:
        raise invalid("cursor", "Use the value of next from the page before.") from error
    if not isinstance(key, list) or len(key) != parts:
        raise invalid("cursor", "Use the value of next from the page before.")
    return key


def page(rows: Sequence[Any], limit: int, key: Callable[[Any], Sequence[Any]]) -> tuple[Sequence[Any], str | None]:
    """Cuts a list read with limit + 1 into (items, next cursor)."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], cursor_after(*key(rows[limit - 1]))


def page_as_json(items: Sequence[Any], following: str | None) -> Response:
    """A page of what is JSON already, days and moments included: for lists that every reader's page asks for."""
    return Response(orjson.dumps({"items": items, "next": following}), content_type="application/json")


def page_of(item: type[Schema]) -> type[Schema]:
    """The shape of a page of `item`: `{items: […], next: cursor or null}`."""
    name = f"{item.__name__}Page"
    parts = {"items": fields.List(fields.Nested(item)), "next": fields.String(allow_none=True)}
    return Schema.from_dict(parts, name=name)  # type: ignore[arg-type]


def etag(version: int) -> str:
    return f'"{version}"'


def require_match(version: int) -> None:
    """412 when an If-Match is sent and names another version; `*` always matches."""
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*":
        return
    if etag(version) not in {part.strip().removeprefix("W/") for part in given.split(",")}:
        raise Problem(412, "Somebody has changed this meanwhile. Load it again, look, and repeat your change.")


def wants_to_wait() -> bool:
    """False when the client asked for 202 and a run to follow (`Prefer: respond-async`)."""
    return "respond-async" not in request.headers.get("Prefer", "")


def reference_wait() -> float:
    """Seconds to look again for what a request names: the setting's, or fewer for `Prefer: wait=2` (RFC 7240)."""
    wished = re.search(r"\bwait=(\d{1,3})\b", request.headers.get("Prefer", ""))
    most = context().settings.reference_wait
    return min(most, float(wished[1])) if wished else most
