"""Texts too short for a template: SMS of one part, and the message for a class chat. No names, no titles."""

from datetime import date
from typing import Literal

from services.notify.digest import Digest, Phase
from services.notify.occasions import Announcement, Reminder, Reopening, SignInCode
from services.notify.wording import Notice
from shared.language import known, long_date, short_date

ClosureCase = Phase | Literal["undone"]
ONE_PART = 70  # characters of an SMS part once a letter is Cyrillic; a link takes 17 of them

SMS = {
    "kk": {
        "moved": "Кітап мерзімі ұзартылды. Жаңа күні: {day}. {link}",
        "moved_days": "Кітап мерзімі ұзартылды. Жаңа күндері: {link}",
        "no_date": "Кітапхана жабық. Кітапты әзірге қайтармаңыз. {link}",
        "no_date_ahead": "Кітапхана жабылады. Ашылғанша кітап қайтармаңыз. {link}",
        "day_known": "Кітапхана ашылады. Кітап қайтару күні: {day}. {link}",
        "day_known_days": "Кітапхана ашылады. Кітап қайтару күндері: {link}",
        "earlier": "Кітапхана ертерек ашылады. Жаңа күні: {day}. {link}",
        "earlier_days": "Кітапхана ертерек ашылады. Жаңа күндері: {link}",
        "put_back": "Түзету: кітаптың бұрынғы мерзімі күшінде. {link}",
        "dates": "Кітапхана жабық болғандықтан күндер өзгерді: {link}",
        "dates_back": "Түзету: бұрынғы күндер күшінде. {link}",
        "announced": "Кітапхана жабық. Ашылатын күні: {day}. {link}",
        "announced_no_day": "Кітапхана жабық. Ашылар күнін хабарлаймыз. {link}",
        "announced_ahead": "Кітапхана уақытша жабылады: {day}. {link}",
        "reopening": "Кітапхана ашылады: {opens}. Кітап қайтару: {day}. {link}",
        "reopening_days": "Кітапхана ашылады. Кітап қайтару күндері: {link}",
        "due_soon": "Кітап қайтару мерзімі жақын: {day}. {link}",
        "overdue": "Кітап қайтару мерзімі өтті: {day}. {link}",
        "code": "Кітапханаға кіру коды: {code}. Ешкімге айтпаңыз.",
    },
    "ru": {
        "moved": "Срок возврата книг продлён до {day}. {link}",
        "moved_days": "Срок возврата книг продлён. Новые даты: {link}",
        "no_date": "Библиотека закрыта. Книги пока не возвращайте. {link}",
        "no_date_ahead": "Библиотека закроется. Книги можно вернуть позже. {link}",
        "day_known": "Библиотека откроется. Срок возврата: {day}. {link}",
        "day_known_days": "Библиотека откроется. Сроки возврата книг: {link}",
        "earlier": "Библиотека откроется раньше. Новый срок: {day}. {link}",
        "earlier_days": "Библиотека откроется раньше. Новые сроки: {link}",
        "put_back": "Исправление: действует прежний срок возврата. {link}",
        "dates": "Из-за закрытия библиотеки изменились даты: {link}",
        "dates_back": "Исправление: действуют прежние даты. {link}",
        "announced": "Библиотека закрыта. День открытия: {day}. {link}",
        "announced_no_day": "Библиотека закрыта. День открытия сообщим. {link}",
        "announced_ahead": "Библиотека временно закроется: {day}. {link}",
        "reopening": "Библиотека откроется {opens}. Вернуть книги: {day}. {link}",
        "reopening_days": "Библиотека откроется. Сроки возврата книг: {link}",
        "due_soon": "Скоро срок возврата книг: {day}. {link}",
        "overdue": "Срок возврата книг прошёл: {day}. {link}",
        "code": "Код для входа в библиотеку: {code}. Никому не сообщайте.",
    },
    "en": {
        "moved": "Your library books are now due {day}. {link}",
        "moved_days": "Your library books have new dates: {link}",
        "no_date": "Library closed. Please keep your books. {link}",
        "no_date_ahead": "Library closing. Please keep your books. {link}",
        "day_known": "The library opens again. Books due {day}. {link}",
        "day_known_days": "The library opens again. Your dates: {link}",
        "earlier": "Library opens earlier. Books due {day}. {link}",
        "earlier_days": "Library opens earlier. Your new dates: {link}",
        "put_back": "Correction: your earlier dates apply. {link}",
        "dates": "Library closed: some dates have changed. {link}",
        "dates_back": "Correction: your earlier dates apply. {link}",
        "announced": "Library closed. Opens again {day}. {link}",
        "announced_no_day": "Library closed. We will tell you more. {link}",
        "announced_ahead": "The library will close: {day}. {link}",
        "reopening": "Library opens {opens}. Books due {day}. {link}",
        "reopening_days": "The library opens again. Your dates: {link}",
        "due_soon": "Your library books are due {day}. {link}",
        "overdue": "Your library books were due {day}. {link}",
        "code": "Library sign-in code: {code}. Do not share it.",
    },
}

_CLASS_CHAT = {
    "kk": {
        "now": (
            "Құрметті ата-аналар! Кітапхана уақытша жабық. Кітап қайтару мерзімі автоматты түрде ұзартылды, "
            "ештеңе істеудің қажеті жоқ. {opening} Толығырақ: {link}"
        ),
        "ahead": (
            "Құрметті ата-аналар! Кітапхана уақытша жабылады. Жабылатын күні: {first_closed}. Кітап қайтару мерзімі "
            "автоматты түрде ұзартылды, ештеңе істеудің қажеті жоқ. {opening} Толығырақ: {link}"
        ),
        "over": (
            "Құрметті ата-аналар! Кітапхана қайта ашылды. Кітап қайтаратын күніңізді «Менің кітаптарым» бетінен "
            "қараңыз: {link}"
        ),
        "undone": (
            "Құрметті ата-аналар! Түзету: кітап қайтарудың бұрынғы мерзімі күшінде. Кітапхананың жабылуы туралы "
            "хабарлама қате жіберілді, кешірім сұраймыз. Толығырақ: {link}"
        ),
    },
    "ru": {
        "now": (
            "Уважаемые родители! Библиотека временно закрыта. Срок возврата книг продлён автоматически, "
            "делать ничего не нужно. {opening} Подробнее: {link}"
        ),
        "ahead": (
            "Уважаемые родители! Библиотека временно закроется. Первый день закрытия: {first_closed}. Срок возврата "
            "книг продлён автоматически, делать ничего не нужно. {opening} Подробнее: {link}"
        ),
        "over": (
            "Уважаемые родители! Библиотека снова открыта. Свой день возврата книг смотрите на странице «Мои книги»: "
            "{link}"
        ),
        "undone": (
            "Уважаемые родители! Исправление: действует прежний срок возврата книг. Сообщение о закрытии библиотеки "
            "было отправлено по ошибке, приносим извинения. Подробнее: {link}"
        ),
    },
    "en": {
        "now": (
            "Dear parents, the library is closed for now. Return dates have been moved; "
            "you do not need to do anything. {opening} More: {link}"
        ),
        "ahead": (
            "Dear parents, the library will close for a while. First day closed: {first_closed}. Return dates have "
            "been moved; you do not need to do anything. {opening} More: {link}"
        ),
        "over": "Dear parents, the library is open again. See your return day in My books: {link}",
        "undone": (
            "Dear parents, a correction: your earlier return dates apply. Our message that the library closes "
            "was sent by mistake; we are sorry. More: {link}"
        ),
    },
}
_OPENING = {
    "kk": ("Ашылатын күні: {day}", "Ашылатын күнін кейін хабарлаймыз."),
    "ru": ("День открытия: {day}", "День открытия сообщим позже."),
    "en": ("Opens again: {day}", "We will tell you the day it opens again."),
}


def sms(notice: Notice, link: str = "") -> str:
    """The notice in one SMS part (`ONE_PART` characters with a link of 17)."""
    language = known(notice.language)
    key, days, code = _gist(notice)
    said = {name: short_date(day, language) for name, day in days.items() if day}
    return SMS[language][key].format(link=link, code=code, **said).strip()


def class_chat(language: str, case: ClosureCase, first_closed: date, opens: date | None, link: str) -> str:
    """What a teacher may paste into the chat of a class; `opens` None: not known yet."""
    language = known(language)
    with_day, without = _OPENING[language]
    opening = with_day.format(day=_before_stop(opens, language)) + "." if opens else without
    first = _before_stop(first_closed, language)
    return _CLASS_CHAT[language][case].format(opening=opening, first_closed=first, link=link)


def _before_stop(day: date, language: str) -> str:
    """A Russian date ends in "г.": no second full stop."""
    return long_date(day, language).rstrip(".")


def _gist(notice: Notice) -> tuple[str, dict[str, date | None], str]:
    """Which text, its days, its code."""
    match notice:
        case Digest():
            return *_digest_gist(notice), ""
        case Announcement():
            return *_announcement_gist(notice), ""
        case Reopening():
            known_days = notice.opens and notice.one_day
            days = {"opens": notice.opens, "day": notice.one_day}
            return "reopening" if known_days else "reopening_days", days, ""
        case Reminder():
            return notice.kind, {"day": notice.first_day}, ""
        case SignInCode():
            return "code", {}, notice.code


def _digest_gist(digest: Digest) -> tuple[str, dict[str, date | None]]:
    if digest.case == "no_date":
        return ("no_date_ahead" if digest.phase == "ahead" else "no_date"), {}
    if digest.case in ("put_back", "dates", "dates_back"):
        return digest.case, {}
    days = {book.now_due for book in digest.books}
    key = "moved" if digest.case == "again" else digest.case
    if len(days) == 1 and None not in days:
        return key, {"day": days.pop()}
    return f"{key}_days", {}


def _announcement_gist(announcement: Announcement) -> tuple[str, dict[str, date | None]]:
    if announcement.phase == "ahead":
        return "announced_ahead", {"day": announcement.first_closed}
    days = {place.opens for place in announcement.places}
    if len(days) == 1 and None not in days:
        return "announced", {"day": days.pop()}
    return "announced_no_day", {}
