"""The open quizzes beside the books they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import orjson

from shared.folding import fold
from shared.isbn import isbn_13

Quiz = Mapping[str, Any]
JUST_RETURNED = timedelta(days=14)
MOST_LISTS = 4


def stage(quiz: Quiz, today: date) -> str:
    """`open`, `not_yet` or `closed`, also between its last day and the tick that closes it.

    `today` in the library's zone: a branch may lie west of it, where the first day has not begun yet.
    """
    if quiz["open"]:
        return "open"
    opens_on = quiz["opens_on"]
    waits = quiz["state"] == "published" and opens_on is not None and date.fromisoformat(opens_on) >= today
    return "not_yet" if waits else "closed"


@dataclass(frozen=True)
class OnBooks:
    """Open quizzes by the books they are about: ISBN-13 or folded title -> quizzes."""

    by_isbn: Mapping[str, Sequence[Quiz]]
    by_title: Mapping[str, Sequence[Quiz]]

    def about(self, title: str, isbn: str | None) -> list[Quiz]:
        """The quizzes of a book, each once: by its ISBN in either form, or by its title however it is typed."""
        found = [*self.by_isbn.get(isbn_13(isbn) or "", ()), *self.by_title.get(fold(title), ())]
        return list({quiz["id"]: quiz for quiz in found}.values())


@lru_cache(MOST_LISTS)
def on_books(quiz_list: bytes) -> OnBooks:
    """`quiz_list`: a page of quizzes as JSON, or `null`. Worked out once for each answer, however many books ask."""
    by_isbn: dict[str, list[Quiz]] = {}
    by_title: dict[str, list[Quiz]] = {}
    for quiz in (orjson.loads(quiz_list) or {}).get("items") or []:
        for work in quiz["works"]:
            if isbn := isbn_13(work.get("isbn")):
                by_isbn.setdefault(isbn, []).append(quiz)
            if title := fold(work.get("title") or ""):
                by_title.setdefault(title, []).append(quiz)
    return OnBooks(by_isbn, by_title)


def of_returned(loans: Iterable[Mapping[str, Any]], quizzes: OnBooks, today: date) -> dict[str, list[Quiz]]:
    """Title -> quizzes, of books taken back within the last two weeks: while the story is still in mind."""
    since = (today - JUST_RETURNED).isoformat()
    back = [loan for loan in loans if (loan["returned_on"] or "") >= since]
    found = {loan["title"]: quizzes.about(loan["title"], loan.get("isbn")) for loan in back}
    return {title: offered for title, offered in found.items() if offered}
