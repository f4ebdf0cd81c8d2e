"""Placing families on open days, and what it makes of their due dates."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.loans.due_dates import due_date, first_return_day, return_days
from services.loans.return_slots import Family, place_families
from shared.calendar import ALL_DAYS, Closure, ClosureRule, open_days

MO_FR = open_days("Mo-Fr 09:00-18:00", date(2026, 1, 1), date(2028, 12, 31))
HYPOTHESIS = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def feb(day: int) -> date:
    return date(2026, 2, day)


def family(household: str, books: int = 1, due: int = 5, card: str | None = None) -> Family:
    return Family(household, card or household, feb(due), books)


def from_monday() -> Iterator[date]:
    return MO_FR.open_from(feb(16))


def test_families_come_by_earliest_date_then_card_number_as_text() -> None:
    families = [family("late", due=6), family("z", card="9"), family("a", card="10")]
    assert place_families(families, 1, from_monday(), {}) == {"a": feb(16), "z": feb(17), "late": feb(18)}


def test_a_family_that_does_not_fit_makes_the_next_day_current_and_the_day_never_goes_back() -> None:
    families = [family("a", 2), family("b", 2), family("c", 1)]
    assert place_families(families, 3, from_monday(), {}) == {"a": feb(16), "b": feb(17), "c": feb(17)}


def test_what_else_is_due_takes_room() -> None:
    due_besides = {feb(16): 3, feb(17): 2, feb(18): 5}
    days = place_families([family("a"), family("b"), family("c")], 3, from_monday(), due_besides)
    assert days == {"a": feb(17), "b": feb(19), "c": feb(19)}


def test_a_family_bigger_than_the_limit_has_a_day_with_nothing_placed() -> None:
    families = [family("a"), family("big", 9, due=6), family("c", due=7)]
    due_besides = {feb(17): 3}
    days = place_families(families, 3, from_monday(), due_besides)
    assert days == {"a": feb(16), "big": feb(17), "c": feb(18)}
    assert place_families([family("big", 9)], 3, from_monday(), {feb(16): 3}) == {"big": feb(16)}


def test_where_the_days_end_no_day_is_given() -> None:
    days = iter([feb(16)])
    assert place_families([family("a"), family("b", 2, due=6)], 2, days, {}) == {"a": feb(16), "b": None}


def test_a_placed_family_keeps_its_day_and_later_books_go_on_it_over_the_limit() -> None:
    kept = {"a": feb(16), "b": feb(17)}
    days = place_families([family("b", 1), family("a", 7), family("new", 1, due=1)], 2, from_monday(), {}, kept)
    assert days == {"a": feb(16), "b": feb(17), "new": feb(17)}


def test_a_return_frees_room_but_moves_nobody_and_does_not_bring_the_day_back() -> None:
    kept = {"a": feb(16), "gone": feb(17)}
    assert place_families([family("a"), family("new")], 2, from_monday(), {}, kept) == {
        "a": feb(16),
        "new": feb(17),
    }


def test_a_family_that_had_no_day_is_placed_when_there_are_days_again() -> None:
    days = place_families([family("a"), family("b")], 1, from_monday(), {}, {"a": feb(16), "b": None})
    assert days == {"a": feb(16), "b": feb(17)}


families_of_any_kind = st.lists(
    st.builds(
        Family,
        household_id=st.uuids().map(str),
        smallest_card_number=st.integers(1, 200).map(str),
        earliest_original_due_on=st.integers(1, 28).map(feb),
        books=st.integers(1, 9),
    ),
    max_size=40,
    unique_by=(lambda f: f.household_id, lambda f: f.smallest_card_number),
)
limits = st.integers(1, 12)
besides = st.dictionaries(st.integers(0, 20).map(lambda n: feb(16) + timedelta(days=n)), st.integers(1, 15))


@given(families_of_any_kind, limits, besides)
@HYPOTHESIS
def test_no_day_is_over_the_limit_but_for_one_big_family_alone(
    families: list[Family], limit: int, due_besides: dict[date, int]
) -> None:
    days = place_families(families, limit, from_monday(), due_besides)
    assert set(days) == {f.household_id for f in families}
    for day in set(days.values()):
        books = [f.books for f in families if days[f.household_id] == day]
        assert day is not None
        assert MO_FR.is_open(day)
        assert sum(books) + due_besides.get(day, 0) <= limit or (len(books) == 1 and books[0] > limit)


@given(families_of_any_kind, limits, besides)
@HYPOTHESIS
def test_nobody_waits_longer_than_the_order_demands(
    families: list[Family], limit: int, due_besides: dict[date, int]
) -> None:
    days = place_families(families, limit, from_monday(), due_besides)
    placed = Counter[date]()
    current = feb(16)
    for one in sorted(families, key=lambda f: (f.earliest_original_due_on, f.smallest_card_number)):
        day = days[one.household_id]
        assert day is not None
        assert day >= current
        for passed in (d for d in MO_FR.open_from(current) if d < day):
            big = one.books > limit
            assert placed[passed] if big else placed[passed] + due_besides.get(passed, 0) + one.books > limit
        placed[day] += one.books
        current = day


@given(families_of_any_kind, families_of_any_kind, limits, besides)
@HYPOTHESIS
def test_joining_later_moves_nobody_who_was_placed(
    families: list[Family], later: list[Family], limit: int, due_besides: dict[date, int]
) -> None:
    before = place_families(families, limit, from_monday(), due_besides)
    joined = [f for f in later if f.household_id not in before]
    after = place_families([*joined, *families], limit, from_monday(), due_besides, before)
    assert {household: after[household] for household in before} == before
    assert after == place_families([*families, *joined], limit, from_monday(), due_besides, after)
    last_before = max((d for d in before.values() if d), default=feb(16))
    assert all((after[f.household_id] or feb(1)) >= last_before for f in joined)


@given(families_of_any_kind, families_of_any_kind, limits)
@HYPOTHESIS
def test_placing_in_two_goes_in_order_is_placing_in_one(
    families: list[Family], later: list[Family], limit: int
) -> None:
    """The table of days alone is enough to continue: no other state is kept."""
    known = {f.smallest_card_number for f in families}
    joined = [
        replace(f, earliest_original_due_on=date(2026, 3, 1)) for f in later if f.smallest_card_number not in known
    ]
    first = place_families(families, limit, from_monday(), {})
    second = place_families([*families, *joined], limit, from_monday(), {}, first)
    assert second == place_families([*families, *joined], limit, from_monday(), {})


loans = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 20).map(feb)), min_size=1, max_size=60)


@given(loans, limits, st.integers(0, 3))
@HYPOTHESIS
def test_due_dates_by_slots_split_no_family_and_hold_the_limit(
    books: list[tuple[int, date]], limit: int, grace: int
) -> None:
    closure = Closure("q", feb(2), feb(13), MO_FR, grace_days=grace, include_overdue=False, has_slots=True)
    rule = ClosureRule([closure])
    moved = [(who, due) for who, due in books if due_date(due, feb(1), rule).slots_of == "q"]
    due_besides = Counter(due for who, due in books if (who, due) not in moved)
    families = [
        Family(str(who), f"{who:03}", min(d for w, d in moved if w == who), sum(w == who for w, _ in moved))
        for who in {who for who, _ in moved}
    ]
    days = place_families(families, limit, return_days(closure, rule), due_besides)
    due: dict[int, set[date | None]] = {}
    for who, original in moved:
        due.setdefault(who, set()).add(due_date(original, feb(1), rule, {"q": days[str(who)]}).due_on)
    assert all(len(visits) == 1 for visits in due.values())
    assert due == {int(household): {day} for household, day in days.items()}
    first = first_return_day(closure, rule)
    assert first == list(islice(MO_FR.open_from(feb(14)), grace + 1))[-1]
    assert all(day is not None and day >= first for day in days.values())
    for day in set(days.values()):
        visits = [f.books for f in families if days[f.household_id] == day]
        assert day is not None
        assert sum(visits) + due_besides[day] <= limit or (len(visits) == 1 and visits[0] > limit)


def test_an_open_end_after_the_slots_leaves_the_rest_without_a_date() -> None:
    slots = Closure("q", feb(2), feb(13), MO_FR, has_slots=True)
    rule = ClosureRule([slots, Closure("n", feb(18), None, MO_FR, begun=False)])
    days = place_families([family(str(n)) for n in range(3)], 1, return_days(slots, rule), {})
    assert days == {"0": feb(16), "1": feb(17), "2": None}
    assert due_date(feb(5), feb(1), rule, {"q": days["2"]}).due_on is None


@pytest.mark.parametrize("limit", [40, 100_000])
def test_a_hundred_thousand_families_take_a_moment(limit: int) -> None:
    families = [Family(f"h{n}", f"{n * 7919 % 100_000:06}", feb(n % 28 + 1), n % 5 + 1) for n in range(100_000)]
    begun = perf_counter()
    days = place_families(families, limit, ALL_DAYS.open_from(feb(16)), {})
    assert perf_counter() - begun < 5
    assert None not in days.values()
