"""One deed on many notices: what can be done is done, and of the rest it is summed up why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notify.models import Notice
from shared.problems import Problem, say


def each(
    session: Session, quarantine_id: str, ids: Sequence[str], deed: Callable[[str], object]
) -> tuple[int, list[dict[str, Any]]]:
    """How many notices of that decision the deed was done on, and `[{detail, notices}]` of those it refused.

    A deed refuses before it writes anything.
    """
    done, refused = 0, dict[str, int]()
    mine = select(Notice.id).where(Notice.quarantine_id == quarantine_id, Notice.id.in_(ids)).order_by(Notice.id)
    for notice_id in session.scalars(mine).all():
        try:
            deed(notice_id)
            done += 1
        except Problem as problem:
            detail = say(problem.detail, **problem.values)
            refused[detail] = refused.get(detail, 0) + 1
    return done, [{"detail": detail, "notices": notices} for detail, notices in refused.items()]
