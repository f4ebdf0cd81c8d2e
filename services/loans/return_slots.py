"""Return slots: on which open day each family brings its books back, so that no day drowns the desk.

Pure. A family is whatever the caller says it is; all its books that one closure moves at one branch count.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Family:
    """A family's books moved by one closure at one branch and still out."""

    household_id: str
    smallest_card_number: str
    earliest_original_due_on: date
    books: int


def place_families(
    families: Iterable[Family],
    returns_per_day: int,
    days: Iterator[date],
    due_besides: Mapping[date, int],
    kept: Mapping[str, date | None] | None = None,
) -> dict[str, date | None]:
    """Household id -> return day, for every family given; none where the days end first.

    `days`: open days in order from the first return day. `due_besides`: loans due there that this closure
    does not move. `kept`: the present table of days, if the first return day is still the same (else leave it
    out); it may hold households with nothing out any more. Families it has no day for are placed after it.
    """
    kept_days = {household: day for household, day in (kept or {}).items() if day is not None}
    families = list(families)
    placed = Counter[date]()
    for family in families:
        if family.household_id in kept_days:
            placed[kept_days[family.household_id]] += family.books
    newcomers = [family for family in families if family.household_id not in kept_days]
    days = _from_current_day(days, max(kept_days.values(), default=date.min))
    result: dict[str, date | None] = {f.household_id: kept_days.get(f.household_id) for f in families}
    result.update(_place_in_turn(newcomers, returns_per_day, days, due_besides, placed))
    return result


def _from_current_day(days: Iterator[date], current: date) -> Iterator[date]:
    return (day for day in days if day >= current)


def _place_in_turn(
    families: list[Family],
    returns_per_day: int,
    days: Iterator[date],
    due_besides: Mapping[date, int],
    placed: Counter[date],
) -> Iterator[tuple[str, date | None]]:
    if not families:
        return
    current = next(days, None)
    for family in sorted(families, key=_turn):
        while current is not None and not _fits(family, current, returns_per_day, due_besides, placed):
            current = next(days, None)
        if current is not None:
            placed[current] += family.books
        yield family.household_id, current


def _turn(family: Family) -> tuple[date, str]:
    return family.earliest_original_due_on, family.smallest_card_number


def _fits(
    family: Family, day: date, returns_per_day: int, due_besides: Mapping[date, int], placed: Counter[date]
) -> bool:
    if family.books > returns_per_day:
        return placed[day] == 0
    return placed[day] + due_besides.get(day, 0) + family.books <= returns_per_day
