"""PINs, passwords and codes: made at random, kept as hashes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

PIN_DIGITS = 6
CODE_DIGITS = 6
# OWASP's first choice for argon2id on a server that many sign in to: 19 MiB, two passes, one lane; about 30 ms.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def new_pin() -> str:
    return digits(PIN_DIGITS)


def new_password() -> str:
    return secrets.token_urlsafe(12)


def digits(count: int) -> str:
    return f"{secrets.randbelow(10**count):0{count}}"


def hashed(secret: str) -> str:
    return _hasher.hash(secret)


def matches(secret_hash: str | None, secret: str) -> bool:
    """Whether the secret is the hashed one; as slow for a login that has none."""
    try:
        return _hasher.verify(secret_hash or _nobodys_hash(), secret) and secret_hash is not None
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return hashed(secrets.token_urlsafe(24))


def keyed(system_secret: str, purpose: str, value: str) -> str:
    """A hash that only this system can make: of what is short or known, where a plain hash could be guessed."""
    return hmac.new(system_secret.encode(), f"{purpose}\n{value}".encode(), hashlib.sha256).hexdigest()
