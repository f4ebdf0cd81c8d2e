"""Staff: who they are and where they may do what."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.accounts import hashing
from services.accounts.expiry import unknown_branches
from services.accounts.models import Staff
from services.accounts.use_cases import acts, sessions
from shared import clock
from shared.auth import EVERYWHERE, STAFF, Principal
from shared.problems import Problem, invalid, not_found

ADMIN = "admin"


def add(session: Session, who: Principal, fields: Mapping[str, Any], *, sample: bool = False) -> Staff:
    """A new member of staff. Raises 403, 409 for a login that is taken, 422 for an unknown branch."""
    _check_branches(session, fields["roles"])
    _require_own(who, fields["roles"])
    if by_login(session, fields["login"]):
        raise Problem(409, "There is a sign-in with this login already.")
    staff = Staff(
        id=str(uuid.uuid4()),
        version=1,
        login=fields["login"],
        name=fields["name"],
        roles=fields["roles"],
        password_hash=hashing.hashed(fields["password"]),
        disabled=False,
        sample=sample,
        changed_at=clock.now(),
    )
    session.add(staff)
    session.flush()
    acts.record(session, who, "added staff", staff.id)
    return staff


def by_login(session: Session, login: str) -> Staff | None:
    return session.scalars(select(Staff).where(Staff.login == login)).first()


def find(session: Session, who: Principal, staff_id: uuid.UUID, *, lock: bool = False) -> Staff:
    """Raises a 404 problem, also for whom the caller may not look after."""
    chosen = select(Staff).where(Staff.id == str(staff_id))
    staff = session.scalars(chosen.with_for_update() if lock else chosen).first()
    if staff is None or not looks_after(who, staff.roles):
        raise not_found()
    return staff


def looks_after(who: Principal, roles: Mapping[str, Any]) -> bool:
    """An admin of some branches has a say in nothing beyond them, and so in nobody who has."""
    own = who.branches(ADMIN) if who.kind == STAFF else None
    return own is None or all(held != EVERYWHERE and own.issuperset(held) for held in roles.values())


def _require_own(who: Principal, roles: Mapping[str, Any]) -> None:
    if not looks_after(who, roles):
        raise Problem(403, "You can give rights only at the libraries you are an administrator of.")


def require_theirs(session: Session, who: Principal, subject: str | None) -> None:
    """For a sign-in of that subject (`staff:<id>`). Raises a 404 problem as `find` does."""
    if who.branches(ADMIN) is None:
        return
    kind, _, staff_id = (subject or "").partition(":")
    try:
        find(session, who, uuid.UUID(staff_id if kind == STAFF else ""))
    except ValueError as error:
        raise not_found() from error


def change(session: Session, who: Principal, staff: Staff, fields: Mapping[str, Any]) -> Staff:
    """Changes name, roles, password or access; ends the sign-ins that no longer tell the truth."""
    _check_branches(session, fields.get("roles", {}))
    _require_own(who, fields.get("roles", {}))
    given = dict(fields)
    if password := given.pop("password", None):
        given["password_hash"] = hashing.hashed(password)
    for name, value in given.items():
        setattr(staff, name, value)
    session.flush()
    _require_an_admin(session)
    staff.version += 1
    staff.changed_at = clock.now()
    sessions.end_all_of(session, f"staff:{staff.id}")
    acts.record(session, who, "changed staff", staff.id, ", ".join(sorted(fields)))
    session.flush()
    return staff


def _require_an_admin(session: Session) -> None:
    enabled = session.scalars(select(Staff.roles).where(Staff.disabled.is_(False)))
    if not any(roles.get(ADMIN) == EVERYWHERE for roles in enabled):
        raise Problem(409, "Somebody must stay admin.")


def _check_branches(session: Session, roles: Mapping[str, Any]) -> None:
    named = {branch_id for held in roles.values() if held != EVERYWHERE for branch_id in held}
    if unknown := unknown_branches(session, named):
        raise invalid("roles", "Unknown branch: {branch_id}.", branch_id=min(unknown))
