"""What several pages do alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from flask import make_response, render_template
from werkzeug.wrappers import Response

from services.gateway import asking, errors
from services.gateway.asking import Found
from services.gateway.opening import Branch, branch_view
from shared import clock

MOST_LISTS = 16
BRANCHES = ("quarantines", asking.path("/branches", limit=500))


def branch_views(found: Found) -> Mapping[str, Branch]:
    """By id; worked out once a minute, however many ask."""
    return views_of(found.body, asking.settings().country, clock.now().replace(second=0, microsecond=0))


@lru_cache(MOST_LISTS)
def views_of(branch_list: bytes, country: str, minute: datetime) -> Mapping[str, Branch]:
    """`branch_list`: a page of branches as JSON, or `null`."""
    items = (orjson.loads(branch_list) or {}).get("items") or []
    return {branch["id"]: branch_view(branch, country, minute) for branch in items}


def page(template: str, found: Mapping[str, Found], **values: Any) -> Response:
    """A page over what was found; one with a part missing says since when and comes back by itself."""
    away = sorted({each.service for each in found.values() if each.away})
    response = make_response(render_template(template, away=away, as_of=_oldest(found.values()), **values))
    return errors.trying_again(response) if away else response


def _oldest(found: Iterable[Found]) -> datetime | None:
    return min((each.as_of for each in found if each.as_of), default=None)
