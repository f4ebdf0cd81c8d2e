"""The online test of 2020, tied to two books: twelve questions in Kazakh and Russian.

Names stand without endings, because writers differ. Nothing is asked about the second book's content or authorship,
nor about the plot of the first: neither could be verified.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from services.quizzes.items import (
    Accepted,
    AcceptedNumber,
    Choice,
    Item,
    Matching,
    Multiple,
    Number,
    ShortText,
    Single,
    Texts,
    TrueFalse,
    even_choices,
    even_pairs,
)

TITLE = "Соғыс туралы оқимын. А я читаю книги о войне..."
WORKS = ("Жау тылында", "Опаленное детство")
KAISENOV = "Қасым Қайсенов"


def _t(kk: str, ru: str) -> Texts:
    return Texts(kk=kk, ru=ru)


def _same(*words: str) -> list[Texts]:
    return [_t(word, word) for word in words]


def _one_of(right: Texts, *wrong: Texts) -> tuple[Choice, ...]:
    return (Choice(right, Fraction(1)), *(Choice(text) for text in wrong))


def _year(text: Texts, year: int) -> Number:
    return Number(text=text, accepted=(AcceptedNumber(Decimal(year)),))


QUESTIONS: tuple[Item, ...] = (
    Single(
        text=_t("«Жау тылында» кітабының авторы кім?", "Кто автор книги «Жау тылында»?"),
        choices=_one_of(
            _t(KAISENOV, "Касым Кайсенов"),
            _t("Бауыржан Момышұлы", "Бауыржан Момышулы"),
            _t("Мұхтар Әуезов", "Мухтар Ауэзов"),
            _t("Сайын Мұратбеков", "Саин Муратбеков"),
        ),
    ),
    Single(
        text=_t("Қасым Қайсенов соғыста кім болды?", "Кем был Касым Кайсенов на войне?"),
        choices=_one_of(
            _t("партизан", "партизаном"),
            _t("ұшқыш", "лётчиком"),
            _t("теңізші", "моряком"),
            _t("танкист", "танкистом"),
        ),
    ),
    TrueFalse(
        text=_t(
            "Қасым Қайсенов – Қазақстанның Халық Қаһарманы.",
            "Касым Кайсенов — Народный Герой Казахстана (Халық Қаһарманы).",
        ),
        right=True,
    ),
    Multiple(
        text=_t(
            "Қасым Қайсенов қай жерлерді азат етуге қатысты?",
            "Какие земли он освобождал?",
        ),
        choices=even_choices(right=_same("Украина", "Молдавия", "Румыния"), wrong=_same("Норвегия", "Корея")),
    ),
    Single(
        text=_t("Қасым Қайсенов қай өңірде туған?", "Где родился Касым Кайсенов?"),
        choices=_one_of(
            _t("Шығыс Қазақстан", "Восточный Казахстан"),
            _t("Маңғыстау", "Мангистау"),
            _t("Қызылорда", "Кызылорда"),
            _t("Жамбыл", "Жамбыл"),
        ),
    ),
    _year(_t("Қасым Қайсенов қай жылы туған?", "В каком году родился Касым Кайсенов?"), 1918),
    Single(
        text=_t("Қасым Қайсенов жазған алғашқы кітап (1954) қайсы?", "Первая книга Касыма Кайсенова (1954):"),
        choices=_one_of(
            _t("«Жас партизандар»", "«Юные партизаны»"),
            *_same("«Ұшқан ұя»", "«Көксерек»", "«Көшпенділер»"),
        ),
    ),
    _year(_t("Абай Құнанбайұлы қай жылы туған?", "В каком году родился Абай?"), 1845),
    ShortText(
        text=_t("Абайға туғанда қандай есім қойылған?", "Какое имя дали Абаю при рождении?"),
        accepted=(Accepted("Ибраһим"), Accepted("Ибрагим"), Accepted("Ибрахим")),
        kazakh_as_russian=True,
    ),
    _year(_t("«Қара сөздер» неше сөзден тұрады?", "Сколько «слов» в «Словах назидания» Абая?"), 45),
    Multiple(
        text=_t("Абай өлеңі бойынша «бес нәрсеге асық бол»:", "К каким пяти вещам зовёт Абай?"),
        choices=even_choices(
            right=[
                _t("талап", "стремление (талап)"),
                _t("еңбек", "труд"),
                _t("терең ой", "глубокая мысль"),
                _t("қанағат", "умеренность (қанағат)"),
                _t("рақым", "милосердие (рақым)"),
            ],
            wrong=[_t("өсек", "сплетни"), _t("өтірік", "ложь")],
        ),
    ),
    Matching(
        text=_t("Шығарма – автор:", "Произведение — автор:"),
        pairs=even_pairs(
            list(
                zip(
                    _same("«Абай жолы»", "«Қара сөздер»", "«Менің атым Қожа»", "«Жау тылында»"),
                    _same("Мұхтар Әуезов", "Абай", "Бердібек Соқпақбаев", KAISENOV),
                    strict=True,
                )
            )
        ),
    ),
)
