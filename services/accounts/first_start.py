"""The sign-ins of a first start, so that somebody can come in; never in production."""

from __future__ import annotations

import secrets
from pathlib import Path

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.accounts import hashing
from services.accounts.models import Staff
from services.accounts.use_cases import staff
from shared.auth import EVERYWHERE, ROLES, Principal
from shared.leases import hold
from shared.service import CannotStart, Context

FILE = "demo-accounts.json"
NAMES = {
    "operator": "Оператор",
    "librarian": "Кітапханашы",
    "editor": "Редактор",
    "jury": "Қазылар алқасының мүшесі",
    "admin": "Әкімші",
}
SYSTEM = Principal("system", "service", "first start")


def prepare(context: Context) -> None:
    """Makes one sign-in for each role when there is no staff. Raises CannotStart in production while any is left."""
    with context.database.transaction() as session:
        if context.settings.production:
            return _refuse_samples(session)
        if hold(session, "first start", secrets.token_hex(8), seconds=30) and not _any_staff(session):
            accounts = {role: _add(session, role) for role in ROLES}
            # Before the commit: if we die between, the next start finds no staff and writes the file anew.
            _write_private(context.settings.home / FILE, orjson.dumps(accounts, option=orjson.OPT_INDENT_2))


def _any_staff(session: Session) -> bool:
    return bool(session.scalar(select(func.count()).select_from(Staff)))


def _add(session: Session, role: str) -> dict[str, str]:
    password = hashing.new_password()
    fields = {"login": role, "name": NAMES[role], "roles": {role: EVERYWHERE}, "password": password}
    staff.add(session, SYSTEM, fields, sample=True)
    return {"login": role, "secret": password}


def _write_private(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    part.write_bytes(content)
    part.rename(path)


def _refuse_samples(session: Session) -> None:
    left = session.scalars(select(Staff.login).where(Staff.sample.is_(True)).order_by(Staff.login)).all()
    if left:
        raise CannotStart(
            f"sample sign-ins are left: {', '.join(left)}; add your own with 'kitaphana accounts create' "
            "and remove them with 'kitaphana accounts remove-samples', or unset KITAPHANA_PRODUCTION"
        )
