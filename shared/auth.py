"""Who calls, and whether they may: tokens verified here, issued by accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any, TypeVar

from flask import g
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from shared import clock
from shared.problems import Problem

ANYONE = "anyone"
READER = "reader"
STAFF = "staff"
SERVICE = "service"
ROLES = ("librarian", "operator", "editor", "jury", "admin")
EVERYWHERE = "all"
MOST_REMEMBERED = 4096

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Principal:
    """The caller. `roles`: role -> branch ids, or "all"; readers have a card instead, services neither."""

    subject: str
    kind: str
    name: str = ""
    roles: Mapping[str, Any] = field(default_factory=dict)
    card_number: str | None = None
    language: str | None = None
    session: str = ""

    def has(self, *roles: str) -> bool:
        if ANYONE in roles or self.kind in roles:
            return True
        return any(role in self.roles for role in roles)

    def branches(self, role: str) -> frozenset[str] | None:
        """The branches where the caller holds that role; None for all, a service's too."""
        if self.kind == SERVICE:
            return None
        held = self.roles.get(role, [])
        return None if held == EVERYWHERE else frozenset(held)

    def require_branches(self, role: str, branch_ids: Iterable[str]) -> None:
        """Raises a 403 problem naming the branches where the caller does not hold the role."""
        held = self.branches(role)
        foreign = sorted(set(branch_ids) - held) if held is not None else []
        if foreign:
            raise Problem(403, "You do not hold this role at: {branches}.", branches=", ".join(foreign))

    def require_everywhere(self, role: str) -> None:
        """For what has no branch. Raises a 403 problem for whoever holds the role at some branches only."""
        if self.branches(role) is not None:
            raise Problem(403, "You do not have the right to do this.")


NOBODY = Principal(subject="", kind=ANYONE)


def may_call(*who: str) -> Callable[[View], View]:
    """Says who may call a route; the app refuses to start with a route that does not say."""
    unknown = set(who) - {ANYONE, READER, STAFF, SERVICE, *ROLES}
    if unknown or not who:
        raise ValueError(f"who may call? {sorted(unknown)}")

    def mark(view: View) -> View:
        view.may_call = who  # type: ignore[attr-defined]
        return view

    return mark


def issue(secret: str, principal: Principal, lasts: timedelta) -> str:
    """A signed access token."""
    now = clock.now()
    claims = {
        "sub": principal.subject,
        "kind": principal.kind,
        "name": principal.name,
        "roles": dict(principal.roles),
        "card": principal.card_number,
        "lang": principal.language,
        "sid": principal.session,
        "iat": int(now.timestamp()),
        "exp": int((now + lasts).timestamp()),
    }
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))


def verify(secret: str, token: str) -> Principal:
    """The principal of a token. Raises a 401 problem when it is not ours or has ended."""
    principal, ends = _read(secret, token)
    if ends <= clock.now().timestamp():
        raise Problem(401, "The sign-in has expired. Sign in again.")
    return principal


@lru_cache(maxsize=MOST_REMEMBERED)
def _read(secret: str, token: str) -> tuple[Principal, float]:
    """Whose token it is and when it ends: a signature once found good stays good, a bad one is not remembered."""
    try:
        claims = jwt.decode(token, OctKey.import_key(secret), algorithms=["HS256"]).claims
    except (JoseError, ValueError) as error:
        raise Problem(401, "Sign in and try again.") from error
    principal = Principal(
        subject=claims["sub"],
        kind=claims["kind"],
        name=claims.get("name") or "",
        roles=claims.get("roles") or {},
        card_number=claims.get("card"),
        language=claims.get("lang"),
        session=claims.get("sid") or "",
    )
    return principal, claims.get("exp", 0)


def service_token(secret: str, name: str) -> str:
    """One a minute: to sign takes longer than most of what is asked with it."""
    return _service_token(secret, name, int(clock.now().timestamp()) // 60)


@lru_cache(maxsize=MOST_REMEMBERED)
def _service_token(secret: str, name: str, _minute: int) -> str:
    return issue(secret, Principal(subject=f"service:{name}", kind=SERVICE), timedelta(minutes=5))


def caller() -> Principal:
    """The principal of the present request."""
    principal: Principal = getattr(g, "principal", NOBODY)
    return principal
