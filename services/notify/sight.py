"""Which readers, and so which notices, staff may know of: as in accounts, those of the branches where they hold the
role, and those who have no home branch."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select, true

from services.notify.models import Notice, NoticeCard, Person
from shared.auth import SERVICE, Principal


def own_readers(who: Principal, *roles: str) -> ColumnElement[bool] | None:
    """The condition on `Person` for whoever holds one of the roles; None where there is none to make."""
    held = [who.branches(role) for role in roles if who.has(role)]
    if who.kind == SERVICE or None in held:
        return None
    home = Person.home_branch_id
    return or_(home.is_(None), home.in_({"", *(branch_id for each in held for branch_id in each or ())}))


def own_notices(who: Principal, *roles: str) -> ColumnElement[bool]:
    """Notices to one of these readers, or about one."""
    condition = own_readers(who, *roles)
    if condition is None:
        return true()
    cards = select(Person.card_number).where(condition)
    about = select(NoticeCard.notice_id).where(NoticeCard.card_number.in_(cards))
    return or_(Notice.card_number.in_(cards), Notice.id.in_(about))
