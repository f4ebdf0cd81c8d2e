"""Setting up, asking for and taking away the second factor of staff."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

import orjson
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.accounts import hashing
from services.accounts.lockout import LOGIN
from services.accounts.models import SecondFactor, Staff
from services.accounts.second_factor import address_for_app, is_inside, matching_step, networks, new_key
from services.accounts.use_cases import acts, tries
from shared import clock
from shared.auth import Principal
from shared.database import Database
from shared.problems import Problem, invalid, not_found, too_many_tries
from shared.sealed import BrokenSeal, seal, unseal
from shared.settings import Settings, secret_of

KEY_PURPOSE = "second factor"
STEP_PURPOSE = "second step of a sign-in"
STEP_LASTS = timedelta(minutes=5)
CODE_LASTS = timedelta(hours=24)
CODE_DIGITS = 10
WRONG = "This code is not right or has ended. Wait for the next one."


def wanted(settings: Settings, address: str) -> bool:
    """Whether a member of staff who signs in from this address must show a second factor."""
    return settings.second_factor and not is_inside(address, networks(settings.inside_networks))


def promise(settings: Settings, staff_id: str) -> str:
    """What whoever gave the right password shows with the code: sealed, for five minutes."""
    said = {"staff": staff_id, "until": (clock.now() + STEP_LASTS).isoformat()}
    return seal(secret_of(settings), STEP_PURPOSE, orjson.dumps(said).decode())


def promised(settings: Settings, sealed: str) -> str:
    """The staff id of a promise. Raises 401 when it is not ours or has ended."""
    try:
        said = orjson.loads(unseal(secret_of(settings), STEP_PURPOSE, sealed))
    except (BrokenSeal, ValueError) as error:
        raise Problem(401, "Sign in and try again.") from error
    if datetime.fromisoformat(said["until"]) < clock.now():
        raise Problem(401, "The sign-in has expired. Sign in again.")
    return str(said["staff"])


def count_try(session: Session, staff_id: str) -> int:
    """Counts one more guess at a code of theirs; the seconds to wait instead when it comes too early."""
    return tries.count(session, LOGIN, tries.key_of(session, "second step", staff_id))


def forget_tries(session: Session, staff_id: str) -> None:
    tries.forget(session, tries.key_of(session, "second step", staff_id))


def is_right(session: Session, staff_id: str, code: str) -> bool:
    """Takes a code of the app, or the one an admin gave; each works once."""
    kept = _kept(session, staff_id)
    return kept is not None and (_is_of_app(session, kept, code) or _is_from_admin(session, kept, code))


def _is_of_app(session: Session, kept: SecondFactor, code: str) -> bool:
    if kept.sealed_key is None:
        return False
    step = matching_step(_opened(session, kept.sealed_key), code, clock.now(), kept.used_step)
    if step is None:
        return False
    kept.used_step = step
    return True


def _is_from_admin(session: Session, kept: SecondFactor, code: str) -> bool:
    if kept.code_hash is None or kept.code_expires_at is None or kept.code_expires_at < clock.now():
        return False
    if not hmac.compare_digest(kept.code_hash, _code_hash(session, kept.staff_id, code)):
        return False
    kept.code_hash = kept.code_expires_at = None
    return True


def begin(database: Database, who: Principal, code: str) -> dict[str, str]:
    """A new key for an app, in force once confirmed: `{key, address}`. Whoever has one already shows its code.

    Raises 422 for a wrong code; 429 after some, as whoever sits at a screen left open could guess for hours.
    """
    with database.transaction() as session:
        staff = _staff_of(session, who)
        seconds = count_try(session, staff.id) if staff.second_factor else 0
    if seconds:
        raise too_many_tries(seconds)
    with database.transaction() as session:
        return _begun(session, _staff_of(session, who), code)


def _begun(session: Session, staff: Staff, code: str) -> dict[str, str]:
    kept = _kept(session, staff.id) or _added(session, staff.id)
    if kept.sealed_key is not None and not _is_of_app(session, kept, code):
        raise invalid("code", WRONG)
    forget_tries(session, staff.id)
    key = new_key()
    settings: Settings = session.info["settings"]
    kept.sealed_new_key = seal(secret_of(settings), KEY_PURPOSE, key)
    return {"key": key, "address": address_for_app(key, staff.login, settings.library_name_en)}


def confirm(session: Session, who: Principal, code: str) -> None:
    """Puts the new key in force. Raises 409 when none was begun, 422 for a wrong code."""
    staff = _staff_of(session, who)
    kept = _kept(session, staff.id)
    if kept is None or kept.sealed_new_key is None:
        raise Problem(409, "Begin the set-up anew.")
    step = matching_step(_opened(session, kept.sealed_new_key), code, clock.now(), 0)
    if step is None:
        raise invalid("code", WRONG)
    kept.sealed_key, kept.sealed_new_key, kept.used_step = kept.sealed_new_key, None, step
    acts.record(session, who, "set up a second factor", staff.id)


def give_code(session: Session, who: Principal, staff: Staff, reason: str) -> str:
    """A code for one sign-in from outside, told by an admin to somebody without the app; recorded."""
    kept = _kept(session, staff.id) or _added(session, staff.id)
    code = hashing.digits(CODE_DIGITS)
    kept.code_hash, kept.code_expires_at = _code_hash(session, staff.id, code), clock.now() + CODE_LASTS
    acts.record(session, who, "gave a sign-in code", staff.id, reason)
    return code


def take_away(session: Session, who: Principal, staff: Staff, reason: str) -> None:
    """A lost phone: the factor is gone until it is set up again."""
    session.execute(delete(SecondFactor).where(SecondFactor.staff_id == staff.id))
    acts.record(session, who, "took a second factor away", staff.id, reason)


def has_one(session: Session, who: Principal) -> bool:
    return _staff_of(session, who).second_factor


def _kept(session: Session, staff_id: str) -> SecondFactor | None:
    return session.scalars(select(SecondFactor).where(SecondFactor.staff_id == staff_id).with_for_update()).first()


def _added(session: Session, staff_id: str) -> SecondFactor:
    kept = SecondFactor(staff_id=staff_id, used_step=0)
    session.add(kept)
    return kept


def _staff_of(session: Session, who: Principal) -> Staff:
    staff = session.get(Staff, who.subject.removeprefix("staff:"))
    if staff is None:
        raise not_found()
    return staff


def _opened(session: Session, sealed: str) -> str:
    return unseal(secret_of(session.info["settings"]), KEY_PURPOSE, sealed)


def _code_hash(session: Session, staff_id: str, code: str) -> str:
    return hashing.keyed(secret_of(session.info["settings"]), f"sign-in code {staff_id}", "".join(code.split()))
