"""The certificate of a quiz: one sheet in the reader's language, as PDF, with a code that anybody may check."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import segno
from babel.core import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from typst import Compiler

_TEMPLATE = Path(__file__).parent / "templates" / "certificate.typ"
_LONGEST_WORD = 28
_LONGEST_WORK = 80
_MOST_WORKS = 3
_BREAK = "\u200b"
_LOCALES = {"kk": "kk", "ru": "ru", "en": "en_GB"}
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Work:
    title: str
    author: str = ""


@dataclass(frozen=True)
class Certificate:
    """`name`: as the reader writes it; `quiz`: its title in `language`; `passed`: False also where the quiz has no
    pass mark; `address`: of the public page that says whether `code` is valid."""

    language: str
    name: str
    quiz: str
    works: Sequence[Work]
    day: date
    points: Decimal
    of: Decimal
    passed: bool
    library: str
    address: str
    code: str


_WORDS = {
    "kk": {
        "heading": "Сертификат",
        "awarded": "Марапатталады",
        "passed": "онлайн-тестті сәтті тапсырғаны үшін",
        "took part": "онлайн-тестке қатысқаны үшін",
        "work": "Кітап",
        "works": "Кітаптар",
        "check": "Түпнұсқалығын тексеру",
    },
    "ru": {
        "heading": "Сертификат",
        "awarded": "Награждается",
        "passed": "за успешное прохождение онлайн-теста",
        "took part": "за участие в онлайн-тесте",
        "work": "Книга",
        "works": "Книги",
        "check": "Проверить подлинность",
    },
    "en": {
        "heading": "Certificate",
        "awarded": "Awarded to",
        "passed": "for passing the online test",
        "took part": "for taking part in the online test",
        "work": "Book",
        "works": "Books",
        "check": "Check that it is genuine",
    },
}
_RESULTS = {
    "kk": {"other": "Нәтижесі: {of} ұпайдан {points} ұпай"},
    "ru": {
        "one": "Результат: {points} балл из {of}",
        "few": "Результат: {points} балла из {of}",
        "many": "Результат: {points} баллов из {of}",
        "other": "Результат: {points} балла из {of}",
    },
    "en": {"one": "Result: {points} point out of {of}", "other": "Result: {points} points out of {of}"},
}


def pdf(certificate: Certificate) -> bytes:
    """One A4 page, landscape; the same certificate gives the same bytes."""
    return _set(certificate, format="pdf", timestamp=datetime.combine(certificate.day, datetime.min.time(), UTC))


def png(certificate: Certificate, ppi: float = 96) -> bytes:
    """The same page as a picture."""
    return _set(certificate, format="png", ppi=ppi)


def _set(certificate: Certificate, **options: Any) -> bytes:
    inputs = {"certificate": orjson.dumps(_data(certificate)).decode()}
    # One compiler for all threads: it keeps its fonts and what it has laid out before, and takes one page at a time.
    with _LOCK:
        made = _compiler().compile(sys_inputs=inputs, **options)
    assert isinstance(made, bytes)
    return made


@cache
def _compiler() -> Compiler:
    # Only the fonts that come with Typst: the sheet looks the same on every machine, with every Kazakh letter.
    return Compiler(_TEMPLATE, ignore_system_fonts=True)


def _data(certificate: Certificate) -> dict[str, Any]:
    language = certificate.language
    words = _WORDS[language]
    return {
        "language": language,
        "heading": words["heading"],
        "awarded": words["awarded"],
        "merit": words["passed" if certificate.passed else "took part"],
        "check": words["check"],
        "name": _breakable(certificate.name),
        "quiz": _breakable(_quoted(certificate.quiz, language)),
        "works": _works(certificate.works, language),
        "result": _result(certificate.points, certificate.of, language),
        "day": _day(certificate.day, language),
        "library": certificate.library,
        "address": certificate.address,
        "address-in-print": certificate.address.partition("://")[2].rpartition("/")[0] + "/",
        "code": certificate.code,
        "qr": _qr(certificate.address),
    }


def _works(works: Sequence[Work], language: str) -> list[str]:
    named = [_named(work, language) for work in works[:_MOST_WORKS]]
    if not named:
        return []
    label = _WORDS[language]["work" if len(works) == 1 else "works"]
    return [f"{label}: {named[0]}", *named[1:]]


def _named(work: Work, language: str) -> str:
    title = _quoted(_short(work.title), language)
    return _breakable(f"{_short(work.author)}. {title}" if work.author else title)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_WORK else text[: _LONGEST_WORK - 1].rstrip() + "…"


def _quoted(text: str, language: str) -> str:
    """In the language's quotation marks, unless its own stand there already."""
    if text[:1] in '«“"„':
        return text
    return f"“{text}”" if language == "en" else f"«{text}»"


def _breakable(text: str) -> str:
    """`text` whose endless words may be broken, so that they stay on the sheet."""
    return " ".join(
        _BREAK.join(word[at : at + _LONGEST_WORD] for at in range(0, len(word), _LONGEST_WORD)) for word in text.split()
    )


def _result(points: Decimal, of: Decimal, language: str) -> str:
    forms = _RESULTS[language]
    form = Locale.parse(_LOCALES[language]).plural_form(points.normalize())
    shown = {
        name: format_decimal(number, "0.##", _LOCALES[language]) for name, number in (("points", points), ("of", of))
    }
    return forms.get(form, forms["other"]).format(**shown)


def _day(day: date, language: str) -> str:
    if language == "kk":
        return format_date(day, "y 'жылғы' d MMMM", "kk")
    if language == "ru":
        return format_date(day, "d MMMM y 'года'", "ru")
    return format_date(day, "d MMMM y", "en_GB")


def _qr(address: str) -> str:
    """The QR code as SVG, error correction Q: it is read from a crumpled print. The mask is given, because trying
    all eight costs more than the rest of the sheet."""
    file = BytesIO()
    segno.make(address, error="q", micro=False, mask=4).save(
        file, kind="svg", border=1, dark="#0b5568", light="#ffffff"
    )
    return file.getvalue().decode()
