"""The site's words: which language a page is in, its texts, days and moments."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from gettext import NullTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import get_day_names
from babel.numbers import format_decimal
from flask import Flask, g, request
from markupsafe import Markup, escape

from services.gateway import sessions
from shared import clock
from shared.language import LANGUAGES, catalog, long_date, negotiate, short_date, text_in
from shared.settings import Settings

COOKIE = "language"
NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
SHORT = {"kk": "ҚАЗ", "ru": "РУС", "en": "ENG"}
NUMBERS = {"kk": "kk", "ru": "ru", "en": "en_GB"}
TIME_ZONE = "Asia/Almaty"
NUMBER_AND_WORD = re.compile(r"(?<=\d) (?=\D)")
MOST_COUNTED = 4096
CATALOGS = Path(__file__).parent / "locale"


@cache
def _catalogs(language: str) -> list[NullTranslations]:
    """Each part of the site keeps its texts in a file of its own."""
    domains = sorted({file.stem for file in CATALOGS.glob("*/LC_MESSAGES/*.po")})
    return [catalog(CATALOGS, domain, language) for domain in domains]


def say(message: str, **values: object) -> str:
    """The English message in the page's language, its {placeholders} filled."""
    text = say_in(g.language, message)
    return text.format(**values) if values else text


@cache
def say_in(language: str, message: str) -> str:
    """The same in that language."""
    texts = (each.gettext(message) for each in _catalogs(language))
    return next((text for text in texts if text != message), message)


def say_n(singular: str, plural: str, n: int, **values: object) -> str:
    """The same in the form the language uses after the number `n`, itself available as {n}."""
    return _said_n(g.language, singular, plural, n).format(n=n, **values)


@lru_cache(MOST_COUNTED)
def _said_n(language: str, singular: str, plural: str, n: int) -> str:
    english = singular if n == 1 else plural
    texts = (each.ngettext(singular, plural, n) for each in _catalogs(language))
    return next((text for text in texts if text != english), english)


def day(value: date | str) -> str:
    """`2026 ж. 16 ақпан, дүйсенбі`; a line never breaks between a number and the word it belongs to."""
    return NUMBER_AND_WORD.sub("\xa0", long_date(_date(value), g.language))


def phone_link(phone: str) -> str:
    """`tel:+77232000001`"""
    return "tel:" + "".join(each for each in phone if each in "+0123456789")


def _together(words: str) -> str:
    return words.replace(" ", "\xa0")


def short_day(value: date | str) -> str:
    """`16.02`, and `16.02.2027` where that is not this year."""
    known = _date(value)
    return short_date(known, g.language, with_year=known.year != clock.today(TIME_ZONE).year)


def dated(value: date | str) -> str:
    """`16.02.2026`, for lists: what stands there is looked up again years later."""
    return short_date(_date(value), g.language, with_year=True)


def _date(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def moment(value: datetime | str) -> str:
    """Day and time of the library's own zone: `16.02, 09:12`, with the year where it is not this one."""
    local = _local(value)
    return f"{short_day(local.date())}, {local:%H:%M}"


def dated_moment(value: datetime | str) -> str:
    """The same for lists: `16.02.2026, 09:12`."""
    local = _local(value)
    return f"{dated(local.date())}, {local:%H:%M}"


def sheet_moment(value: datetime | str | None) -> str:
    """The same for a spreadsheet, which sorts it: `2026-02-16 09:12`; empty for none."""
    return f"{_local(value):%Y-%m-%d %H:%M}" if value else ""


def _local(value: datetime | str) -> datetime:
    known = datetime.fromisoformat(value) if isinstance(value, str) else value
    return known.astimezone(ZoneInfo(TIME_ZONE))


def minutes_left(moment: str, now: datetime) -> int:
    """Whole minutes, begun ones counted."""
    return max(0, math.ceil((datetime.fromisoformat(moment) - now).total_seconds() / 60))


def text(texts: Mapping[str, str | None] | None) -> Markup:
    """A text kept in three languages; one that is missing here falls back and says which language it is in.

    To the eye by the language's code, to a screen reader by the voice it then speaks with.
    """
    words, language = text_in(texts or {}, g.language)
    if language == g.language or not words:
        return escape(words)
    code = Markup('<small class="tongue" aria-hidden="true">({})</small>').format(SHORT[language])
    return Markup('<span lang="{}">{}</span> {}').format(language, words, code)


def named(texts: Mapping[str, str | None]) -> str:
    """The same where no markup can stand: in a list to pick from."""
    return text_in(texts, g.language)[0]


def count(n: float) -> str:
    """`4 812`, in English `4,812`; `3,5`, in English `3.5`."""
    return format_decimal(n, locale=NUMBERS[g.language]).replace("\u202f", "\xa0")


@cache
def _day_names(language: str) -> Mapping[int, str]:
    return dict(get_day_names("abbreviated", "stand-alone", locale=language))


def weekdays(first: int, last: int) -> str:
    """`Mon–Fri`; Monday is 0."""
    names = _day_names(g.language)
    return names[first] if first == last else f"{names[first]}–{names[last]}"


def _language() -> str:
    """Chosen on the site, else the reader's own, else what the browser likes best, else Kazakh."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    who = sessions.caller()
    if who and who.language in LANGUAGES:
        return who.language
    return negotiate(request.headers.get("Accept-Language"))


def prefer(language: str) -> None:
    """The language of what brought the visitor here, unless they have chosen one."""
    if request.cookies.get(COOKIE) not in LANGUAGES and language in LANGUAGES:
        g.language = language


def install(app: Flask, settings: Settings) -> None:
    shown_phone = _together(settings.library_phone)
    number = Markup('<a href="{}">{}</a>').format(phone_link(settings.library_phone), shown_phone)

    def calling(sentence: str) -> Markup:
        """The library's number in place of {phone}, to be called by a tap."""
        return escape(sentence).replace("{phone}", number)

    @app.before_request
    def choose() -> None:
        g.language = _language()

    @app.context_processor
    def of_this_page() -> dict[str, object]:
        return {
            "language": g.language,
            "library": settings.library_name(g.language),
            "phone": shown_phone,
            "phone_link": phone_link(settings.library_phone),
        }

    names = {"_": say, "_n": say_n, "day": day, "short_day": short_day, "moment": moment, "text": text}
    names |= {"dated": dated, "dated_moment": dated_moment}
    names |= {
        "calling": calling,
        "weekdays": weekdays,
        "count": count,
        "text_in": text_in,
        "phone_link_of": phone_link,
        "together": _together,
        "minutes_left": minutes_left,
    }
    app.jinja_env.filters["short_day"] = short_day
    app.jinja_env.globals.update(names, languages=LANGUAGES, language_names=NAMES, language_codes=SHORT)
