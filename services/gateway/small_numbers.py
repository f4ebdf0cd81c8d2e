"""Numbers that go outside the library: one under five could name somebody, so it is hidden, and so is whatever would
give it away by subtraction.

A column's sum is known outside: it stands under the column, or other tables of the same report count the same people.
"""

from __future__ import annotations

from collections.abc import Sequence

SMALL = 5
UNDER = "<5"


def hidden(counts: Sequence[int]) -> set[int]:
    """Which of the counts, by place, must not be shown: the small ones, then the next smallest until the small ones
    cannot be computed from the rest and the sum. Nothing is hidden of a nought."""
    chosen = {place for place, count in enumerate(counts) if 0 < count < SMALL}
    others = sorted((count, place) for place, count in enumerate(counts) if count >= SMALL)
    while chosen and others and told_by_sum([counts[place] for place in chosen]):
        chosen.add(others.pop(0)[1])
    return chosen


def told_by_sum(unseen: Sequence[int]) -> bool:
    """Whether the sum of the hidden counts leaves one way only to make it up: each of them at its least, or most."""
    small = [count for count in unseen if count < SMALL]
    at_least = len(small) + SMALL * (len(unseen) - len(small))
    at_most = len(small) * (SMALL - 1) if len(small) == len(unseen) else None
    return len(unseen) == 1 or sum(unseen) in (at_least, at_most)


def shown(counts: Sequence[int], unsaid: str, *, sum_below: bool = False) -> list[int | str]:
    """The cells of a column. `unsaid` stands for what is hidden though it is not small; with `sum_below` the sum is
    the last cell, itself unsaid where it would still give the others away."""
    unseen = hidden(counts)
    cells = [_cell(count, unsaid) if place in unseen else count for place, count in enumerate(counts)]
    return [*cells, _sum([counts[place] for place in unseen], sum(counts), unsaid)] if sum_below else cells


def _sum(unseen: Sequence[int], whole: int, unsaid: str) -> int | str:
    if len(unseen) == 1:
        return _cell(whole, unsaid)
    return unsaid if unseen and (whole < SMALL or told_by_sum(unseen)) else whole


def _cell(count: int, unsaid: str) -> str:
    return UNDER if 0 < count < SMALL else unsaid
