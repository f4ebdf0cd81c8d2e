"""A digest as it would be written, for staff to read before they decide; writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
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

NAMES = {"kk": ("Айгүл", "Алихан"), "ru": ("Анна", "Миша"), "en": ("Anna", "Tom")}
"""Who is written to, and the child she is written to for."""
BOOKS = {
    "kk": (("Абай жолы", "Мұхтар Әуезов"), ("Менің атым Қожа", "Бердібек Соқпақбаев")),
    "ru": (("Капитанская дочка", "А. С. Пушкин"), ("Незнайка на Луне", "Н. Н. Носов")),
    "en": (("Alice\u2019s Adventures in Wonderland", "Lewis Carroll"), ("Splat the Cat", "Rob Scotton")),
}
MOST_BRANCHES = 500


def samples(
    session: Session, quarantine: Mapping[str, Any], was_due: date | None, now_due: date | None
) -> list[Rendered]:
    """The message to a guardian, a book of whose own and one of whose child move so, in each language.

    By the templates that are sent; both books have one day, so that they may be brought in one visit.
    """
    settings = session.info["settings"]
    branches = _first_known(session, quarantine)
    digests = (_digest(language, branches, quarantine, was_due, now_due) for language in LANGUAGES)
    return [render(digest, rendering.library(settings), links.address(settings)) for digest in digests]


def _first_known(session: Session, quarantine: Mapping[str, Any]) -> tuple[ClosedBranch, ...]:
    ids = [each["branch_id"] for each in quarantine["branches"][:MOST_BRANCHES]]
    known = session.scalars(select(Branch).where(Branch.id.in_(ids)).order_by(Branch.id).limit(1))
    return tuple(ClosedBranch(branch.id, branch.name, quarantine["reopens_on"]) for branch in known)


def _digest(
    language: str,
    branches: tuple[ClosedBranch, ...],
    quarantine: Mapping[str, Any],
    was_due: date | None,
    now_due: date | None,
) -> Digest:
    place = branches[0].id if branches else ""
    late = was_due is not None and was_due < clock.today(ZONE)
    lines = [BookLine(title, was_due, now_due, author, place, was_late=late) for title, author in BOOKS[language]]
    return Digest(
        language=language,
        name=NAMES[language][0],
        case=case_of(quarantine["state"], lines, quarantine["state"] != "declared"),
        written_on=clock.today(ZONE),
        first_closed=quarantine["starts_on"],
        branches=branches,
        readers=tuple(ReaderSection(name, (line,)) for name, line in zip(NAMES[language], lines, strict=True)),
        reason=quarantine["reason"],
    )
