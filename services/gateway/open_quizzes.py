"""The open quizzes beside the books they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.folding import fold

Quiz = Mapping[str, Any]


def about(title: str, isbn: str | None, quizzes: Sequence[Quiz]) -> list[Quiz]:
    """The quizzes of a book: by its ISBN, or by its title however it is typed."""
    return [quiz for quiz in quizzes if any(_same(work, title, isbn) for work in quiz["works"])]


def _same(work: Mapping[str, Any], title: str, isbn: str | None) -> bool:
    if isbn and work.get("isbn") == isbn:
        return True
    return bool(title) and fold(work.get("title") or "") == fold(title)
