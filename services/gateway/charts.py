"""Charts as numbers for inline SVG: every picture has its table beside it, so these say nothing on their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 180
GAP = 6


@dataclass(frozen=True)
class Bar:
    """A rectangle in a drawing of `WIDTH` by `HEIGHT`; `value` is what it stands for."""

    x: float
    y: float
    width: float
    height: float
    value: float


def columns(values: Sequence[float]) -> list[Bar]:
    """Upright bars side by side, the largest as high as the drawing."""
    if not values:
        return []
    step, most = WIDTH / len(values), max(*values, 1)
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
