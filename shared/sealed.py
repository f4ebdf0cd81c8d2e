"""Short texts sealed for another service of this system, so that no log and no outbox can be read for them."""

from __future__ import annotations

import hashlib

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

READER_CODE = "reader code"
"""Purpose of `sealed_code` in reader.code_requested.v1."""


LONGEST = 96 * 1024
"""Bytes of a text that can be sealed."""


class Roomy(jwe.JWERegistry):
    """Opens all that is sealed here: by itself the library stops at 48 kB of text, on opening only."""

    max_ciphertext_length = LONGEST * 4 // 3


ROOMY = Roomy()


class BrokenSeal(ValueError):
    """The text was not sealed by this system for this purpose."""


def seal(secret: str, purpose: str, text: str) -> str:
    """`text`, to be opened only with the same system secret and purpose (JWE, direct key, AES-256-GCM).

    Raises ValueError for one longer than LONGEST, which nobody could open again.
    """
    plain = text.encode()
    if len(plain) > LONGEST:
        raise ValueError(f"at most {LONGEST} bytes can be sealed")
    return jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM"}, plain, _key(secret, purpose))


def unseal(secret: str, purpose: str, sealed: str) -> str:
    """What was sealed. Raises BrokenSeal."""
    try:
        plain = jwe.decrypt_compact(sealed, _key(secret, purpose), registry=ROOMY).plaintext
    except (JoseError, ValueError) as error:
        raise BrokenSeal("not sealed by this system for this purpose") from error
    return (plain or b"").decode()


def _key(secret: str, purpose: str) -> OctKey:
    return OctKey.import_key(hashlib.sha256(f"seal {purpose}\n{secret}".encode()).digest())
