"""An item as rows of the table."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from services.quizzes.formats.extras import is_even
from services.quizzes.formats.weights import plain
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
    kind_of,
)

Cells = dict[str, str]


def rows_of(item: Item) -> list[Cells]:
    return [_head(item), *_parts(item)]


def _head(item: Item) -> Cells:
    cells = {"kind": kind_of(item), "title": item.title, "category": item.category, "points": plain(item.points)}
    cells |= _in("", item.text) | _in("feedback_", item.feedback)
    if item.picture:
        cells |= {"picture": item.picture.source} | _in("alt_", item.picture.alt)
    if isinstance(item, TrueFalse):
        cells["right"] = _truth(item.right)
    if isinstance(item, Single | Multiple | Matching):
        cells["shuffle"] = _truth(item.shuffle)
    if isinstance(item, ShortText):
        cells |= {"match_case": _truth(item.match_case), "kazakh_as_russian": _truth(item.kazakh_as_russian)}
    return cells


def _parts(item: Item) -> Iterator[Cells]:
    if isinstance(item, Single | Multiple):
        for choice in item.choices:
            part = {"kind": "choice", "weight": weight_text(choice.weight)}
            yield part | _in("", choice.text) | _in("feedback_", choice.feedback)
    elif isinstance(item, TrueFalse):
        for answer, said in (("true", item.feedback_true), ("false", item.feedback_false)):
            if said:
                yield {"kind": "answer", "answer": answer} | _in("feedback_", said)
    elif isinstance(item, ShortText | Number):
        yield from _accepted(item)
    elif isinstance(item, Matching):
        yield from _pairs(item)
    elif isinstance(item, Ordering):
        yield from ({"kind": "entry"} | _in("", text) for text in item.entries)


def _accepted(item: ShortText | Number) -> Iterator[Cells]:
    if isinstance(item, ShortText):
        for text in item.accepted:
            yield _answer(text.text, text.weight, text.feedback)
    else:
        for number in item.accepted:
            tolerance = {"tolerance": plain(number.tolerance)}
            yield _answer(plain(number.value), number.weight, number.feedback) | tolerance
    if item.feedback_wrong:
        yield {"kind": "wrong"} | _in("feedback_", item.feedback_wrong)


def _answer(answer: str, weight: Fraction, feedback: Texts) -> Cells:
    return {"kind": "answer", "answer": answer, "weight": weight_text(weight)} | _in("feedback_", feedback)


def _pairs(item: Matching) -> Iterator[Cells]:
    for pair in item.pairs:
        weight = {} if is_even(item) else {"weight": weight_text(pair.weight)}
        yield {"kind": "pair"} | _in("", pair.left) | _in("right_", pair.right) | weight
    yield from ({"kind": "pair"} | _in("right_", text) for text in item.extra)


def _in(prefix: str, texts: Texts) -> Cells:
    return {f"{prefix}{language}": text for language, text in texts.as_json().items()}


def _truth(value: bool) -> str:
    return "true" if value else "false"


def weight_text(weight: Fraction) -> str:
    """50% or, where per cent cannot say it exactly, 1/3."""
    percent = weight * 100
    return f"{percent}%" if percent.denominator == 1 else str(weight)
