"""The open quizzes beside the books they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from shared.folding import fold

Quiz = Mapping[str, Any]


def stage(quiz: Quiz, today: date) -> str:
    """`open`, `not_yet` or `closed`, also between its last day and the tick that closes it.

    `today` in the library's zone: a branch may lie west of it, where the first day has not begun yet.
    """
    if quiz["open"]:
        return "open"
    opens_on = quiz["opens_on"]
    waits = quiz["state"] == "published" and opens_on is not None and date.fromisoformat(opens_on) >= today
    return "not_yet" if waits else "closed"


def about(title: str, isbn: str | None, quizzes: Sequence[Quiz]) -> list[Quiz]:
    """The quizzes of a book: by its ISBN, or by its title however it is typed."""
    return [quiz for quiz in quizzes if any(_same(work, title, isbn) for work in quiz["works"])]


def _same(work: Mapping[str, Any], title: str, isbn: str | None) -> bool:
    if isbn and work.get("isbn") == isbn:
        return True
    return bool(title) and fold(work.get("title") or "") == fold(title)
