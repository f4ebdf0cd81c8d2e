"""Numbers as pictures: drawn here, so that a page needs neither script nor style of its own. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

MOST_DAYS = 62
A_WEEK = 7
SLOT, HEIGHT = 10, 100


@dataclass(frozen=True)
class Bar:
    """Books due on a day, or in the week that begins with it, before and after; `before_high` and so on: 0 to 100."""

    day: date
    before: int
    after: int
    x: int
    before_high: float
    after_high: float


@dataclass(frozen=True)
class Returns:
    """`weekly`: a bar is a week. `top`: the number that the full height stands for."""

    bars: Sequence[Bar]
    weekly: bool
    top: int

    @property
    def width(self) -> int:
        return len(self.bars) * SLOT


def returns_picture(returns: Sequence[Mapping[str, Any]]) -> Returns:
    """`{branch_id, day, before, after}` rows as one picture over all branches, the days between included."""
    before, after = _by_day(returns, "before"), _by_day(returns, "after")
    days = sorted({day for day in {*before, *after} if before[day] or after[day]})
    if not days:
        return Returns([], False, 0)
    length = (days[-1] - days[0]).days + 1
    weekly = length > MOST_DAYS
    step = A_WEEK if weekly else 1
    first = days[0] - timedelta(days=days[0].weekday()) if weekly else days[0]
    starts = [first + timedelta(days=n) for n in range(0, (days[-1] - first).days + 1, step)]
    sums = [(day, _within(before, day, step), _within(after, day, step)) for day in starts]
    top = max(max(was, now) for _, was, now in sums)
    bars = [Bar(day, was, now, n * SLOT, _high(was, top), _high(now, top)) for n, (day, was, now) in enumerate(sums)]
    return Returns(bars, weekly, top)


def _by_day(returns: Sequence[Mapping[str, Any]], name: str) -> Counter[date]:
    found: Counter[date] = Counter()
    for row in returns:
        found[date.fromisoformat(row["day"])] += row[name]
    return found


def _within(counts: Counter[date], first: date, days: int) -> int:
    return sum(counts[first + timedelta(days=n)] for n in range(days))


def _high(n: int, top: int) -> float:
    return round(n * HEIGHT / top, 1) if top else 0


@dataclass(frozen=True)
class AtBranch:
    """A row of the table under the picture; the busiest day before and after, as (day, books) or none."""

    branch_id: str
    loans: int
    readers: int
    before: tuple[date, int] | None
    after: tuple[date, int] | None


def by_branch(preview: Mapping[str, Any]) -> list[AtBranch]:
    returns = preview["returns"] or []

    def busiest(branch_id: str, name: str) -> tuple[date, int] | None:
        here = [(row[name], row["day"]) for row in returns if row["branch_id"] == branch_id and row[name]]
        most = max(here, key=lambda each: each[0], default=None)
        return (date.fromisoformat(most[1]), most[0]) if most else None

    return [
        AtBranch(
            row["branch_id"],
            row["loans"],
            row["readers"],
            busiest(row["branch_id"], "before"),
            busiest(row["branch_id"], "after"),
        )
        for row in preview["by_branch"] or []
    ]


def suggested_limits(preview: Mapping[str, Any]) -> dict[str, int]:
    """Branch -> books a day it is used to: its busiest day without the closure, to the next five."""
    return {each.branch_id: -(-each.before[1] // 5) * 5 for each in by_branch(preview) if each.before}


@dataclass(frozen=True)
class Share:
    name: str
    count: int
    wide: float


def shares(counts: Mapping[str, int]) -> list[Share]:
    """Each count with its part of the largest, 0 to 100."""
    most = max(counts.values(), default=0)
    return [Share(name, n, _high(n, most)) for name, n in counts.items()]
