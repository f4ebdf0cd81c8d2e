"""Names and card numbers as people type them, brought to one form for comparing; never shown."""

from __future__ import annotations

import unicodedata

# Letters missing from a Russian keyboard are typed as the nearest Russian one.
_KAZAKH = str.maketrans("әғқңөұүһіё", "агкноуухие")
# Latin letters that look like a Cyrillic one, in either case; б has none.
_LATIN = str.maketrans("abcehikmoptxy", "авсеникмортху")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys("’ʼ`´‘", "'"))


def fold(text: str) -> str:
    """`text` without the differences that do not make another name: case, ё/е, Kazakh letters typed as Russian
    ones, Latin look-alikes, kinds of dashes and apostrophes, runs of spaces. Folding twice equals once."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(plain.translate(_DASHES).translate(_LATIN).translate(_KAZAKH).split())
