"""Quizzes for the gateway's tests, made over HTTP as an editor makes them: one question of every kind."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

from werkzeug.datastructures import MultiDict

from tests.gateway.house import House, in_days

Item = dict[str, Any]
TITLE = {
    "kk": "Соғыс туралы оқимын",
    "ru": "А я читаю книги о войне…",
    "en": "I read about the war",
}
WORK = {"title": "Жау тылында", "author": "Қасым Қайсенов", "isbn": None}


def nickname() -> str:
    """A new one, of figures alone: letters might make a word or an initial."""
    return f"Бүркіт {uuid4().int % 10**6:06d}"


def words(kk: str, ru: str, en: str) -> dict[str, str]:
    return {"kk": kk, "ru": ru, "en": en}


def choice(kk: str, ru: str, en: str, weight: str = "0") -> dict[str, Any]:
    return {"text": words(kk, ru, en), "weight": weight}


SINGLE = {
    "kind": "single",
    "text": words("«Жау тылында» кітабының авторы кім?", "Кто автор книги «Жау тылында»?", "Who wrote “Zhau tylynda”?"),
    "choices": [
        choice("Қасым Қайсенов", "Касым Кайсенов", "Kasym Kaisenov", "1"),
        choice("Бауыржан Момышұлы", "Бауыржан Момышулы", "Bauyrzhan Momyshuly"),
        choice("Мұхтар Әуезов", "Мухтар Ауэзов", "Mukhtar Auezov"),
        choice("Сайын Мұратбеков", "Саин Муратбеков", "Sain Muratbekov"),
    ],
}
TRUE = {
    "kind": "true_false",
    "text": words(
        "Қасым Қайсенов – Қазақстанның Халық Қаһарманы.",
        "Касым Кайсенов — Народный Герой Казахстана (Халық Қаһарманы).",
        "Kasym Kaisenov is a People's Hero of Kazakhstan.",
    ),
    "right": True,
}
MULTIPLE = {
    "kind": "multiple",
    "text": words(
        "Қасым Қайсенов қай жерлерді азат етуге қатысты?",
        "Какие земли он освобождал?",
        "Which lands did he help to free?",
    ),
    "choices": [
        choice("Украина", "Украина", "Ukraine", "1/3"),
        choice("Молдавия", "Молдавия", "Moldavia", "1/3"),
        choice("Румыния", "Румыния", "Romania", "1/3"),
        choice("Норвегия", "Норвегия", "Norway", "-1/2"),
        choice("Корея", "Корея", "Korea", "-1/2"),
    ],
}
NUMBER = {
    "kind": "number",
    "text": words(
        "Қасым Қайсенов қай жылы туған?", "В каком году родился Касым Кайсенов?", "In which year was he born?"
    ),
    "accepted": [{"value": "1918"}],
}
SHORT = {
    "kind": "short_text",
    "text": words("Абайға туғанда қандай есім қойылған?", "Какое имя дали Абаю при рождении?", "Abai's name at birth?"),
    "accepted": [{"text": "Ибраһим"}, {"text": "Ибрагим"}, {"text": "Ibrahim"}],
    "kazakh_as_russian": True,
}
MATCHING = {
    "kind": "matching",
    "text": words("Кім не жазды?", "Кто что написал?", "Who wrote what?"),
    "pairs": [
        {
            "left": words("«Абай жолы»", "«Абай жолы»", "“Abai zholy”"),
            "right": words("Мұхтар Әуезов", "Мухтар Ауэзов", "Mukhtar Auezov"),
            "weight": "1/2",
        },
        {
            "left": words("«Менің атым Қожа»", "«Меня зовут Кожа»", "“My name is Kozha”"),
            "right": words("Бердібек Соқпақбаев", "Бердибек Сокпакбаев", "Berdibek Sokpakbaev"),
            "weight": "1/2",
        },
    ],
}
ORDERING = {
    "kind": "ordering",
    "text": words("Ерте жазылғанынан бастаңыз.", "Начните с более ранней.", "Begin with the oldest."),
    "entries": [
        words("«Қара сөздер»", "«Слова назидания»", "“Book of Words”"),
        words("«Абай жолы»", "«Путь Абая»", "“Abai's Way”"),
        words("«Менің атым Қожа»", "«Меня зовут Кожа»", "“My name is Kozha”"),
    ],
}
OPEN = {
    "kind": "open",
    "text": words("Кітап сізге не үйретті?", "Чему вас научила книга?", "What did the book teach you?"),
}
EVERY_KIND = [SINGLE, TRUE, MULTIPLE, NUMBER, SHORT, MATCHING, ORDERING, OPEN]
CLOSED_KINDS = [SINGLE, TRUE, MULTIPLE, NUMBER, SHORT, MATCHING, ORDERING]


def bank(house: House, items: list[Item], name: str) -> tuple[str, list[str]]:
    """A new bank with these questions: its id and theirs."""
    made = house.library.post("/quizzes/banks", {"name": f"{name} {uuid4().hex[:8]}"}, expect=201)
    ids = []
    for item in items:
        added = house.library.post("/quizzes/items", {"bank_id": made["id"], "item": item}, expect=201)
        assert added["faults"] == [], added
        ids.append(added["id"])
    return made["id"], ids


def draft(house: House, items: list[Item], name: str, **terms: Any) -> str:
    _bank_id, ids = bank(house, items, name)
    usual: dict[str, Any] = {"title": TITLE, "languages": ["kk", "ru", "en"], "works": [WORK], "closes_on": in_days(20)}
    usual |= {"about": words("Кітапты оқыған соң.", "После чтения книги.", "After reading the book.")}
    usual |= {"shuffle_items": False, "pass_percent": 50, "certificate": True, "guests": True, "age_from": 9}
    made: dict[str, Any] = house.library.post("/quizzes", usual | {"pools": [{"item_ids": ids}]} | terms, expect=201)
    return str(made["id"])


def published(house: House, items: list[Item], name: str, **terms: Any) -> str:
    """The id of a new quiz that is open now."""
    quiz_id = draft(house, items, name, **terms)
    house.library.post(f"/quizzes/{quiz_id}/publish")
    return quiz_id


class _Fields(HTMLParser):
    """What a browser would send of the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._area = self._select = ""
        self._words = ""
        self._chosen: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        has = dict(attrs).keys()
        if tag == "textarea":
            self._area, self._words = given.get("name", ""), ""
        elif tag == "select":
            self._select, self._chosen = given.get("name", ""), None
        elif tag == "option" and self._select and (self._chosen is None or "selected" in has):
            self._chosen = given.get("value", "")
        elif tag == "input" and given.get("name") and given.get("type") != "file":
            ticked = given.get("type") not in ("checkbox", "radio") or "checked" in has
            if ticked:
                self.found.append((given["name"], given.get("value", "")))

    def handle_data(self, data: str) -> None:
        self._words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.found.append((self._area, self._words))
        elif tag == "select":
            self.found.append((self._select, self._chosen or ""))
            self._select = ""


def filled(fields: MultiDict[str, str], **typed: str) -> MultiDict[str, str]:
    """The same with some fields typed anew."""
    return MultiDict([(key, value) for key, value in fields.items(multi=True) if key not in typed] + [*typed.items()])


def fields_in(html: str, form: str = "") -> MultiDict[str, str]:
    """The fields of a page's forms as they stand; `form`: words of the tag of the one that is meant."""
    forms = re.findall(r"<form.*?</form>", html, re.DOTALL)
    chosen = next(each for each in forms if form in each.split(">", 1)[0])
    reader = _Fields()
    reader.feed(chosen)
    return MultiDict(reader.found)
