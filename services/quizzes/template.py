"""The filled-in example of the table that staff download: one question of each kind."""

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
    Open,
    Ordering,
    ShortText,
    Single,
    Texts,
    TrueFalse,
    even_choices,
    even_pairs,
)

_ABAI = Texts("Абай Құнанбайұлы", "Абай Кунанбаев", "Abai Qunanbaiuly")
_AUEZOV = Texts("Мұхтар Әуезов", "Мухтар Ауэзов", "Mukhtar Auezov")
_MUSREPOV = Texts("Ғабит Мүсірепов", "Габит Мусрепов", "Gabit Musrepov")
_WORDS, _PATH, _ULPAN = (
    Texts("Қара сөздер", "Слова назидания", "The Book of Words"),
    Texts("Абай жолы", "Путь Абая", "The Path of Abai"),
    Texts("Ұлпан", "Улпан", "Ulpan"),
)

EXAMPLES: tuple[Item, ...] = (
    Single(
        text=Texts("«Абай жолы» романын кім жазды?", "Кто написал роман «Путь Абая»?", "Who wrote “The Path of Abai”?"),
        choices=(Choice(_AUEZOV, Fraction(1)), Choice(_ABAI), Choice(_MUSREPOV)),
    ),
    Multiple(
        text=Texts("Қазақ жазушыларын белгілеңіз.", "Отметьте казахских писателей.", "Tick the Kazakh writers."),
        choices=even_choices(
            right=[_AUEZOV, _MUSREPOV], wrong=[Texts("Александр Пушкин", "Александр Пушкин", "Alexander Pushkin")]
        ),
    ),
    TrueFalse(
        text=Texts(
            "«Қара сөздер» кітабын Абай жазған.", "«Слова назидания» написал Абай.", "Abai wrote “The Book of Words”."
        ),
        right=True,
    ),
    ShortText(
        text=Texts("Абайдың тегі қандай?", "Какая фамилия у Абая?", "What is Abai's surname?"),
        accepted=(
            Accepted("Құнанбайұлы"),
            Accepted("Құнанбаев"),
            Accepted("Кунанбаев"),
            Accepted("Qunanbaiuly"),
        ),
        kazakh_as_russian=True,
    ),
    Number(
        text=Texts("Абай қай жылы туған?", "В каком году родился Абай?", "In which year was Abai born?"),
        accepted=(AcceptedNumber(Decimal(1845)),),
    ),
    Matching(
        text=Texts("Шығарманың авторын табыңыз.", "Найдите автора книги.", "Match each book with its writer."),
        pairs=even_pairs([(_WORDS, _ABAI), (_PATH, _AUEZOV), (_ULPAN, _MUSREPOV)]),
    ),
    Ordering(
        text=Texts(
            "Туған жылы бойынша реттеңіз: бұрын туғаны бірінші.",
            "Расположите по году рождения, старший первым.",
            "Put them in order of birth, the eldest first.",
        ),
        entries=(_ABAI, _AUEZOV, _MUSREPOV),
    ),
    Open(
        text=Texts(
            "Қай кейіпкер сізге ұнады және неге?",
            "Какой герой вам понравился и почему?",
            "Which character did you like, and why?",
        ),
        points=Decimal(3),
    ),
)
