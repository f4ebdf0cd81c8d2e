"""Which notices staff work with: those of families at home at their branches, or with a book of these that moved."""

from __future__ import annotations

from collections.abc import Set

from sqlalchemy import ColumnElement, exists, or_, select, true

from services.notify.models import Book, Move, Notice, NoticeCard, Person
from shared.auth import SERVICE, Principal

ROLES = ("librarian", "operator")
NO_BRANCH = ""


def branches_of(who: Principal) -> Set[str] | None:
    """Where the caller works; None for everywhere."""
    held = [who.branches(role) for role in ROLES if role in who.roles]
    if who.kind == SERVICE or None in held:
        return None
    return {branch for each in held for branch in each or ()}


def at_home_at(branches: Set[str]) -> ColumnElement[bool]:
    """A condition on `Person`: a reader without a branch is everybody's."""
    return or_(Person.home_branch_id.is_(None), Person.home_branch_id.in_({*branches, NO_BRANCH}))


def own_notices(who: Principal) -> ColumnElement[bool]:
    """A condition on `Notice`."""
    branches = branches_of(who)
    if branches is None:
        return true()
    families = select(Person.addressee).where(at_home_at(branches))
    moved = exists().where(
        NoticeCard.notice_id == Notice.id,
        Move.card_number == NoticeCard.card_number,
        Move.quarantine_id == Notice.quarantine_id,
        Book.loan_id == Move.loan_id,
        Book.branch_id.in_(branches),
    )
    return or_(Notice.addressee.in_(families), moved)
