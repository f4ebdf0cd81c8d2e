"""The site's words: which language a page is in, its texts, days and moments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import get_day_names
from flask import Flask, g, request
from markupsafe import Markup, escape

from services.gateway import sessions
from shared.language import LANGUAGES, catalog, long_date, negotiate, short_date, text_in
from shared.settings import Settings

COOKIE = "language"
NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
SHORT = {"kk": "ҚАЗ", "ru": "РУС", "en": "ENG"}
TIME_ZONE = "Asia/Almaty"
NUMBER_AND_WORD = re.compile(r"(?<=\d) (?=\D)")
_CATALOGS = Path(__file__).parent / "locale"


def say(message: str, **values: object) -> str:
    """The English message in the page's language, its {placeholders} filled."""
    text = catalog(_CATALOGS, "gateway", g.language).gettext(message)
    return text.format(**values) if values else text


def say_n(singular: str, plural: str, n: int, **values: object) -> str:
    """The same in the form the language uses after the number `n`, itself available as {n}."""
    return catalog(_CATALOGS, "gateway", g.language).ngettext(singular, plural, n).format(n=n, **values)


def day(value: date | str) -> str:
    """`2026 ж. 16 ақпан, дүйсенбі`; a line never breaks between a number and the word it belongs to."""
    return NUMBER_AND_WORD.sub("\xa0", long_date(_date(value), g.language))


def _together(words: str) -> str:
    return words.replace(" ", "\xa0")


def short_day(value: date | str) -> str:
    return short_date(_date(value), g.language)


def _date(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def moment(value: datetime | str) -> str:
    """Day and time of the library's own zone: `16.02, 09:12`."""
    known = datetime.fromisoformat(value) if isinstance(value, str) else value
    local = known.astimezone(ZoneInfo(TIME_ZONE))
    return f"{short_date(local.date(), g.language)}, {local:%H:%M}"


def text(texts: Mapping[str, str | None] | None) -> Markup:
    """A text kept in three languages; one that is missing here falls back and says which language it is in."""
    words, language = text_in(texts or {}, g.language)
    if language == g.language or not words:
        return escape(words)
    return Markup('<span lang="{}">{}</span>').format(language, words)


def weekdays(first: int, last: int) -> str:
    """`Mon–Fri`; Monday is 0."""
    names = get_day_names("abbreviated", "stand-alone", locale=g.language)
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
    @app.before_request
    def choose() -> None:
        g.language = _language()

    @app.context_processor
    def of_this_page() -> dict[str, object]:
        return {
            "language": g.language,
            "library": settings.library_name(g.language),
            "phone": _together(settings.library_phone),
            "phone_link": "tel:" + "".join(each for each in settings.library_phone if each in "+0123456789"),
        }

    names = {"_": say, "_n": say_n, "day": day, "short_day": short_day, "moment": moment, "text": text}
    names |= {"weekdays": weekdays, "text_in": text_in}
    app.jinja_env.filters["short_day"] = short_day
    app.jinja_env.globals.update(names, languages=LANGUAGES, language_names=NAMES, language_codes=SHORT)
