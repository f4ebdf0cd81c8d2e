"""`make bench`: every speed against its floor, one JSON line a figure. Figures named as arguments run alone."""

from __future__ import annotations

import sys

from benchmarks import consumer_floor, relay_floor
from benchmarks.figures import nodes

FIGURES = {"relay": relay_floor.measure, "consumer": consumer_floor.measure}


def main(names: list[str]) -> None:
    with nodes() as ours:
        for name in names or list(FIGURES):
            FIGURES[name](ours)


if __name__ == "__main__":
    main(sys.argv[1:])
