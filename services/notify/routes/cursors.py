"""Cursors of lists that begin with the newest notice."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from shared.problems import invalid
from shared.web import read_cursor


def after_of(cursor: str | None) -> list[Any] | None:
    """(created_at, id) of the last notice seen. Raises a 422 problem for a cursor we did not make."""
    key = read_cursor(cursor, parts=2)
    if key is None:
        return None
    try:
        return [datetime.fromisoformat(key[0]), str(UUID(key[1]))]
    except (TypeError, ValueError, AttributeError) as error:
        raise invalid("cursor", "Use the value of next from the page before.") from error
