"""Charts as numbers for inline SVG: every picture has its table beside it, so these say nothing on their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 180
GAP = 6
MOST_LINES = 5
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Bar:
    """A rectangle in a drawing of `WIDTH` by `HEIGHT`; `value` is what it stands for."""

    x: float
    y: float
    width: float
    height: float
    value: float


@dataclass(frozen=True)
class Line:
    """A line across the drawing, for whole numbers to be read at."""

    y: float
    value: int


def scale(values: Sequence[float]) -> list[Line]:
    """An upright scale from 0 in steps of 1, 2 or 5 times a power of ten, at least as high as the largest value."""
    most, power = max(*values, 1, 1), 1
    while True:
        for step in (power * each for each in STEPS):
            if most <= step * (MOST_LINES - 1):
                top = -(-int(most) // step) * step
                return [Line(round(HEIGHT * (1 - at / top), 1), at) for at in range(0, top + 1, step)]
        power *= 10


def columns(values: Sequence[float]) -> list[Bar]:
    """Upright bars side by side, against `scale` of the same values."""
    if not values:
        return []
    step, most = WIDTH / len(values), scale(values)[-1].value
    return [
        Bar(
            round(at * step + GAP / 2, 1),
            round(HEIGHT * (1 - value / most), 1),
            round(step - GAP, 1),
            round(HEIGHT * value / most, 1),
            value,
        )
        for at, value in enumerate(values)
    ]


def share(part: float | None, width: int = 100) -> float:
    """How long a lying bar of a share (0 to 1) is."""
    return round(width * min(1.0, max(0.0, part or 0.0)), 1)
