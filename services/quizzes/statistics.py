"""Statistics of items as pure functions: facility, discrimination, distractors, and languages compared.

Answers are counted one by one into sums, so that a hundred thousand attempts take one pass and no memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import erfc, sqrt

FEWEST = 30
HARDER_BY = 0.15
LEVEL = 0.01
_NO_SPREAD = 1e-9


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
    attempt, -1 to 1; None where it cannot be told (fewer than two readers, or all alike). `chosen`: position of a
    part -> how many chose it; `chosen_rest`: what those earned in the rest of the attempt, on average."""

    count: int
    facility: float
    discrimination: float | None
    chosen: Mapping[int, int] = field(default_factory=dict)
    chosen_rest: Mapping[int, float] = field(default_factory=dict)
    languages: Mapping[str, LanguageStatistics] = field(default_factory=dict)


@dataclass(slots=True)
class Sums:
    """Of pairs of numbers that go together."""

    count: int = 0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    yy: float = 0.0
    xy: float = 0.0

    def add(self, x: float, y: float) -> None:
        self.count += 1
        self.x += x
        self.y += y
        self.xx += x * x
        self.yy += y * y
        self.xy += x * y

    def plus(self, other: Sums, sign: int = 1) -> Sums:
        return Sums(
            self.count + sign * other.count,
            self.x + sign * other.x,
            self.y + sign * other.y,
            self.xx + sign * other.xx,
            self.yy + sign * other.yy,
            self.xy + sign * other.xy,
        )

    def correlation(self) -> float | None:
        """Pearson's; None where one of the two does not vary."""
        if self.count < 2:
            return None
        spread_x = self.xx - self.x * self.x / self.count
        spread_y = self.yy - self.y * self.y / self.count
        if min(spread_x, spread_y) < _NO_SPREAD * self.count:
            return None
        together = self.xy - self.x * self.y / self.count
        return max(-1.0, min(1.0, together / sqrt(spread_x * spread_y)))

    def mean_difference(self) -> float:
        return (self.x - self.y) / self.count

    def variance_of_difference(self) -> float:
        squares = self.xx - 2 * self.xy + self.yy
        return max(0.0, squares - (self.x - self.y) ** 2 / self.count) / (self.count - 1)


class ItemTally:
    """One item's responses, counted."""

    def __init__(self) -> None:
        self._languages: dict[str, Sums] = {}
        self._chosen: dict[int, int] = {}
        self._chosen_rest: dict[int, float] = {}

    def add(self, share: float, rest: float, language: str = "", parts: Sequence[int] = ()) -> None:
        """As the fields of `Response`."""
        sums = self._languages.get(language)
        if sums is None:
            sums = self._languages[language] = Sums()
        sums.add(share, rest)
        for part in parts:
            self._chosen[part] = self._chosen.get(part, 0) + 1
            self._chosen_rest[part] = self._chosen_rest.get(part, 0.0) + rest

    def statistics(self) -> ItemStatistics | None:
        """None where nobody has answered."""
        whole = _sum(self._languages.values())
        if not whole.count:
            return None
        return ItemStatistics(
            count=whole.count,
            facility=whole.x / whole.count,
            discrimination=whole.correlation(),
            chosen=dict(sorted(self._chosen.items())),
            chosen_rest={part: self._chosen_rest[part] / count for part, count in sorted(self._chosen.items())},
            languages=self._compared(),
        )

    def _compared(self) -> dict[str, LanguageStatistics]:
        named = {language: sums for language, sums in sorted(self._languages.items()) if language}
        together = _sum(named.values())
        return {language: _compared(here, together.plus(here, -1)) for language, here in named.items()}


def _sum(each: Iterable[Sums]) -> Sums:
    whole = Sums()
    for sums in each:
        whole = whole.plus(sums)
    return whole


def statistics_of(responses: Iterable[Response]) -> ItemStatistics | None:
    """One item's statistics; None where nobody has answered."""
    tally = ItemTally()
    for each in responses:
        tally.add(each.share, each.rest, each.language, each.parts)
    return tally.statistics()


def correlation(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Pearson's; None where one of the two does not vary."""
    sums = Sums()
    for x, y in zip(left, right, strict=True):
        sums.add(x, y)
    return sums.correlation()


def _compared(here: Sums, others: Sums) -> LanguageStatistics:
    """Whether this item is harder in one language than in the others, for readers who are otherwise as good.

    The item's share is set against the reader's share in the rest of the attempt, so that a language whose readers
    are weaker everywhere is not flagged. Test: Welch's t (two-sided, by the normal approximation; at least 30
    readers on either side), level 0.01, and a difference of at least 0.15 of the item's points: a fault of
    translation, not a curiosity.
    """
    facility = here.x / here.count
    if min(here.count, others.count) < FEWEST:
        return LanguageStatistics(here.count, facility, None, False)
    difference = here.mean_difference() - others.mean_difference()
    p_value = _welch(here, others, difference)
    return LanguageStatistics(here.count, facility, p_value, difference <= -HARDER_BY and p_value < LEVEL)


def _welch(one: Sums, two: Sums, difference: float) -> float:
    error = sqrt(one.variance_of_difference() / one.count + two.variance_of_difference() / two.count)
    if error < _NO_SPREAD:
        return 1.0 if abs(difference) < _NO_SPREAD else 0.0
    return erfc(abs(difference) / error / sqrt(2))
