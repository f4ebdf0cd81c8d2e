"""Statistics of items as pure functions: facility, discrimination, distractors, and languages compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import erfc, sqrt
from statistics import fmean

FEWEST = 30
HARDER_BY = 0.15
LEVEL = 0.01


@dataclass(frozen=True)
class Response:
    """One reader's answer to one item. `share`: 0 to 1; `rest`: the share earned in the rest of the attempt;
    `parts`: what was chosen, by position; `language`: in which the item was read."""

    share: float
    rest: float
    language: str = ""
    parts: tuple[int, ...] = ()


@dataclass(frozen=True)
class LanguageStatistics:
    """`harder`: readers of this language do worse than the others by more than chance would give."""

    count: int
    facility: float
    p_value: float | None
    harder: bool


@dataclass(frozen=True)
class ItemStatistics:
    """`facility`: the mean share earned, 0 to 1. `discrimination`: the correlation of the item with the rest of the
    attempt, -1 to 1; None where it cannot be told (fewer than two readers, or all alike)."""

    count: int
    facility: float
    discrimination: float | None
    chosen: Mapping[int, int] = field(default_factory=dict)
    languages: Mapping[str, LanguageStatistics] = field(default_factory=dict)


def statistics_of(responses: Iterable[Response]) -> ItemStatistics | None:
    """One item's statistics; None where nobody has answered."""
    given = list(responses)
    if not given:
        return None
    shares = [each.share for each in given]
    return ItemStatistics(
        count=len(given),
        facility=fmean(shares),
        discrimination=correlation(shares, [each.rest for each in given]),
        chosen=dict(sorted(Counter(part for each in given for part in each.parts).items())),
        languages=_by_language(given),
    )


def correlation(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Pearson's; None where one of the two does not vary."""
    if len(left) < 2:
        return None
    middle_left, middle_right = fmean(left), fmean(right)
    deviations = [(a - middle_left, b - middle_right) for a, b in zip(left, right, strict=True)]
    spread = sqrt(sum(a * a for a, _b in deviations)) * sqrt(sum(b * b for _a, b in deviations))
    if spread < 1e-12:
        return None
    return max(-1.0, min(1.0, sum(a * b for a, b in deviations) / spread))


def _by_language(given: Sequence[Response]) -> dict[str, LanguageStatistics]:
    found: dict[str, LanguageStatistics] = {}
    for language in sorted({each.language for each in given if each.language}):
        here = [each for each in given if each.language == language]
        others = [each for each in given if each.language and each.language != language]
        found[language] = _compared(here, others)
    return found


def _compared(here: Sequence[Response], others: Sequence[Response]) -> LanguageStatistics:
    """Whether this item is harder in one language than in the others, for readers who are otherwise as good.

    The item's share is set against the reader's share in the rest of the attempt, so that a language whose readers
    are weaker everywhere is not flagged. Test: Welch's t (two-sided, by the normal approximation; at least 30
    readers on either side), level 0.01, and a difference of at least 0.15 of the item's points: a fault of
    translation, not a curiosity.
    """
    facility = fmean(each.share for each in here)
    if min(len(here), len(others)) < FEWEST:
        return LanguageStatistics(len(here), facility, None, False)
    one, two = ([each.share - each.rest for each in group] for group in (here, others))
    difference = fmean(one) - fmean(two)
    p_value = _welch(one, two, difference)
    return LanguageStatistics(len(here), facility, p_value, difference <= -HARDER_BY and p_value < LEVEL)


def _welch(one: Sequence[float], two: Sequence[float], difference: float) -> float:
    error = sqrt(_variance(one) / len(one) + _variance(two) / len(two))
    if error < 1e-12:
        return 1.0 if abs(difference) < 1e-12 else 0.0
    return erfc(abs(difference) / error / sqrt(2))


def _variance(values: Sequence[float]) -> float:
    middle = fmean(values)
    return sum((value - middle) ** 2 for value in values) / (len(values) - 1)
