"""The quizzes that are open now, the same for everyone: remembered for a minute, so that a page about books makes no
call of its own for them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask

from services.gateway import asking
from services.gateway.asking import Found
from shared.folding import fold

CALL = ("quizzes", asking.path("/quizzes", open="true", limit=100))
SECONDS = 60.0
Quiz = Mapping[str, Any]


class Known:
    """What this process knows of the open quizzes, and since when (seconds of a steady clock)."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._found = Found(None, away=True)
        self._since = -SECONDS

    def keep(self, found: Found, now: float) -> Found:
        with self._guard:
            # A service that is down is asked again by the next page, and takes nothing away that is known.
            if not found.away:
                self._found, self._since = found, now
            return self._found

    def fresh(self, now: float) -> Found | None:
        with self._guard:
            return self._found if now - self._since < SECONDS else None


def install(app: Flask) -> None:
    app.extensions["open_quizzes"] = Known()


def about(title: str, isbn: str | None, quizzes: Sequence[Quiz]) -> list[Quiz]:
    """The quizzes of a book: by its ISBN, or by its title however it is typed."""
    return [quiz for quiz in quizzes if any(_same(work, title, isbn) for work in quiz["works"])]


def _same(work: Mapping[str, Any], title: str, isbn: str | None) -> bool:
    if isbn and work.get("isbn") == isbn:
        return True
    return bool(title) and fold(work.get("title") or "") == fold(title)
