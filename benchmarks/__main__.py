"""`make bench`: every speed against its floor, one JSON line a figure. Figures named as arguments run alone."""

from __future__ import annotations

import logging
import sys

import structlog

from benchmarks import chain, consumer_floor, files, grading, pages, quizzes, relay_floor, runs, start
from benchmarks.spine import nodes
from shared.observability import configure_logging

FIGURES = {
    "runs": runs.measure,
    "relay": relay_floor.measure,
    "consumer": consumer_floor.measure,
    "chain": chain.measure,
    "files": files.measure,
    "pages": pages.measure,
    "quizzes": quizzes.measure,
    "grading": grading.measure,
    "certificates": grading.certificates,
    "start": start.measure,
}


def main(names: list[str]) -> None:
    if unknown := set(names) - set(FIGURES):
        sys.exit(f"no such figure: {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}")
    configure_logging("bench")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with nodes() as ours:
        for name in names or FIGURES:
            FIGURES[name](ours)


if __name__ == "__main__":
    main(sys.argv[1:])
