"""What several pages do alike."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import current_app, make_response, render_template
from werkzeug.wrappers import Response

from services.gateway import asking, errors, open_quizzes
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


def quizzes_wanted() -> tuple[str, str] | None:
    """The call for the open quizzes, to be made beside a page's others; none within a minute of the last."""
    return None if _known_quizzes().fresh(time.monotonic()) else open_quizzes.CALL


def quizzes_found(found: dict[str, Found]) -> list[open_quizzes.Quiz]:
    """The open quizzes, taken out of what was found: a page that merely mentions them does without."""
    asked, now = found.pop("quizzes", None), time.monotonic()
    known = _known_quizzes()
    best = known.keep(asked, now) if asked else known.fresh(now)
    return best.items if best else []


def _known_quizzes() -> open_quizzes.Known:
    known: open_quizzes.Known = current_app.extensions["open_quizzes"]
    return known


def said_in(refused: asking.Refused) -> str:
    """Why a service said no, in one line: what is wrong with the fields, else the whole."""
    return " ".join(message for messages in refused.errors.values() for message in messages) or refused.detail
