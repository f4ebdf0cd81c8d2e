import re
from dataclasses import replace
from datetime import date

import pytest

from services.notify.digest import ReaderSection
from services.notify.occasions import Announcement
from services.notify.short_texts import ONE_PART, SMS, class_chat, sms
from shared.language import LANGUAGES
from tests.notify import samples

LINK = "https://b.kz/a1b2"
VALUES = {"day": "30 Sept", "opens": "30 Sept", "code": "000000", "link": LINK}
OF_PRACTICE = {
    ("kk", "moved"): ("Кітап мерзімі ұзартылды. Жаңа күні: 16.02. https://b.kz/a1b2", 60),
    ("kk", "no_date"): ("Кітапхана жабық. Кітапты әзірге қайтармаңыз. https://b.kz/a1b2", 62),
    ("ru", "moved"): ("Срок возврата книг продлён до 16.02. https://b.kz/a1b2", 54),
    ("ru", "no_date"): ("Библиотека закрыта. Книги пока не возвращайте. https://b.kz/a1b2", 64),
}


def test_every_language_has_every_text_with_the_same_values():
    assert set(SMS["kk"]) == set(SMS["ru"]) == set(SMS["en"])
    for key, text in SMS["kk"].items():
        values = sorted(re.findall(r"\{\w+\}", text))
        assert values == sorted(re.findall(r"\{\w+\}", SMS["ru"][key]))
        assert values == sorted(re.findall(r"\{\w+\}", SMS["en"][key]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_one_part_with_a_link_of_17(language):
    assert len(LINK) == 17
    long_day = VALUES if language == "en" else {**VALUES, "day": "30.09", "opens": "30.09"}
    too_long = {key: len(text.format(**long_day)) for key, text in SMS[language].items()}
    assert {key: n for key, n in too_long.items() if n > ONE_PART} == {}


@pytest.mark.parametrize(("language", "name"), OF_PRACTICE)
def test_the_agreed_texts(language, name):
    said = sms(getattr(samples, name)(language), LINK)
    assert (said, len(said)) == OF_PRACTICE[language, name]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", samples.SAMPLES, ids=lambda sample: sample.__name__)
def test_an_sms_is_short_and_names_nobody_and_no_book(sample, language):
    said = sms(sample(language), LINK)
    assert len(said) <= ONE_PART
    assert said.endswith(LINK) or "482913" in said
    assert "{" not in said
    private = ["Абай", "Қара", "Ұлпан", "Айша", "Ерлан", "Сәуле"]
    assert not [word for word in private if word in said]


def test_several_new_days_are_not_squeezed_into_one():
    assert sms(samples.family("ru"), LINK) == f"Срок возврата книг продлён. Новые даты: {LINK}"
    nearer = samples.earlier("kk").books[0]
    section = ReaderSection("x", (nearer, replace(nearer, now_due=date(2026, 2, 17))))
    two = replace(samples.earlier("kk"), readers=(section,))
    assert sms(two, LINK) == f"Кітапхана ертерек ашылады. Жаңа күндері: {LINK}"


def test_an_announcement_names_the_day_it_knows():
    one = Announcement("ru", "", date(2026, 2, 3), date(2026, 2, 2), (samples.CENTRAL,))
    assert sms(one, LINK) == f"Библиотека закрыта. День открытия: 16.02. {LINK}"
    ahead = replace(one, written_on=date(2026, 2, 1))
    assert sms(ahead, LINK) == f"Библиотека временно закроется: 02.02. {LINK}"


def test_the_reopening_names_both_days():
    assert sms(samples.reopening("kk"), LINK) == f"Кітапхана ашылады: 16.02. Кітап қайтару: 16.02. {LINK}"


FIRST, OPENS = date(2026, 2, 2), date(2026, 2, 16)


def test_class_chat():
    assert class_chat("kk", "now", FIRST, OPENS, LINK) == (
        "Құрметті ата-аналар! Кітапхана уақытша жабық. Кітап қайтару мерзімі автоматты түрде ұзартылды, "
        f"ештеңе істеудің қажеті жоқ. Ашылатын күні: 2026 ж. 16 ақпан, дүйсенбі. Толығырақ: {LINK}"
    )
    assert class_chat("ru", "now", FIRST, OPENS, LINK) == (
        "Уважаемые родители! Библиотека временно закрыта. Срок возврата книг продлён автоматически, "
        f"делать ничего не нужно. День открытия: понедельник, 16 февраля 2026 г. Подробнее: {LINK}"
    )
    assert class_chat("en", "now", FIRST, None, LINK) == (
        "Dear parents, the library is closed for now. Return dates have been moved; "
        f"you do not need to do anything. We will tell you the day it opens again. More: {LINK}"
    )


def test_class_chat_before_the_first_day_says_when_it_closes():
    ahead = class_chat("ru", "ahead", FIRST, None, LINK)
    assert "временно закроется. Первый день закрытия: понедельник, 2 февраля 2026 г. Срок" in ahead
    assert "День открытия сообщим позже." in ahead
    assert "Жабылатын күні: 2026 ж. 2 ақпан, дүйсенбі." in class_chat("kk", "ahead", FIRST, OPENS, LINK)


@pytest.mark.parametrize(
    ("case", "language", "says"),
    [
        ("over", "kk", "Кітапхана қайта ашылды."),
        ("over", "ru", "Библиотека снова открыта."),
        ("over", "en", "open again"),
        ("undone", "kk", "Түзету: кітап қайтарудың бұрынғы мерзімі күшінде."),
        ("undone", "ru", "Исправление: действует прежний срок возврата книг."),
        ("undone", "en", "your earlier return dates apply"),
    ],
)
def test_class_chat_of_a_closure_that_is_over_or_undone_does_not_call_it_closed(case, language, says):
    words = class_chat(language, case, FIRST, OPENS, LINK)
    assert says in words and LINK in words
    assert not any(closed in words for closed in ("уақытша жабық", "временно закрыта", "closed for now", "2026"))
