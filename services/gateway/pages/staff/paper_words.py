"""What papers say about a closure, in three languages at once whatever language the page is in.

The wording is that of the banner on the home page; a door is read by people of every language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.language import LANGUAGES, long_date

AHEAD, KNOWN, OPEN_ENDED, OPENING = "ahead", "known", "open_ended", "opening"
REOPENED, UNDONE = "reopened", "undone"

_SEE_YOUR_DAY = {
    "kk": "Кітап қайтаратын күніңізді «Менің кітаптарым» бетінен қараңыз.",
    "ru": "Свой день возврата смотрите на странице «Мои книги».",
    "en": "See your return day in My books.",
}
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
    OPENING: {
        "kk": ("Кітапхана қайта ашылады", "Ашылатын күні:", _SEE_YOUR_DAY["kk"]),
        "ru": ("Библиотека снова откроется", "День открытия:", _SEE_YOUR_DAY["ru"]),
        "en": ("We open again", "The day:", _SEE_YOUR_DAY["en"]),
    },
    REOPENED: {
        "kk": ("Кітапхана қайта ашылды", "Ашылған күні:", _SEE_YOUR_DAY["kk"]),
        "ru": ("Библиотека снова открыта", "День открытия:", _SEE_YOUR_DAY["ru"]),
        "en": ("We are open again", "Open since:", _SEE_YOUR_DAY["en"]),
    },
    UNDONE: {
        "kk": (
            "Түзету",
            "Кітап қайтарудың бұрынғы мерзімі күшінде.",
            "Кітапхананың жабылуы туралы хабарландыру қате жарияланды, кешірім сұраймыз.",
        ),
        "ru": (
            "Исправление",
            "Действует прежний срок возврата книг.",
            "Объявление о закрытии библиотеки было ошибочным, приносим извинения.",
        ),
        "en": (
            "Correction",
            "Your earlier return dates apply.",
            "The notice that the library closes was a mistake; we are sorry.",
        ),
    },
}
_AFTER_AHEAD = {
    "kk": ("Ашылатын күні: {day}", "Ашылатын күнін кейін хабарлаймыз"),
    "ru": ("День открытия: {day}", "День открытия сообщим позже"),
    "en": ("Opens again: {day}", "We will tell you the day we open"),
}
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
# title; the day
_SLIP_UNDONE = {
    "kk": ("Кітап қайтарудың бұрынғы мерзімі күшінде", "Мерзімі: {day}"),
    "ru": ("Действует прежний срок возврата книг", "Срок: {day}"),
    "en": ("Your earlier return dates apply", "Due: {day}"),
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
    shown = {KNOWN: opens, OPENING: opens, REOPENED: opens, AHEAD: first_closed}.get(case)
    return Said(
        language,
        title,
        lead,
        long_date(shown, language) if shown else "",
        rest,
        _after_ahead(opens, language) if case == AHEAD else "",
        _REASON[language].format(reason=reason) if reason and case != UNDONE else "",
        _QUESTIONS[language].format(phone=phone),
        _SCAN[language],
    )


def _after_ahead(opens: date | None, language: str) -> str:
    with_day, without = _AFTER_AHEAD[language]
    return with_day.format(day=long_date(opens, language)) if opens else without


def case_of(phase: str, opens: date | None, today: date) -> str:
    """Which words fit: the phase as the quarantine's page has it, and whether the opening day is known and past."""
    if phase == "cancelled":
        return UNDONE
    if phase == "ahead":
        return AHEAD
    if phase == "over":
        return REOPENED if opens and opens <= today else OPENING
    return KNOWN if opens else OPEN_ENDED


def slip(language: str, days: list[tuple[date | None, int]], undone: bool = False) -> tuple[str, list[str]]:
    """What stands on a class slip: its title and a line for each day; no titles of books."""
    language = language if language in LANGUAGES else "kk"
    books, until, unknown, title = _SLIP[language]
    if undone:
        title, until = _SLIP_UNDONE[language]
    lines = []
    for day, count in days:
        when = long_date(day, language) if day else unknown
        lines.append(f"{books.format(n=count)}. {until.format(day=when)}")
    return title, lines
