"""The scale of a chart, and its bars against it."""

import pytest

from services.gateway import charts


@pytest.mark.parametrize(
    ("values", "read_at"),
    [
        ([], [0, 1]),
        ([0, 0], [0, 1]),
        ([1, 3], [0, 1, 2, 3]),
        ([9], [0, 5, 10]),
        ([40, 2], [0, 10, 20, 30, 40]),
        ([1201], [0, 500, 1000, 1500]),
    ],
)
def test_the_scale_is_in_round_steps_and_reaches_the_largest(values: list[int], read_at: list[int]) -> None:
    lines = charts.scale(values)
    assert [line.value for line in lines] == read_at
    assert (lines[0].y, lines[-1].y) == (charts.HEIGHT, 0)


def test_bars_stand_against_the_scale() -> None:
    small, large = charts.columns([5, 9])
    assert (small.height, small.y) == (90, 90)
    assert (large.height, large.y) == (162, 18)
    assert charts.columns([]) == []
