"""Reads for lists and pages."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.quarantines.models import Branch


def branches(session: Session, after: str | None, limit: int) -> Sequence[Branch]:
    """Branches by code, after that one."""
    chosen = select(Branch).order_by(Branch.id).limit(limit)
    return session.scalars(chosen.where(Branch.id > after) if after else chosen).all()


def path_of(session: Session, branch_id: str | None) -> list[str]:
    """The codes from the root down to that branch."""
    path: list[str] = []
    while branch_id is not None:
        path.insert(0, branch_id)
        branch = session.get_one(Branch, branch_id)
        branch_id = branch.parent_id
    return path
