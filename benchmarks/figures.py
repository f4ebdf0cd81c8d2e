"""What every benchmark shares: medians, waiting, one JSON line a figure."""

from __future__ import annotations

import json
import os
import statistics
import threading
import time
from collections.abc import Callable

REPEATS = 3


def sizes() -> list[int]:
    """Loans in the libraries to be measured, from SIZES."""
    return sorted(int(size) for size in os.environ.get("SIZES", "10000,100000").split(","))


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def median(samples: list[float]) -> float:
    return statistics.median(samples)


def until(holds: Callable[[], object], at_most: float = 600, every: float = 0.02) -> None:
    ends, pause = time.monotonic() + at_most, threading.Event()
    while not holds():
        if time.monotonic() > ends:
            raise TimeoutError(f"nothing came of it within {at_most} s")
        pause.wait(every)


def report(
    figure: str,
    size: int,
    value: float,
    unit: str,
    *,
    against: float | str | None = None,
    ratio: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    also: bool = True,
) -> None:
    """One line; without a goal nothing is met or missed. `also`: what must hold besides the ratio."""
    met = None
    if ratio is not None and at_least is not None:
        met = ratio >= at_least and also
    elif ratio is not None and at_most is not None:
        met = ratio <= at_most and also
    goal = f">= {at_least}" if at_least is not None else f"<= {at_most}" if at_most is not None else None
    line = {
        "figure": figure,
        "size": size,
        "value": _short(value),
        "unit": unit,
        "against": _short(against) if isinstance(against, float) else against,
        "ratio": None if ratio is None else round(ratio, 3),
        "goal": goal,
        "met": met,
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)


def _short(value: float) -> float:
    return round(value) if value >= 100 else round(value, 3)
