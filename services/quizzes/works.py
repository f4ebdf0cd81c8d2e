"""Books by which quizzes are found: one form of their numbers."""

from __future__ import annotations

import re

_TEN = re.compile(r"\d{9}[\dX]")
_THIRTEEN = re.compile(r"97[89]\d{10}")


def isbn_13(isbn: str | None) -> str | None:
    """13 digits without hyphens, from either form (ISO 2108); None for anything else."""
    plain = re.sub(r"[\s-]", "", isbn or "").upper()
    if _THIRTEEN.fullmatch(plain):
        return plain
    if not _TEN.fullmatch(plain):
        return None
    digits = "978" + plain[:9]
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return digits + str(-total % 10)
