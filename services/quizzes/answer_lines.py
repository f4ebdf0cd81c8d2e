"""The answers of a question as lines to be read before it is taken: what stands there, and what is right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.quizzes.items import (
    Item,
    Matching,
    Multiple,
    Number,
    Ordering,
    ShortText,
    Single,
    Texts,
    TrueFalse,
)
from shared.language import LANGUAGES

_TRUTH = {True: Texts(kk="Дұрыс", ru="Верно", en="True"), False: Texts(kk="Бұрыс", ru="Неверно", en="False")}


def lines_of(item: Item) -> list[dict[str, Any]]:
    """[{text: {kk, ru, en}, right}]; none for an open question. What earns a part of the points is right too."""
    return [{"text": text, "right": right} for text, right in _lines(item)]


def _lines(item: Item) -> Iterator[tuple[dict[str, str], bool]]:
    if isinstance(item, Single | Multiple):
        yield from ((choice.text.as_json(), choice.weight > 0) for choice in item.choices)
    elif isinstance(item, TrueFalse):
        yield from ((_TRUTH[truth].as_json(), item.right is truth) for truth in (True, False))
    elif isinstance(item, ShortText):
        yield from ((_everywhere(each.text), each.weight > 0) for each in item.accepted)
    elif isinstance(item, Number):
        for each in item.accepted:
            give_or_take = f" ± {each.tolerance.normalize():f}" if each.tolerance else ""
            yield _everywhere(f"{each.value:f}{give_or_take}"), each.weight > 0
    elif isinstance(item, Matching):
        yield from ((_joined(pair.left, pair.right), True) for pair in item.pairs)
        yield from ((text.as_json(), False) for text in item.extra)
    elif isinstance(item, Ordering):
        for at, entry in enumerate(item.entries, 1):
            yield {language: f"{at}. {text}" for language, text in entry.as_json().items()}, True


def _everywhere(text: str) -> dict[str, str]:
    """What is typed is the same in every language."""
    return dict.fromkeys(LANGUAGES, text)


def _joined(left: Texts, right: Texts) -> dict[str, str]:
    one, other = left.as_json(), right.as_json()
    return {name: f"{one.get(name) or left[name]} – {other.get(name) or right[name]}" for name in {**one, **other}}
