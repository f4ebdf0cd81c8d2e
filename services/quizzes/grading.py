"""Grading as pure functions: an item and an answer give the share of the item's points, exactly.

An answer is JSON-ready and speaks of positions in the item as stored (what `player.read_answer` makes of what
a browser sends): single: a position; multiple: a list of positions; true_false: a boolean; short_text, number
and open: text; matching: {position of the left side: position among `Matching.rights`}; ordering: a list of all
positions in the reader's order. None is "not answered".
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import TypeAlias

from services.quizzes.items import (
    Accepted,
    AcceptedNumber,
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
)
from services.quizzes.words import normalised, number_of
from shared.problems import invalid

Answer: TypeAlias = "int | bool | str | list[int] | dict[str, int] | None"
LONGEST_ANSWER = 20_000
NONE, WHOLE = Fraction(0), Fraction(1)


def grade(item: Item, answer: object) -> Fraction | None:
    """The share of the item's points earned, 0 to 1; None when a person must grade it.

    Not answered: 0. Single: the choice's weight. Multiple: the sum of the ticked weights. Short text and number:
    the best weight among the accepted answers that fit. Matching: the sum of the weights of the right pairs;
    wrong pairs take nothing away. Ordering: Kendall's tau, that is (pairs in the right relative order - pairs in
    the wrong one) / all pairs: one entry out of place costs little, order by chance earns nothing on average.
    Every result is kept within 0 and 1. Raises a 422 problem for an answer of the wrong type.
    """
    if answer is None or answer == "" or answer == [] or answer == {}:
        return NONE
    if isinstance(item, Open):
        _text(answer)
        return None
    return min(WHOLE, max(NONE, _share(item, answer)))


def _share(item: Item, answer: object) -> Fraction:
    if isinstance(item, Single):
        return item.choices[_position(answer, len(item.choices))].weight
    if isinstance(item, Multiple):
        return sum((item.choices[at].weight for at in _positions(answer, len(item.choices))), NONE)
    if isinstance(item, TrueFalse):
        return WHOLE if _truth(answer) == item.right else NONE
    if isinstance(item, ShortText):
        return _weight(text_accepted(item, _text(answer)))
    if isinstance(item, Number):
        return _weight(number_accepted(item, _text(answer)))
    if isinstance(item, Matching):
        return _matched(item, answer)
    if isinstance(item, Ordering):
        return _ordered(_permutation(answer, len(item.entries)))
    raise TypeError(type(item))


def text_accepted(item: ShortText, answer: str) -> Accepted | None:
    """The best accepted answer that `answer` is, after normalising; None when it is none of them."""

    def form(text: str) -> str:
        return normalised(text, match_case=item.match_case, kazakh_as_russian=item.kazakh_as_russian)

    given = form(answer)
    fitting = [each for each in item.accepted if form(each.text) == given]
    return max(fitting, key=lambda each: each.weight, default=None)


def number_accepted(item: Number, answer: str) -> AcceptedNumber | None:
    """The best accepted number within whose tolerance `answer` lies; None for text that is no number."""
    number = number_of(answer)
    if number is None:
        return None
    fitting = [each for each in item.accepted if abs(number - each.value) <= each.tolerance]
    return max(fitting, key=lambda each: each.weight, default=None)


def _weight(accepted: Accepted | AcceptedNumber | None) -> Fraction:
    return accepted.weight if accepted else NONE


def _matched(item: Matching, answer: object) -> Fraction:
    rights = item.rights
    chosen = _links(answer, len(item.pairs), len(rights))
    earned = (item.pairs[left].weight for left, right in chosen.items() if rights[right] == item.pairs[left].right)
    return sum(earned, NONE)


def _ordered(order: Sequence[int]) -> Fraction:
    pairs = list(combinations(order, 2))
    return Fraction(sum(1 if first < second else -1 for first, second in pairs), max(1, len(pairs)))


def _truth(answer: object) -> bool:
    if not isinstance(answer, bool):
        raise invalid("answer", "Answer true or false.")
    return answer


def _text(answer: object) -> str:
    if not isinstance(answer, str):
        raise invalid("answer", "The answer must be text.")
    if len(answer) > LONGEST_ANSWER:
        raise invalid("answer", "The text is longer than {limit} characters.", limit=LONGEST_ANSWER)
    return answer


def _position(answer: object, count: int) -> int:
    if isinstance(answer, bool) or not isinstance(answer, int) or not 0 <= answer < count:
        raise invalid("answer", "Choose one of the answers offered.")
    return answer


def _positions(answer: object, count: int) -> list[int]:
    if not isinstance(answer, list) or len(answer) > count:
        raise invalid("answer", "Choose among the answers offered, each once.")
    positions = [_position(each, count) for each in answer]
    if len(set(positions)) != len(positions):
        raise invalid("answer", "Choose among the answers offered, each once.")
    return positions


def _permutation(answer: object, count: int) -> list[int]:
    positions = _positions(answer, count)
    if len(positions) != count:
        raise invalid("answer", "Put every entry in its place, each once.")
    return positions


def _links(answer: object, lefts: int, rights: int) -> dict[int, int]:
    if not isinstance(answer, dict) or len(answer) > lefts:
        raise invalid("answer", "Give each left side at most one of the right sides offered.")
    known = {str(at): at for at in range(lefts)}
    if not all(isinstance(left, str) and left in known for left in answer):
        raise invalid("answer", "Give each left side at most one of the right sides offered.")
    return {known[left]: _position(right, rights) for left, right in answer.items()}


def feedback_for(item: Item, answer: object) -> list[Texts]:
    """What is said to this answer besides the item's general feedback, when review allows it."""
    if answer is None:
        return []
    if isinstance(item, Single):
        said = [item.choices[_position(answer, len(item.choices))].feedback]
    elif isinstance(item, Multiple):
        said = [item.choices[at].feedback for at in _positions(answer, len(item.choices))]
    elif isinstance(item, TrueFalse):
        said = [item.feedback_true if _truth(answer) else item.feedback_false]
    elif isinstance(item, ShortText):
        found = text_accepted(item, _text(answer))
        said = [found.feedback if found else item.feedback_wrong]
    elif isinstance(item, Number):
        near = number_accepted(item, _text(answer))
        said = [near.feedback if near else item.feedback_wrong]
    else:
        said = []
    return [text for text in said if text]
