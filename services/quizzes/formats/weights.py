"""Weights as other programs write them: decimals of a percentage."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from services.quizzes.items import LARGEST_DENOMINATOR
from services.quizzes.words import number_of

_PLACES = 7


def percent_text(weight: Fraction) -> str:
    """33.3333333 for a third; as short as it can be said exactly, else to seven places."""
    percent = weight * 100
    text = f"{Decimal(percent.numerator) / Decimal(percent.denominator):.{_PLACES}f}"
    return text.rstrip("0").rstrip(".")


def weight_of(text: str) -> Fraction | None:
    """The weight that `text` per cent means: the exact one, or for two and more decimals the fraction with a
    denominator of at most 1000 that is written so (33.33 is a third); None for what is no number."""
    number = number_of(text)
    if number is None:
        return None
    places = -int(number.as_tuple().exponent)
    exact = Fraction(number) / 100
    near = exact.limit_denominator(LARGEST_DENOMINATOR)
    written_so = abs(near - exact) * 100 <= Fraction(1, 10**places) and places >= 2
    return near if written_so else exact


def share(part: Decimal, whole: Decimal) -> Fraction:
    """`part` of `whole` points as a weight, forgiving the rounding of a file's decimals."""
    exact = Fraction(part) / Fraction(whole)
    near = exact.limit_denominator(LARGEST_DENOMINATOR)
    return near if abs(near - exact) < Fraction(1, 10**7) else exact


def points_text(weight: Fraction, points: Decimal) -> str:
    """A weight as points: exact if ten places are enough, else rounded to them."""
    value = weight * Fraction(points)
    text = f"{Decimal(value.numerator) / Decimal(value.denominator):.10f}"
    return text.rstrip("0").rstrip(".")


def plain(number: Decimal) -> str:
    """1918 rather than 1.918E+3."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
