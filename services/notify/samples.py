"""A digest as it would be written, for staff to read before they decide; writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notify import links, rendering
from services.notify.digest import BookLine, ClosedBranch, Digest, ReaderSection, case_of
from services.notify.models import Branch
from services.notify.people import ZONE
from services.notify.wording import Rendered, render
from shared import clock
from shared.language import LANGUAGES

NAMES = {"kk": "Айгүл", "ru": "Анна", "en": "Anna"}
BOOKS = {
    "kk": ("Абай жолы", "Мұхтар Әуезов"),
    "ru": ("Капитанская дочка", "А. С. Пушкин"),
    "en": ("Alice\u2019s Adventures in Wonderland", "Lewis Carroll"),
}


def samples(session: Session, asked: Mapping[str, Any]) -> list[Rendered]:
    """The message to somebody with one book, in each language; by the templates that are sent."""
    settings = session.info["settings"]
    branches = _branches(session, asked)
    digests = (_digest(language, branches, asked) for language in LANGUAGES)
    return [render(digest, rendering.library(settings), links.address(settings)) for digest in digests]


def _branches(session: Session, asked: Mapping[str, Any]) -> tuple[ClosedBranch, ...]:
    known = session.scalars(select(Branch).where(Branch.id.in_(asked["branch_ids"])).order_by(Branch.id))
    return tuple(ClosedBranch(branch.id, branch.name, asked["reopens_on"]) for branch in known)


def _digest(language: str, branches: tuple[ClosedBranch, ...], asked: Mapping[str, Any]) -> Digest:
    title, author = BOOKS[language]
    place = branches[0].id if branches else ""
    line = BookLine(title, asked["was_due"], asked["now_due"], author, place)
    return Digest(
        language=language,
        name=NAMES[language],
        case=case_of(asked["decision"], [line], asked["decision"] != "declared"),
        written_on=clock.today(ZONE),
        first_closed=asked["starts_on"],
        branches=branches[:1],
        readers=(ReaderSection(NAMES[language], (line,)),),
        reason=asked["reason"],
    )
