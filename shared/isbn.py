"""Books by their number: one form of it, so that a scanned one and a printed one are the same."""

from __future__ import annotations

import re

_BETWEEN = re.compile(r"^ISBN(?:-1[03])?:?|[\s\u2010-\u2015\u2212-]")
_TEN = re.compile(r"[0-9]{9}[0-9X]")
_THIRTEEN = re.compile(r"97[89][0-9]{10}")


def isbn_13(isbn: str | None) -> str | None:
    """13 digits without hyphens, from either form (ISO 2108); None for anything else."""
    plain = _BETWEEN.sub("", (isbn or "").upper().strip())
    if _THIRTEEN.fullmatch(plain):
        return plain
    if not _TEN.fullmatch(plain):
        return None
    digits = "978" + plain[:9]
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return digits + str(-total % 10)
