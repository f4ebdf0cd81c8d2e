"""What an attempt is worth: exact shares of its items, summed; rounded only to be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from services.quizzes.grading import Answer, grade
from services.quizzes.items import Item


@dataclass(frozen=True)
class Asked:
    """One question of an attempt: the item in the version it is graded with, and what a right answer is worth."""

    item_id: str
    item: Item
    points: Decimal


@dataclass(frozen=True)
class Outcome:
    """`shares`: item id -> share earned, 0 to 1; None while a person must mark it."""

    asked: Sequence[Asked]
    shares: Mapping[str, Fraction | None]
    pass_percent: int | None

    @property
    def to_be_marked(self) -> int:
        return sum(share is None for share in self.shares.values())

    @cached_property
    def of(self) -> Fraction:
        return total(_exact(each.points) for each in self.asked)

    @cached_property
    def points(self) -> Fraction:
        earned = ((self.shares[each.item_id], each.points) for each in self.asked)
        return total(_exact(points) if share == 1 else share * _exact(points) for share, points in earned if share)

    @cached_property
    def percent(self) -> Fraction:
        return self.points * 100 / self.of if self.of else Fraction(0)

    @property
    def passed(self) -> bool | None:
        """None without a pass mark, and while an open answer may still decide."""
        if self.pass_percent is None or (self.to_be_marked and self.percent < self.pass_percent):
            return None
        return self.percent >= self.pass_percent

    def row(self) -> dict[str, Any]:
        """As the columns of an attempt."""
        return {
            "state": "finished" if self.to_be_marked else "graded",
            "scores": {item_id: None if share is None else str(share) for item_id, share in self.shares.items()},
            "to_be_marked": self.to_be_marked,
            "points": rounded(self.points),
            "of": rounded(self.of),
            "percent": rounded(self.percent),
            "passed": self.passed,
        }


def total(values: Iterable[Fraction]) -> Fraction:
    """Their exact sum: numerators of one denominator are added as whole numbers, which most are."""
    numerators: dict[int, int] = {}
    for value in values:
        numerators[value.denominator] = numerators.get(value.denominator, 0) + value.numerator
    return sum((Fraction(numerator, under) for under, numerator in numerators.items()), Fraction(0))


@lru_cache(maxsize=1_000)
def _exact(points: Decimal) -> Fraction:
    return Fraction(points)


def rounded(value: Fraction) -> float:
    """To two places, halves up."""
    return float((value * 100 + Fraction(1, 2)).__floor__()) / 100


def outcome(
    asked: Sequence[Asked],
    answers: Mapping[str, Answer],
    pass_percent: int | None,
    marks: Mapping[str, Fraction] | None = None,
) -> Outcome:
    """`answers`: item id -> answer in positions; absent is not answered. `marks`: item id -> share given by hand."""
    given = marks or {}
    shares = {
        each.item_id: given[each.item_id] if each.item_id in given else grade(each.item, answers.get(each.item_id))
        for each in asked
    }
    return Outcome(asked, shares, pass_percent)
