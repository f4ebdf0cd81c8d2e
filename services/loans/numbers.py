"""Numbers of a period for the report: what was lent, and what closures moved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import Session

from services.loans.models import AGREED, DueDateChange, Loan
from shared.auth import Principal

NAMES = ("lent", "renewed", "returned", "extended", "brought_nearer")


def numbers(session: Session, who: Principal, since: date, until: date) -> list[dict[str, Any]]:
    """By branch; loans are counted once however often they moved. `until` is the last day counted."""
    zone = ZoneInfo(session.info["settings"].time_zone)
    first = datetime.combine(since, time(), zone)
    after = datetime.combine(until + timedelta(days=1), time(), zone)
    then = (DueDateChange.at >= first, DueDateChange.at < after)
    moved = _changes(*then, DueDateChange.why.not_in(AGREED))
    later = or_(DueDateChange.now.is_(None), DueDateChange.now > DueDateChange.was)
    counted = {
        "lent": _loans(Loan.lent_on.between(since, until)),
        "returned": _loans(Loan.returned_on.between(since, until)),
        "renewed": _changes(*then, DueDateChange.why == "renewed"),
        "extended": moved.where(later),
        "brought_nearer": moved.where(DueDateChange.now < DueDateChange.was),
    }
    mine = _counted_for(who)
    return _by_branch({name: session.execute(chosen.where(mine)).all() for name, chosen in counted.items()})


def _counted_for(who: Principal) -> ColumnElement[bool]:
    """The branches of a librarian, whose loans they see, and of an operator, who sees these numbers of them."""
    held = [who.branches(role) for role in ("librarian", "operator")]
    return true() if None in held else Loan.branch_id.in_(frozenset().union(*filter(None, held)))


def _loans(condition: Any) -> Select[str, int]:
    counted = select(Loan.branch_id, func.count())
    return counted.where(condition).group_by(Loan.branch_id)


def _changes(*conditions: Any) -> Select[str, int]:
    counted = select(Loan.branch_id, func.count(func.distinct(DueDateChange.loan_id)))
    joined = counted.join(DueDateChange, DueDateChange.loan_id == Loan.id)
    return joined.where(*conditions).group_by(Loan.branch_id)


def _by_branch(counted: dict[str, Iterable[Any]]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for name, found in counted.items():
        for branch_id, count in found:
            rows.setdefault(branch_id, {"branch_id": branch_id} | dict.fromkeys(NAMES, 0))[name] = count
    return [rows[branch_id] for branch_id in sorted(rows)]
