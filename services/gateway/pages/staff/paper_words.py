"""What papers say about a closure, in three languages at once whatever language the page is in.

The wording is that of the banner on the home page; a door is read by people of every language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.language import LANGUAGES, long_date

AHEAD, KNOWN, OPEN_ENDED, OVER = "ahead", "known", "open_ended", "over"

# title; what stands before the day, which follows in large letters; the rest
_WORDS: Mapping[str, Mapping[str, tuple[str, str, str]]] = {
    KNOWN: {
        "kk": (
            "Кітапхана уақытша жабық",
            "Ашылатын күні:",
            "Кітап қайтару мерзімі автоматты түрде ұзартылды, сізге ештеңе істеудің қажеті жоқ.",
        ),
        "ru": (
            "Библиотека временно закрыта",
            "День открытия:",
            "Срок возврата книг продлён автоматически, делать ничего не нужно.",
        ),
        "en": (
            "The library is closed",
            "We open again:",
            "Return dates have been moved; you do not need to do anything.",
        ),
    },
    OPEN_ENDED: {
        "kk": (
            "Кітапхана уақытша жабық",
            "Ашылатын күнін кейін хабарлаймыз.",
            "Оған дейін кітап қайтарудың қажеті жоқ.",
        ),
        "ru": ("Библиотека временно закрыта", "День открытия сообщим позже.", "До этого возвращать книги не нужно."),
        "en": (
            "The library is closed until further notice",
            "We will tell you the day we open.",
            "No need to return books until we open.",
        ),
    },
    AHEAD: {
        "kk": (
            "Кітапхана уақытша жабылады",
            "Жабылатын күні:",
            "Кітап қайтару мерзімі автоматты түрде ұзартылды, сізге ештеңе істеудің қажеті жоқ.",
        ),
        "ru": (
            "Библиотека временно закроется",
            "Первый день закрытия:",
            "Срок возврата книг продлён автоматически, делать ничего не нужно.",
        ),
        "en": (
            "The library will close for a while",
            "First day closed:",
            "Return dates have been moved; you do not need to do anything.",
        ),
    },
    OVER: {
        "kk": (
            "Кітапхана қайта ашылады",
            "Ашылатын күні:",
            "Кітап қайтаратын күніңізді «Менің кітаптарым» бетінен қараңыз.",
        ),
        "ru": (
            "Библиотека снова откроется",
            "День открытия:",
            "Свой день возврата смотрите на странице «Мои книги».",
        ),
        "en": ("We open again", "The day:", "See your return day in My books."),
    },
}
_AFTER_AHEAD = {"kk": "Ашылатын күні: {day}", "ru": "День открытия: {day}", "en": "Opens again: {day}"}
_REASON = {"kk": "Себебі: {reason}", "ru": "Причина: {reason}", "en": "Reason: {reason}"}
_QUESTIONS = {"kk": "Сұрақтарыңыз болса: {phone}", "ru": "Вопросы: {phone}", "en": "Questions: {phone}"}
_SCAN = {
    "kk": "Кітаптарыңызды осы жерден қараңыз",
    "ru": "Ваши книги — на нашем сайте",
    "en": "See your books on our site",
}
_SLIP = {
    "kk": ("{n} кітап", "Жаңа мерзімі: {day}", "кітапхана ашылғанша", "Кітап қайтару мерзімі ұзартылды"),
    "ru": ("Книг: {n}", "Новый срок: {day}", "до открытия библиотеки", "Срок возврата книг продлён"),
    "en": ("Books: {n}", "Now due: {day}", "when the library opens again", "Return dates have been moved"),
}


@dataclass(frozen=True)
class Said:
    """A notice in one language: `day` stands by itself, large; empty when nobody knows it."""

    language: str
    title: str
    lead: str
    day: str
    rest: str
    more: str
    reason: str
    questions: str
    scan: str

    @property
    def in_one_piece(self) -> str:
        """Sentence after sentence, as for a post."""
        day = f"{self.lead} {self.day}".strip().rstrip(".")
        return " ".join(f"{each}." for each in (self.title, day, self.more.rstrip(".")) if each) + f" {self.rest}"


def said(case: str, language: str, opens: date | None, first_closed: date, reason: str, phone: str) -> Said:
    title, lead, rest = _WORDS[case][language]
    shown = {KNOWN: opens, OVER: opens, AHEAD: first_closed}.get(case)
    more = _AFTER_AHEAD[language].format(day=long_date(opens, language)) if case == AHEAD and opens else ""
    return Said(
        language,
        title,
        lead,
        long_date(shown, language) if shown else "",
        rest,
        more,
        _REASON[language].format(reason=reason) if reason else "",
        _QUESTIONS[language].format(phone=phone),
        _SCAN[language],
    )


def case_of(phase: str, opens: date | None) -> str:
    """Which words fit: the phase as the quarantine's page has it, and whether the opening day is known."""
    if phase in (AHEAD, OVER):
        return phase
    return KNOWN if opens else OPEN_ENDED


def slip(language: str, days: list[tuple[date | None, int]]) -> tuple[str, list[str]]:
    """What stands on a class slip: its title and a line for each day; no titles of books."""
    books, until, unknown, title = _SLIP[language if language in LANGUAGES else "kk"]
    lines = []
    for day, count in days:
        when = long_date(day, language) if day else unknown
        lines.append(f"{books.format(n=count)}. {until.format(day=when)}")
    return title, lines
