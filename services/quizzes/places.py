"""Places in files and questions, as people say them; in English they are said as they are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NUMBERED = re.compile(r"(line|item) (\d+)")
_FIELD = re.compile(r"([a-z_]+)(?:\.(\d+))?(?:\.[a-z_]+)*?(?:\.(kk|ru|en))?")
_FORMS: Mapping[str, Mapping[str, str]] = {
    "kk": {"line": "{n}-жол", "item": "{n}-сұрақ"},
    "ru": {"line": "строка {n}", "item": "вопрос {n}"},
}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "kk": {
        "file": "файл",
        "text": "сұрақ мәтіні",
        "choices": "жауаптар",
        "accepted": "дұрыс жауаптар",
        "pairs": "жұптар",
        "entries": "тізбек",
        "extra": "артық жауаптар",
        "points": "ұпай",
        "picture": "сурет",
        "feedback": "түсініктеме",
        "feedback_true": "түсініктеме",
        "feedback_false": "түсініктеме",
        "feedback_wrong": "түсініктеме",
        "title": "атауы",
        "category": "санат",
        "right": "дұрыс жауап",
    },
    "ru": {
        "file": "файл",
        "text": "текст вопроса",
        "choices": "ответы",
        "accepted": "принимаемые ответы",
        "pairs": "пары",
        "entries": "порядок",
        "extra": "лишние ответы",
        "points": "баллы",
        "picture": "картинка",
        "feedback": "пояснение",
        "feedback_true": "пояснение",
        "feedback_false": "пояснение",
        "feedback_wrong": "пояснение",
        "title": "название",
        "category": "категория",
        "right": "верный ответ",
    },
}
_LANGUAGES: Mapping[str, Mapping[str, str]] = {
    "kk": {"kk": "қазақша", "ru": "орысша", "en": "ағылшынша"},
    "ru": {"kk": "на казахском", "ru": "на русском", "en": "на английском"},
}


def said(place: str, language: str) -> str:
    """`line 13: choices.2.text.ru` as «13-жол, жауаптар 2, орысша»; a path into a file stays as it is."""
    if language not in _FORMS:
        return place
    return ", ".join(_said(part, language) for part in place.split(": "))


def _said(part: str, language: str) -> str:
    if numbered := _NUMBERED.fullmatch(part):
        return _FORMS[language][numbered[1]].format(n=numbered[2])
    field = _FIELD.fullmatch(part)
    if field is None or field[1] not in _WORDS[language]:
        return part
    named = f"{_WORDS[language][field[1]]} {field[2] or ''}".strip()
    return f"{named}, {_LANGUAGES[language][field[3]]}" if field[3] else named
