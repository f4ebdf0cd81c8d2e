"""Sign-in by card and PIN or by login and password.

A try is counted before the secret is looked at, and the hash is computed outside any transaction: it takes long.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.accounts import hashing
from services.accounts.lockout import ADDRESS, LOGIN
from services.accounts.models import Reader, Staff
from services.accounts.use_cases import second_factors, sessions, tries
from shared.auth import READER, STAFF, Principal, issue
from shared.database import Database
from shared.folding import fold
from shared.problems import Problem, invalid, too_many_tries
from shared.settings import Settings, secret_of


@dataclass(frozen=True)
class Candidate:
    """Whoever the login names; no hash when it names nobody who may sign in."""

    principal: Principal | None
    secret_hash: str | None


@dataclass(frozen=True)
class SignedIn:
    access_token: str
    expires_in: int
    roles: dict[str, object]
    token_type: str = "Bearer"  # noqa: S105


def sign_in(database: Database, login: str, secret: str, address: str) -> SignedIn:
    """Raises 401 for a wrong login or secret, 429 while the login rests; neither says whether the login exists.

    Staff outside the building get a 401 with `reason` second-factor and `continue_with` for the second step.
    """
    with database.transaction() as session:
        seconds = _count(session, login, address)
        candidate = _candidate(session, login)
    if seconds:
        raise too_many_tries(seconds)
    if not hashing.matches(candidate.secret_hash, secret) or candidate.principal is None:
        raise Problem(401, "The card number, the PIN or the password is not right.")
    if candidate.principal.kind == STAFF and second_factors.wanted(database.settings, address):
        raise _second_step(database.settings, candidate.principal)
    with database.transaction() as session:
        return _let_in(session, candidate.principal, _login_key(session, login), address)


def _second_step(settings: Settings, principal: Principal) -> Problem:
    ticket = second_factors.promise(settings, principal.subject.removeprefix("staff:"))
    message = "Write the code from your authenticator app, or the one an admin gave you."
    return Problem(401, message, code="second-factor", more={"continue_with": ticket})


def second_step(database: Database, ticket: str, code: str, address: str) -> SignedIn:
    """The rest of a sign-in from outside. Raises 401 for an ended ticket, 422 for a wrong code, 429 while it rests."""
    staff_id = second_factors.promised(database.settings, ticket)
    with database.transaction() as session:
        seconds = second_factors.count_try(session, staff_id)
    if seconds:
        raise too_many_tries(seconds)
    with database.transaction() as session:
        staff = session.get(Staff, staff_id)
        principal = _staff_candidate(staff, database.settings).principal if staff else None
        if staff is None or principal is None or not second_factors.is_right(session, staff_id, code):
            raise invalid("code", second_factors.WRONG)
        second_factors.forget_tries(session, staff_id)
        return _let_in(session, principal, _login_key(session, staff.login), address)


def _let_in(session: Session, principal: Principal, login_key: str, address: str) -> SignedIn:
    tries.forget(session, login_key)
    tries.take_back(session, tries.key_of(session, "address", address))
    return _begun(session, principal)


def _login_key(session: Session, login: str) -> str:
    return tries.key_of(session, "login", fold(login))


def _count(session: Session, login: str, address: str) -> int:
    seconds = tries.count(session, LOGIN, _login_key(session, login))
    return seconds or tries.count(session, ADDRESS, tries.key_of(session, "address", address))


def _candidate(session: Session, login: str) -> Candidate:
    staff = session.scalars(select(Staff).where(Staff.login == login.strip().lower())).first()
    if staff:
        return _staff_candidate(staff, session.info["settings"])
    reader = reader_by_card(session, login)
    if reader is None:
        return Candidate(None, None)
    name = f"{reader.given_name} {reader.family_name}".strip()
    principal = Principal(f"reader:{reader.id}", READER, name, card_number=reader.card_number, language=reader.language)
    return Candidate(principal, reader.pin_hash)


def _staff_candidate(staff: Staff, settings: Settings) -> Candidate:
    if staff.disabled or (staff.sample and settings.production):
        return Candidate(None, None)
    return Candidate(Principal(f"staff:{staff.id}", STAFF, staff.name, roles=staff.roles), staff.password_hash)


def reader_by_card(session: Session, card_number: str) -> Reader | None:
    """The reader of a card as typed: exactly, else folded where that names one card only."""
    exact = session.scalars(select(Reader).where(Reader.card_number == card_number.strip())).first()
    if exact:
        return exact
    alike = session.scalars(select(Reader).where(Reader.card_folded == fold(card_number)).limit(2)).all()
    return alike[0] if len(alike) == 1 else None


def _begun(session: Session, principal: Principal) -> SignedIn:
    settings: Settings = session.info["settings"]
    session_id = sessions.begin(session, principal.subject, settings.token_hours)
    lasts = timedelta(hours=settings.token_hours)
    holder = Principal(**{**vars(principal), "session": session_id})
    token = issue(secret_of(settings), holder, lasts)
    return SignedIn(token, int(lasts.total_seconds()), dict(principal.roles))
