"""The two lists that are the same for everyone, as they were answered last: the branches and the open quizzes.

Within a minute either may be shown again, so that a page about books asks for one of the two and never for both.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TypedDict

from flask import Flask, current_app

from services.gateway import asking
from services.gateway.asking import Found

SECONDS = 60.0


class Wanted(TypedDict, total=False):
    """List -> service and path, to be asked beside a page's other calls."""

    branches: tuple[str, str]
    quizzes: tuple[str, str]


@dataclass
class PublicList:
    """`call`: service and path; `last`: the newest answer this process had; `since`: seconds of a steady clock."""

    call: tuple[str, str]
    last: Found = Found(None, away=True)
    since: float = float("-inf")
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.last = replace(self.last, service=self.call[0])

    def keep(self, found: Found, now: float) -> None:
        """A service that is down is asked again by the next page, and takes nothing away that is known."""
        with self._guard:
            if not found.away:
                self.last, self.since = found, now

    def is_fresh(self, now: float) -> bool:
        return now - self.since < SECONDS


@dataclass
class PublicLists:
    """What one process knows of both."""

    branches: PublicList = field(
        default_factory=lambda: PublicList(("quarantines", asking.path("/branches", limit=500)))
    )
    quizzes: PublicList = field(
        default_factory=lambda: PublicList(("quizzes", asking.path("/quizzes", open="true", limit=500)))
    )

    def one_wanted(self, now: float) -> Wanted:
        """The call for one of them: the branches, unless these are fresh and the quizzes are not."""
        if self.branches.is_fresh(now) and not self.quizzes.is_fresh(now):
            return {"quizzes": self.quizzes.call}
        return {"branches": self.branches.call}

    def branches_and_stale(self, now: float) -> Wanted:
        """The calls for the branches and, unless they are fresh, the quizzes."""
        return {"branches": self.branches.call, **self.stale_quizzes(now)}

    def stale_quizzes(self, now: float) -> Wanted:
        """The call for the quizzes, unless they are fresh."""
        return {} if self.quizzes.is_fresh(now) else {"quizzes": self.quizzes.call}

    def without_quizzes(self, found: dict[str, Found], now: float) -> dict[str, Found]:
        """What was found but for the quizzes, which are kept."""
        rest = dict(found)
        if quizzes := rest.pop("quizzes", None):
            self.quizzes.keep(quizzes, now)
        return rest

    def fill(self, found: dict[str, Found], now: float) -> dict[str, Found]:
        """What was found, kept; with the branches as known last where they were not asked for, without the quizzes."""
        rest = self.without_quizzes(found, now)
        if "branches" in rest:
            self.branches.keep(rest["branches"], now)
        return rest | ({} if "branches" in rest else {"branches": self.branches.last})


def install(app: Flask) -> None:
    app.extensions["public_lists"] = PublicLists()


def public_lists() -> PublicLists:
    found: PublicLists = current_app.extensions["public_lists"]
    return found
