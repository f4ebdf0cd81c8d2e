"""Answers as readers type them, brought to one form for comparing."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from shared.folding import fold

_NUMBER = re.compile(r"[+-]?(\d{1,12}([.,]\d{0,12})?|[.,]\d{1,12})")
# Whatever a keyboard or a phone puts in the place of a minus.
_MINUS = str.maketrans(dict.fromkeys("−–—‐‑‒―﹣－", "-"))


def normalised(text: str, *, match_case: bool = False, kazakh_as_russian: bool = False) -> str:
    """`text` without punctuation, extra spaces, the difference of ё and е, and (unless asked for) case.

    A text of punctuation alone stays as it is, else every such answer would be right.
    """
    plain = unicodedata.normalize("NFKC", text)
    if not match_case:
        plain = unicodedata.normalize("NFKC", plain.casefold())
    words = " ".join(_without_punctuation(plain).split()) or " ".join(plain.split())
    words = words.replace("ё", "е").replace("Ё", "Е")
    return fold(words) if kazakh_as_russian and not match_case else words


def _without_punctuation(text: str) -> str:
    return "".join(" " if unicodedata.category(character)[0] == "P" else character for character in text)


def number_of(text: str) -> Decimal | None:
    """A number as people write it: `3,14`, `1 918`, `−5`; None for anything else."""
    plain = "".join(text.split()).translate(_MINUS)
    if not _NUMBER.fullmatch(plain):
        return None
    try:
        return Decimal(plain.replace(",", "."))
    except InvalidOperation:
        return None
