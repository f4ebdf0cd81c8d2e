"""The library's three languages: which one to use, how it writes a day, and the words of an answer.

A text missing in the reader's language falls back kk -> ru -> en and says which language it is in; days are
written as CLDR (through Babel) writes them.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

LANGUAGES = ("kk", "ru", "en")
DEFAULT = "kk"

_LOCALES = {"kk": "kk", "ru": "ru", "en": "en_GB"}
_LONG = {"kk": "full", "ru": "full", "en": "EEEE d MMMM y"}
_SHORT = {"kk": "dd.MM", "ru": "dd.MM", "en": "d MMM"}
_DATED = {"kk": "dd.MM.y", "ru": "dd.MM.y", "en": "d MMM y"}
_CATALOGS = Path(__file__).parent / "locale"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_LONGEST_FILLED = 2_000


def known(language: str | None) -> str:
    """The language itself when it is one of ours, else Kazakh."""
    return language if language in LANGUAGES else DEFAULT


def text_in(texts: Mapping[str, str | None], language: str) -> tuple[str, str]:
    """The text for a reader of `language` and the language it is in; ("", language) when there is none."""
    for candidate in (language, *LANGUAGES):
        text = texts.get(candidate)
        if text and text.strip():
            return text, candidate
    return "", language


@lru_cache(maxsize=1024)
def negotiate(accept_language: str | None) -> str:
    """Our language that an `Accept-Language` header likes best; Kazakh when it names none of ours."""
    for tag, quality in parse_accept_header(accept_language, LanguageAccept):
        language = tag.partition("-")[0].lower()
        if quality > 0 and language in LANGUAGES:
            return language
    return DEFAULT


@lru_cache(maxsize=4096)
def long_date(day: date, language: str) -> str:
    """`2026 ж. 16 ақпан, дүйсенбі`, `понедельник, 16 февраля 2026 г.`, `Monday 16 February 2026`."""
    language = known(language)
    # CLDR joins year and "ж." or "г." by a narrow space that many phones show as a box.
    return format_date(day, _LONG[language], _LOCALES[language]).replace("\u202f", " ").replace("\xa0", " ")


@lru_cache(maxsize=4096)
def short_date(day: date, language: str, *, with_year: bool = False) -> str:
    """`16.02`, in English `16 Feb`: for SMS and narrow places; `with_year` `16.02.2026`, `16 Feb 2026`."""
    language = known(language)
    return format_date(day, (_DATED if with_year else _SHORT)[language], _LOCALES[language])


def translate(message: str, language: str, **values: object) -> str:
    """The English `message` in `language`, its `{placeholders}` filled; as given where no catalog has it."""
    text = _catalog(language).gettext(message) if message else ""
    return text.format(**values) if values else text


def translate_n(singular: str, plural: str, n: int, language: str, **values: object) -> str:
    """As `translate`, in the form the language uses after the number `n`, itself available as `{n}`."""
    return _catalog(language).ngettext(singular, plural, n).format(n=n, **values)


def translate_filled(text: str, language: str) -> str:
    """A sentence that a library (marshmallow) has already filled in English, in `language`.

    "Must be one of: a, b." is found by its message id "Must be one of: {choices}."; a sentence no catalog
    knows comes back as it is.
    """
    translated = translate(text, language)
    if translated != text or known(language) == "en" or len(text) > _LONGEST_FILLED:
        return translated
    for message, pattern in _patterns(language):
        if match := pattern.fullmatch(text):
            return translate(message, language, **match.groupdict())
    return text


def _catalog(language: str) -> NullTranslations:
    return catalog(_CATALOGS, "kitaphana", language)


@cache
def catalog(folder: Path, domain: str, language: str) -> NullTranslations:
    """The translations in `folder`/<language>/LC_MESSAGES/<domain>.po; none at all where there is no such file."""
    path = folder / language / "LC_MESSAGES" / f"{domain}.po"
    if language not in LANGUAGES or not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def _patterns(language: str) -> list[tuple[str, re.Pattern[str]]]:
    """Message ids with placeholders, as patterns, the most exact first."""
    with (_CATALOGS / language / "LC_MESSAGES" / "kitaphana.po").open("rb") as source:
        ids = [str(entry.id) for entry in read_po(source) if isinstance(entry.id, str) and "{" in entry.id]
    ids.sort(key=lambda message: -len(_PLACEHOLDER.sub("", message)))
    return [(message, _pattern(message)) for message in ids]


def _pattern(message: str) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(message)
    literal_or_group = (f"(?P<{part}>.+?)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
    return re.compile("".join(literal_or_group), re.DOTALL)
