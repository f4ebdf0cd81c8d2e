"""Rows of the table as an item."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from services.quizzes.formats import refused
from services.quizzes.formats.weights import weight_of
from services.quizzes.items import (
    NOTHING,
    Accepted,
    AcceptedNumber,
    Choice,
    Item,
    Matching,
    Multiple,
    Number,
    Open,
    Ordering,
    Pair,
    Picture,
    ShortText,
    Single,
    Texts,
    TrueFalse,
)
from services.quizzes.words import number_of

Cells = Mapping[str, str]
Parts = Sequence[tuple[str, Cells]]
_YES = ("true", "yes", "1", "иә", "да", "дұрыс", "верно")
_NO = ("false", "no", "0", "жоқ", "нет", "бұрыс", "неверно")
_ALLOWED = {
    "single": ("choice",),
    "multiple": ("choice",),
    "true_false": ("answer",),
    "short_text": ("answer", "wrong"),
    "number": ("answer", "wrong"),
    "matching": ("pair",),
    "ordering": ("entry",),
    "open": (),
}


def build(head: Cells, parts: Parts) -> Item:
    """The item of a question's row and the rows under it. Raises Refused, with the row's place."""
    kind = head["kind"].lower()
    for place, cells in parts:
        if cells["kind"].lower() not in _ALLOWED[kind]:
            found = {"kind": cells["kind"][:40], "question": kind}
            raise refused(place, "A row of the kind “{kind}” does not belong under a {question} question.", **found)
    return _KINDS[kind](head, parts)


def _common(head: Cells) -> dict[str, Any]:
    return {
        "text": _texts(head, ""),
        "title": head["title"],
        "category": head["category"],
        "feedback": _texts(head, "feedback_"),
        "picture": Picture(head["picture"], _texts(head, "alt_")) if head["picture"] else None,
        "points": _number("", head["points"] or "1"),
    }


def _texts(cells: Cells, prefix: str) -> Texts:
    return Texts(**{language: cells[f"{prefix}{language}"] for language in ("kk", "ru", "en")})


def _single(head: Cells, parts: Parts) -> Item:
    return Single(choices=_choices(parts), shuffle=_flag(head, "shuffle", default=True), **_common(head))


def _multiple(head: Cells, parts: Parts) -> Item:
    return Multiple(choices=_choices(parts), shuffle=_flag(head, "shuffle", default=True), **_common(head))


def _choices(parts: Parts) -> tuple[Choice, ...]:
    return tuple(
        Choice(_texts(cells, ""), _weight(place, cells["weight"] or "0"), _texts(cells, "feedback_"))
        for place, cells in parts
    )


def _true_false(head: Cells, parts: Parts) -> Item:
    said = {_truth(place, cells["answer"]): _texts(cells, "feedback_") for place, cells in parts}
    return TrueFalse(
        right=_truth("", head["right"]),
        feedback_true=said.get(True, NOTHING),
        feedback_false=said.get(False, NOTHING),
        **_common(head),
    )


def _short_text(head: Cells, parts: Parts) -> Item:
    answers, wrong = _parted(parts)
    accepted = (
        Accepted(cells["answer"], _weight(place, cells["weight"] or "100%"), _texts(cells, "feedback_"))
        for place, cells in answers
    )
    return ShortText(
        accepted=tuple(accepted),
        feedback_wrong=wrong,
        match_case=_flag(head, "match_case", default=False),
        kazakh_as_russian=_flag(head, "kazakh_as_russian", default=False),
        **_common(head),
    )


def _numeric(head: Cells, parts: Parts) -> Item:
    answers, wrong = _parted(parts)
    accepted = (
        AcceptedNumber(
            _number(place, cells["answer"]),
            _number(place, cells["tolerance"] or "0"),
            _weight(place, cells["weight"] or "100%"),
            _texts(cells, "feedback_"),
        )
        for place, cells in answers
    )
    return Number(accepted=tuple(accepted), feedback_wrong=wrong, **_common(head))


def _parted(parts: Parts) -> tuple[Parts, Texts]:
    answers = [part for part in parts if part[1]["kind"].lower() == "answer"]
    wrong = [_texts(cells, "feedback_") for _place, cells in parts if cells["kind"].lower() == "wrong"]
    return answers, wrong[0] if wrong else NOTHING


def _matching(head: Cells, parts: Parts) -> Item:
    sides = [(place, cells, _texts(cells, ""), _texts(cells, "right_")) for place, cells in parts]
    linked = [each for each in sides if each[2]]
    even = Fraction(1, max(1, len(linked)))
    pairs = tuple(
        Pair(left, right, _weight(place, cells["weight"]) if cells["weight"] else even)
        for place, cells, left, right in linked
    )
    extra = tuple(right for _place, _cells, left, right in sides if not left)
    return Matching(pairs=pairs, extra=extra, shuffle=_flag(head, "shuffle", default=True), **_common(head))


def _ordering(head: Cells, parts: Parts) -> Item:
    return Ordering(entries=tuple(_texts(cells, "") for _place, cells in parts), **_common(head))


def _open(head: Cells, _parts: Parts) -> Item:
    return Open(**_common(head))


def _flag(cells: Cells, name: str, *, default: bool) -> bool:
    return _truth("", cells[name]) if cells[name] else default


def _truth(place: str, words: str) -> bool:
    if words.lower() in _YES:
        return True
    if words.lower() in _NO:
        return False
    raise refused(place, "“{words}” is neither yes nor no.", words=words[:40])


def _weight(place: str, words: str) -> Fraction:
    """50%, 50 or 1/2; yes is the whole."""
    if words.lower() in _YES[:1] + _YES[3:]:
        return Fraction(1)
    above, slash, below = words.partition("/")
    if slash and len(words) < 12 and above.lstrip("-").isdecimal() and below.isdecimal() and int(below):
        return Fraction(int(above), int(below))
    weight = weight_of(words.removesuffix("%"))
    if weight is None:
        raise refused(place, "“{words}” is not a number.", words=words[:40])
    return weight


def _number(place: str, words: str) -> Decimal:
    number = number_of(words)
    if number is None:
        raise refused(place, "“{words}” is not a number.", words=words[:40])
    return number


_KINDS: dict[str, Callable[[Cells, Parts], Item]] = {
    "single": _single,
    "multiple": _multiple,
    "true_false": _true_false,
    "short_text": _short_text,
    "number": _numeric,
    "matching": _matching,
    "ordering": _ordering,
    "open": _open,
}
