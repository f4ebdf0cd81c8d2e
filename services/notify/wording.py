"""From plain data to words: one notice rendered in the language of the person written to.

The texts are in `templates/<language>/`, one file a kind: its first line is the subject, the rest after an
empty line the body. Every placeholder is cleaned on its way out, so a title or a name is always one line of
plain text.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from unicodedata import category

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from services.notify.digest import ClosedBranch, Digest, Texts
from services.notify.occasions import Announcement, Reminder, Reopening, SignInCode
from shared.language import known, long_date, text_in

Notice = Digest | Announcement | Reopening | Reminder | SignInCode

_TEMPLATES = Path(__file__).parent / "templates"
_KINDS: dict[type, str] = {
    Digest: "digest",
    Announcement: "announcement",
    Reopening: "reopening",
    Reminder: "reminder",
    SignInCode: "code",
}
_PART = re.compile(r'\{% include "(\w+\.j2)" %\}\n')
_IN_LANGUAGE = {
    "kk": {"ru": "орыс тілінде", "en": "ағылшын тілінде"},
    "ru": {"kk": "на казахском языке", "en": "на английском языке"},
    "en": {"kk": "in Kazakh", "ru": "in Russian"},
}
_CHANGED = {
    "kk": {
        "quiz": "Онлайн-тест",
        "contest": "Сайыс",
        "meeting": "Кездесу",
        "lesson": "Онлайн сабақ",
        "card": "Оқырман билеті",
        "": "Өзгеріс",
    },
    "ru": {
        "quiz": "Онлайн-тест",
        "contest": "Конкурс",
        "meeting": "Встреча",
        "lesson": "Онлайн-урок",
        "card": "Читательский билет",
        "": "Изменение",
    },
    "en": {
        "quiz": "Quiz",
        "contest": "Contest",
        "meeting": "Meeting",
        "lesson": "Online lesson",
        "card": "Library card",
        "": "Change",
    },
}


@dataclass(frozen=True)
class Library:
    """Who writes: the library's name in three languages and the telephone for questions."""

    name: Texts
    phone: str


@dataclass(frozen=True)
class Rendered:
    """A notice in words: a subject without titles or names, a plain-text body, the language of both."""

    subject: str
    body: str
    language: str


def render(notice: Notice, library: Library, link: str = "", leaving: str = "") -> Rendered:
    """The notice in its reader's language. `link` is the private link, `leaving` where the kind of message is left,
    said by what nobody needs; each left out when empty.
    """
    language = known(notice.language)
    text = _template(_KINDS[type(notice)], language).render(d=notice, library=library, link=link, leaving=leaving)
    subject, _, body = text.partition("\n\n")
    return Rendered(subject, body, language)


def render_letter(
    digest: Digest, library: Library, link: str = "", address: str = "", school_class: str = ""
) -> Rendered:
    """The digest on paper under a postal header: a letter with an address, or a slip for a class."""
    mail = render(digest, library, link)
    header = _template("postal", mail.language).render(
        d=digest, library=library, address=address, school_class=school_class
    )
    return Rendered(mail.subject, f"{header}\n{mail.subject}\n\n{mail.body}", mail.language)


def render_call(digest: Digest, library: Library) -> str:
    """What a clerk says on the telephone: no titles, the readers' names and their new days."""
    return _template("call", known(digest.language)).render(d=digest, library=library)


def clean(value: object) -> str:
    """One line of plain text: line breaks become spaces; marks that turn or hide text are dropped."""
    text = str(value)
    if text.isprintable():
        return text
    kept = (" " if mark.isspace() else mark for mark in text if mark.isspace() or category(mark)[0] != "C")
    return " ".join("".join(kept).split())


@cache
def _template(kind: str, language: str) -> Template:
    return _environment(language).get_template(f"{kind}.j2")


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FunctionLoader(partial(_source, language=language)),
        autoescape=False,  # noqa: S701  plain text for mail and paper: HTML escapes would be read aloud
        finalize=clean,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters.update(
        day=partial(_day, language=language),
        said=partial(_said, language=language),
        said_in=partial(_said_in, language=language),
        names=partial(_names, language=language),
        kind=partial(_kind, language=language),
        openings=_openings,
    )
    return environment


def _source(name: str, language: str) -> str:
    """The template with its parts put in place: an include at run time costs a third of a digest."""
    text = (_TEMPLATES / language / name).read_text(encoding="utf-8")
    return _PART.sub(lambda part: _source(part[1], language), text)


def _day(day: date | None, language: str) -> str:
    return long_date(day, language) if day else ""


def _said(texts: Mapping[str, str | None], language: str) -> str:
    return text_in(texts, language)[0]


def _said_in(texts: Mapping[str, str | None], language: str) -> str:
    """The text, with its language named when it is not the reader's."""
    text, found = text_in(texts, language)
    return text if found == language else f"{text} ({_IN_LANGUAGE[language][found]})"


def _names(places: Iterable[ClosedBranch], language: str) -> str:
    return "; ".join(_said(place.name, language) for place in places)


def _kind(kind: str, language: str) -> str:
    return _CHANGED[language].get(kind, _CHANGED[language][""])


def _openings(places: Iterable[ClosedBranch]) -> set[date | None]:
    return {place.opens for place in places}
