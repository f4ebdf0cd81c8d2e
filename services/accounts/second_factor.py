"""The second factor: six digits that a phone and this system both reckon from a shared secret and the time (RFC 6238).

Pure, but for making a secret.
"""

from __future__ import annotations

import base64
import hmac
import ipaddress
import secrets
from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

DIGITS = 6
STEP_SECONDS = 30
KEY_BYTES = 20
STEPS_ASIDE = 1
"""A phone's clock may be this many steps off."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def new_key() -> str:
    """A new shared secret in base32, as authenticator apps take it."""
    return base64.b32encode(secrets.token_bytes(KEY_BYTES)).decode()


def code_at(key: str, at: datetime) -> str:
    return _codes(key).generate(int(at.timestamp())).decode()


def matching_step(key: str, code: str, at: datetime, used: int) -> int | None:
    """The time step the code belongs to; None for a wrong code and for one of a step not after `used`."""
    given = "".join(code.split()).encode()
    now = int(at.timestamp()) // STEP_SECONDS
    codes = _codes(key)
    for step in range(now - STEPS_ASIDE, now + STEPS_ASIDE + 1):
        if hmac.compare_digest(codes.generate(step * STEP_SECONDS), given) and step > used:
            return step
    return None


def address_for_app(key: str, login: str, issuer: str) -> str:
    """The otpauth: address that an authenticator app reads from a QR code."""
    return _codes(key).get_provisioning_uri(login, issuer)


def _codes(key: str) -> TOTP:
    # SHA-1 and 30 seconds are what every authenticator app can do; as an HMAC key's hash SHA-1 is not broken.
    return TOTP(base64.b32decode(key), DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303


def networks(named: str) -> tuple[Network, ...]:
    """The networks of a comma-separated list. Raises ValueError."""
    return tuple(ipaddress.ip_network(each.strip()) for each in named.split(",") if each.strip())


def is_inside(address: str, building: Sequence[Network]) -> bool:
    """Whether a request comes from the library's own networks; an address that cannot be read does not."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in network for network in building if network.version == mapped.version)
