"""Names and card numbers as people type them, brought to one form for comparing; never shown."""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, func

# Letters missing from a Russian keyboard are typed as the nearest Russian one.
_KAZAKH = ("әғқңөұүһіё", "агкноуухие")
# Latin letters that look like a Cyrillic one, in either case.
_LATIN = ("abcehikmoptxy", "авсеникмортху")
_DASHES = ("‐‑‒–—―−", "-------")
_APOSTROPHES = ("’ʼ`´‘", "'" * 5)
_ONE_FORM = str.maketrans(*map("".join, zip(_KAZAKH, _LATIN, _DASHES, _APOSTROPHES, strict=True)))


def fold(text: str) -> str:
    """`text` without the differences that do not make another name: case, ё/е, Kazakh letters typed as Russian
    ones, Latin look-alikes, kinds of dashes and apostrophes, runs of spaces. Folding twice equals once."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(plain.translate(_ONE_FORM).split())


def letters_of(name: str) -> str:
    """A name folded, its letters alone: whoever has two surnames writes a dash, a space or nothing between them."""
    return "".join(filter(str.isalnum, fold(name)))


_LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюяabcdefghijklmnopqrstuvwxyz"
_SMALL = "".join(dict.fromkeys(_LETTERS + _KAZAKH[0]))
_FOLDED_FROM = _SMALL + _SMALL.upper() + _DASHES[0] + _APOSTROPHES[0]
_FOLDED_TO = "".join(fold(each)[:1] for each in _FOLDED_FROM)


def sql_folded(column: Any) -> ColumnElement[str]:
    """The same for a column that is not kept folded, letter by letter; for searching, on both databases."""
    # The one sign in names of schools and classes that folds to two letters.
    return func.translate(func.replace(column, "№", fold("№")), _FOLDED_FROM, _FOLDED_TO)
