"""The pure rules: the branch tree and the period of a quarantine."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.quarantines.periods import Period, calendar_span, decisions_left, next_open_day, phase, settle
from services.quarantines.tree import path_of, with_all_below, would_circle
from shared.calendar import OpenDays, end_of_search, open_days
from shared.problems import Problem

TREE = {"a": None, "b": "a", "c": "b", "d": "a", "e": None}
CALENDAR = open_days("Mo-Fr 09:00-18:00", date(2025, 1, 1), date(2030, 12, 31))
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@st.composite
def trees(draw: st.DrawFn) -> dict[str, str | None]:
    """Any forest: each branch under one before it, or under none."""
    size = draw(st.integers(1, 12))
    above = [draw(st.none() | st.integers(0, number - 1)) if number else None for number in range(size)]
    return {f"b{number}": None if parent is None else f"b{parent}" for number, parent in enumerate(above)}


def test_naming_a_node_means_all_below_it():
    assert with_all_below(["b"], TREE) == ["b", "c"]
    assert with_all_below(["a", "c"], TREE) == ["a", "b", "c", "d"]
    assert with_all_below([], TREE) == []
    assert path_of("c", TREE) == ["a", "b", "c"]


@given(trees(), st.data())
def test_a_branch_is_in_a_scope_if_and_only_if_one_of_its_path_is_named(tree, data):
    named = data.draw(st.lists(st.sampled_from(sorted(tree))))
    scope = with_all_below(named, tree)
    assert scope == sorted(branch for branch in tree if set(path_of(branch, tree)) & set(named))


@given(trees(), st.data())
def test_a_move_makes_a_circle_if_and_only_if_the_new_parent_is_below(tree, data):
    branch, parent = data.draw(st.sampled_from(sorted(tree))), data.draw(st.sampled_from(sorted(tree)))
    assert would_circle(branch, parent, tree) == (parent in with_all_below([branch], tree))
    assert not would_circle(branch, None, tree)


@given(DAYS, st.integers(0, 90))
def test_the_day_of_opening_is_the_first_open_day_after(starts_on, length):
    ends_on = starts_on + timedelta(days=length)
    settled = settle(Period(starts_on, ends_on, None), [CALENDAR])
    assert settled.ends_on == ends_on
    assert settled.reopens_on == CALENDAR.first_open_after(ends_on)
    assert settle(settled, [CALENDAR]) == settled


@given(DAYS, st.integers(1, 90))
def test_an_opening_day_closes_until_the_day_before(starts_on, length):
    reopens_on = starts_on + timedelta(days=length)
    settled = settle(Period(starts_on, None, reopens_on), [CALENDAR])
    assert (settled.ends_on, settled.reopens_on) == (reopens_on - timedelta(days=1), reopens_on)


@given(DAYS, st.integers(0, 60), st.integers(-5, 60))
def test_both_agree_if_and_only_if_no_open_day_lies_between(starts_on, length, gap):
    ends_on = starts_on + timedelta(days=length)
    reopens_on = ends_on + timedelta(days=gap)
    between = [ends_on + timedelta(days=day) for day in range(1, gap)]
    agree = gap >= 1 and not any(CALENDAR.is_open(day) for day in between)
    if agree:
        assert settle(Period(starts_on, ends_on, reopens_on), [CALENDAR]).reopens_on == reopens_on
    else:
        with pytest.raises(Problem):
            settle(Period(starts_on, ends_on, reopens_on), [CALENDAR])


def test_the_first_branch_to_open_counts():
    tuesdays = open_days("Tu 09:00-18:00", date(2025, 1, 1), date(2030, 12, 31))
    settled = settle(Period(date(2026, 2, 2), date(2026, 2, 13), None), [tuesdays, CALENDAR])
    assert settled.reopens_on == date(2026, 2, 16)


@given(DAYS, st.none() | DAYS, DAYS, st.lists(DAYS))
def test_the_calendar_holds_all_a_search_may_need(starts_on, ends_on, today, others):
    first, last = calendar_span(starts_on, ends_on, today, others)
    assert first <= min(starts_on, today) - timedelta(days=365)
    assert all(last >= end_of_search(day) for day in (ends_on or starts_on, today, *others))
    assert OpenDays.every_day(first, last).count < 20_000


@pytest.mark.parametrize(
    ("state", "today", "is_now"),
    [
        ("declared", date(2026, 2, 1), "ahead"),
        ("changed", date(2026, 2, 2), "closed"),
        ("lifted", date(2026, 2, 15), "closed"),
        ("lifted", date(2026, 2, 16), "over"),
        ("cancelled", date(2026, 2, 5), "cancelled"),
    ],
)
def test_what_a_quarantine_is_on_a_day(state, today, is_now):
    assert phase(state, date(2026, 2, 2), date(2026, 2, 15), today) == is_now


def test_without_an_end_it_is_never_over():
    assert phase("declared", date(2026, 2, 2), None, date(2036, 2, 2)) == "closed"


@pytest.mark.parametrize(
    ("state", "now", "left"),
    [
        ("declared", "ahead", ["change", "cancel"]),
        ("changed", "closed", ["change", "lift", "cancel"]),
        ("declared", "over", ["change", "cancel"]),
        ("lifted", "closed", ["cancel"]),
        ("cancelled", "cancelled", []),
    ],
)
def test_what_is_not_begun_or_over_cannot_end_early(state, now, left):
    assert decisions_left(state, now) == left


def test_the_doors_can_open_on_the_first_open_day_after_today_and_after_the_first_closed_one():
    tuesdays = open_days("Tu 09:00-18:00", date(2025, 1, 1), date(2030, 12, 31))
    friday, monday, tuesday = date(2026, 2, 6), date(2026, 2, 9), date(2026, 2, 10)
    assert next_open_day([CALENDAR], date(2026, 2, 2), friday) == monday
    assert next_open_day([tuesdays, CALENDAR], date(2026, 2, 2), friday) == monday
    assert next_open_day([tuesdays], date(2026, 2, 2), friday) == tuesday
    assert next_open_day([CALENDAR], monday, friday) == tuesday
    never = OpenDays(date(2026, 1, 1), 400, 0)
    assert next_open_day([never], date(2026, 2, 2), friday) == date(2026, 2, 7)
