"""What several pages do alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import make_response, render_template
from werkzeug.wrappers import Response

from services.gateway import asking, errors
from services.gateway.asking import Found
from services.gateway.opening import Branch, branch_view
from shared import clock

BRANCHES = ("quarantines", asking.path("/branches", limit=500))


def branch_views(found: Found) -> dict[str, Branch]:
    country, now = asking.settings().country, clock.now()
    return {branch["id"]: branch_view(branch, country, now) for branch in found.items}


def page(template: str, found: Mapping[str, Found], **values: Any) -> Response:
    """A page over what was found; one with a part missing says since when and comes back by itself."""
    away = sorted(name for name, each in found.items() if each.away)
    response = make_response(render_template(template, away=away, as_of=_oldest(found.values()), **values))
    return errors.trying_again(response) if away else response


def _oldest(found: Iterable[Found]) -> datetime | None:
    return min((each.as_of for each in found if each.as_of), default=None)
