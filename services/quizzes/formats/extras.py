"""What a format has no place for, kept in a comment of ours so that our own round trip loses nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import orjson

from services.quizzes.formats import refused
from services.quizzes.items import Item, Matching, Multiple, ShortText, Single
from services.quizzes.words import number_of

MARK = "kitaphana "
_FLAGS: dict[str, tuple[type[Item], ...]] = {
    "shuffle": (Single, Multiple, Matching),
    "match_case": (ShortText,),
    "kazakh_as_russian": (ShortText,),
}
_USUAL = {"shuffle": True, "match_case": False, "kazakh_as_russian": False}


def flags_of(item: Item) -> dict[str, bool]:
    """Settings that differ from the usual."""
    held = {name: getattr(item, name) for name, kinds in _FLAGS.items() if isinstance(item, kinds)}
    return {name: value for name, value in held.items() if value != _USUAL[name]}


def is_even(item: Matching) -> bool:
    return all(pair.weight == Fraction(1, len(item.pairs)) for pair in item.pairs)


def extras_of(item: Item) -> dict[str, Any]:
    """Points, settings and uneven weights of pairs, as far as they are not the usual ones."""
    extras: dict[str, Any] = dict(flags_of(item))
    if item.points != 1:
        extras["points"] = str(item.points)
    if isinstance(item, Matching) and not is_even(item):
        extras["pairs"] = [str(pair.weight) for pair in item.pairs]
    return extras


def written(item: Item, native: Collection[str] = ()) -> str:
    """`{"points":"2"}`, or nothing; without what the format says itself."""
    extras = {name: value for name, value in extras_of(item).items() if name not in native}
    return orjson.dumps(extras, option=orjson.OPT_SORT_KEYS).decode() if extras else ""


def comment(item: Item, native: Collection[str], **more: str) -> str:
    """The XML comment that only we read; empty when the format says everything itself."""
    extras = orjson.loads(written(item, native) or "{}") | {name: value for name, value in more.items() if value}
    words = orjson.dumps(extras, option=orjson.OPT_SORT_KEYS).decode().replace("-", "\\u002d")
    return f"<!-- {MARK}{words} -->" if extras else ""


def from_comments(comments: Iterable[str]) -> str:
    return next((each.removeprefix(MARK) for each in comments if each.startswith(MARK)), "")


def applied(item: Item, text: str) -> Item:
    """The item with what `written` said of it. Raises Refused where the words are not ours."""
    if not text:
        return item
    try:
        extras = orjson.loads(text)
        changes: dict[str, Any] = {name: bool(extras[name]) for name in flag_names(item) if name in extras}
        if "category" in extras:
            changes["category"] = str(extras["category"])
        if "points" in extras:
            changes["points"] = _points(extras["points"])
        if "pairs" in extras and isinstance(item, Matching):
            changes["pairs"] = _weighed(item, extras["pairs"])
        return replace(item, **changes)
    except (ValueError, TypeError, ZeroDivisionError) as error:
        raise refused("", "The comment that begins with “kitaphana” was changed and cannot be read.") from error


def flag_names(item: Item) -> list[str]:
    return [name for name, kinds in _FLAGS.items() if isinstance(item, kinds)]


def _points(text: object) -> Decimal:
    number = number_of(str(text))
    if number is None:
        raise ValueError(text)
    return number


def _weighed(item: Matching, weights: list[str]) -> tuple[Any, ...]:
    pairs = zip(item.pairs, weights, strict=True)
    return tuple(replace(pair, weight=_fraction(str(weight))) for pair, weight in pairs)


def _fraction(words: str) -> Fraction:
    """`1/3`, and nothing else that Python would take, such as a number with a giant exponent."""
    above, _slash, below = words.partition("/")
    if len(words) > 12 or not (above + below).isdecimal():
        raise ValueError(words)
    return Fraction(int(above), int(below or "1"))
