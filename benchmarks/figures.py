"""What every benchmark shares: private nodes, medians, one JSON line a figure."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.nodes import PostgresNode, RabbitNode

REPEATS = 3


@dataclass(frozen=True)
class Nodes:
    """A private PostgreSQL and RabbitMQ, and how to get a fresh corner of each."""

    folder: Path
    postgres: PostgresNode
    rabbit: RabbitNode

    def database(self, name: str) -> str:
        return self.postgres.create_database(name)

    def vhost(self, name: str) -> str:
        return self.rabbit.add_vhost(name)


@contextmanager
def nodes() -> Iterator[Nodes]:
    with tempfile.TemporaryDirectory(prefix="kitaphana-bench-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        with PostgresNode(root / "postgres") as postgres, RabbitNode(root / "rabbit") as rabbit:
            yield Nodes(root, postgres, rabbit)


def sizes() -> list[int]:
    return [int(size) for size in os.environ.get("SIZES", "10000,100000").split(",")]


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def median(samples: list[float]) -> float:
    return statistics.median(samples)


def report(figure: str, size: int, value: float, unit: str, against: float, goal: float) -> None:
    """One line; `ratio` is value to floor, met when it reaches the goal."""
    ratio = value / against
    line = {
        "figure": figure,
        "size": size,
        "value": round(value),
        "unit": unit,
        "against": round(against),
        "ratio": round(ratio, 3),
        "goal": goal,
        "met": ratio >= goal,
    }
    print(json.dumps(line), flush=True)
