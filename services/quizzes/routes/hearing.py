"""What another service has just accepted may be named here at once: the word of it may still be on its way."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import request

from services.quizzes.models import Branch, Reader
from shared.references import wait_until_known
from shared.web import context

_TABLES: dict[str, type[Reader | Branch]] = {"card_number": Reader, "branch_id": Branch}


def after_hearing_of(field: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Waits for the card or branch that a body names in `field`, before any transaction is opened."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def run(*args: Any, **kwargs: Any) -> Any:
            body = request.get_json(silent=True)
            named = body.get(field) if isinstance(body, dict) else None
            if isinstance(named, str) and named:
                wait_until_known(lambda: _unknown(_TABLES[field], named), context().settings.reference_wait)
            return view(*args, **kwargs)

        return run

    return decorate


def _unknown(table: type[Reader | Branch], name: str) -> set[str]:
    with context().database.reading() as session:
        found: Any = session.get(table, name)
        # Version 0: a branch that only a decision has named so far.
        return {name} if found is None or not found.version else set()
