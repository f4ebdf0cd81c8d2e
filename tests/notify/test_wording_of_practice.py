"""The digest against the agreed page of wording, copied here by hand and filled by plain replacement."""

from dataclasses import replace

import pytest

from services.notify.digest import ReaderSection
from services.notify.wording import render
from tests.notify import samples

AGREED = {
    "kk": """Кітап қайтару мерзімі ұзартылды: 1 кітап

Құрметті {name}!

Кітапхана уақытша жабық. Кітап қайтару мерзімі автоматты түрде ұзартылды.
Сізге ештеңе істеудің қажеті жоқ.

Кітапхана: Орталық балалар және жасөспірімдер кітапханасы
Себебі: карантин
Жабылған күні: 2026 ж. 2 ақпан, дүйсенбі
Ашылатын күні: 2026 ж. 16 ақпан, дүйсенбі

Оқырман: {reader}
  {title} – {author}
  Бұрынғы мерзімі: 2026 ж. 10 ақпан, сейсенбі
  Жаңа мерзімі: 2026 ж. 16 ақпан, дүйсенбі
Мерзімі өзгермеген кітаптар: {unchanged}

Кітапхана жабық болған күндер кешіктіру болып есептелмейді.
Менің кітаптарым: {link}
Сұрақтарыңыз болса: {phone}
Құрметпен, {library}
""",
    "ru": """Срок возврата книг продлён (книг: 1)

Здравствуйте, {name}!

Библиотека временно закрыта. Срок возврата книг продлён автоматически.
Вам ничего делать не нужно.

Библиотека: Центральная детско-юношеская библиотека
Причина: карантин
Первый день закрытия: понедельник, 2 февраля 2026 г.
День открытия: понедельник, 16 февраля 2026 г.

Читатель: {reader}
  {title} — {author}
  Прежний срок: вторник, 10 февраля 2026 г.
  Новый срок: понедельник, 16 февраля 2026 г.
Срок не изменился: {unchanged}

Дни, когда библиотека закрыта, опозданием не считаются.
Мои книги: {link}
Вопросы: {phone}
С уважением, {library}
""",
    "en": """Your library books: new return date (1)

Hello {name},

The library is closed for now. We have moved the return date of your book.
You do not need to do anything.

Library: Central Children's and Youth Library
Reason: quarantine
First day closed: Monday 2 February 2026
Opens again: Monday 16 February 2026

Reader: {reader}
  {title} – {author}
  Was due: Tuesday 10 February 2026
  Now due: Monday 16 February 2026
Not changed: {unchanged}

Days when the library is closed never count as late.
My books: {link}
Questions: {phone}
{library}
""",
}
SUBJECTS = {
    "no_date": (
        "Кітапхана уақытша жабық: әзірге кітап қайтарудың қажеті жоқ",
        "Библиотека временно закрыта: возвращать книги пока не нужно",
        "Library closed: no need to return books for now",
    ),
    "again": (
        "Кітап қайтару мерзімі тағы да ұзартылды: 2 кітап",
        "Срок возврата книг снова продлён (книг: 2)",
        "Return date moved again (2 books)",
    ),
    "earlier": (
        "Кітапхана ертерек ашылады: кітап қайтарудың жаңа күнін қараңыз",
        "Библиотека откроется раньше: проверьте новый срок возврата",
        "The library opens earlier: please check your new date",
    ),
    "put_back": (
        "Түзету: кітап қайтарудың бұрынғы мерзімі күшінде",
        "Исправление: действует прежний срок возврата книг",
        "Correction: your earlier return dates apply",
    ),
    "moved": (
        "Кітап қайтару мерзімі ұзартылды: 2 кітап",
        "Срок возврата книг продлён (книг: 2)",
        "Your library books: new return date (2)",
    ),
}


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_moved_book_is_told_to_the_letter(language):
    digest = samples.moved(language)
    unmoved = samples.family(language).readers[0].unmoved[1:]
    section = ReaderSection("Айша", digest.readers[0].books[:1], unmoved)
    said = render(replace(digest, readers=(section,)), samples.LIBRARY, samples.LINK)
    filled = AGREED[language].format(
        name="Сәуле Ахметқызы",
        reader="Айша",
        title="Абай жолы",
        author="Мұхтар Әуезов",
        unchanged="Ұлпан",
        link=samples.LINK,
        phone="+7 7232 00-00-01",
        library=samples.LIBRARY.name[language],
    )
    assert f"{said.subject}\n\n{said.body}" == filled


@pytest.mark.parametrize("case", SUBJECTS)
def test_subjects_are_the_agreed_ones(case):
    digests = [replace(samples.moved(language), case=case) for language in ("kk", "ru", "en")]
    assert tuple(render(digest, samples.LIBRARY).subject for digest in digests) == SUBJECTS[case]
