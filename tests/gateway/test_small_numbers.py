"""What goes outside hides the small numbers, and gives none of them away by subtraction."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.small_numbers import SMALL, hidden, shown


@pytest.mark.parametrize(
    ("counts", "cells"),
    [
        ([0, 5, 12], [0, 5, 12, 17]),
        ([3, 40, 812], ["<5", "–", 812, 855]),
        ([0, 3], [0, "<5", "<5"]),
        ([2, 3, 40], ["<5", "<5", 40, 45]),
        ([1, 1, 1, 1], ["<5", "<5", "<5", "<5", "–"]),
        ([4, 4], ["<5", "<5", "–"]),
        ([1, 5], ["<5", "–", "–"]),
        ([1, 5, 9], ["<5", "–", "–", 15]),
    ],
)
def test_cells_of_a_column_with_its_sum(counts, cells):
    assert shown(counts, "–", sum_below=True) == cells
    assert shown(counts, "–") == shown(counts, "–", sum_below=True)[:-1]


def made_up(counts: list[int], cells: list[int | str]) -> list[set[int]]:
    """For each cell, the counts it may have for one who knows the rule and every cell and the sum."""
    ranges = [
        [cell] if isinstance(cell, int) else list(range(1, SMALL) if cell == "<5" else range(SMALL, sum(counts) + 1))
        for cell in cells[:-1]
    ]
    whole = cells[-1]
    ways = [
        way for way in product(*ranges) if whole == "–" or (whole == "<5" and sum(way) < SMALL) or sum(way) == whole
    ]
    assert tuple(counts) in ways
    return [set(each) for each in zip(*ways, strict=True)]


@settings(deadline=None)
@given(st.lists(st.integers(0, 7), min_size=1, max_size=4))
def test_no_small_number_can_be_computed(counts):
    cells = shown(counts, "–", sum_below=True)
    for place, possible in enumerate(made_up(counts, cells)):
        assert not 0 < counts[place] < SMALL or len(possible) > 1, cells


@given(st.lists(st.integers(SMALL, 10_000)))
def test_large_numbers_alone_hide_nothing(counts):
    assert hidden(counts) == set()
