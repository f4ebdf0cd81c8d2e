"""The due-date rule: the domain's table row by row, a second opinion, and what must always hold."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.loans.due_dates import due_date, first_return_day, protected_until, renewal, return_days
from shared.calendar import Closure, ClosureRule, OpenDays, open_days, shifts_for_changed_hours
from tests.oracle import Shutdown, expected_due_on, hours_leave_open

KNOWN_FROM, KNOWN_TO = date(2025, 12, 1), date(2027, 12, 31)
BEGIN = date(2026, 1, 15)
WEEKS = [
    "Mo-Sa 09:00-18:00",
    "Mo-Fr 09:00-18:00",
    "Mo-Fr 09:00-18:00; Fr[-1] off",
    "Tu,Th 12:00-20:00",
    "Sa-Su",
]
HYPOTHESIS = settings(max_examples=150, deadline=None)


@lru_cache
def calendar(hours: str, first: date = KNOWN_FROM) -> OpenDays:
    return open_days(hours, first, KNOWN_TO)


@lru_cache
def shifts_since(kept: str, hours_since: tuple[str, ...]) -> dict[date, date]:
    shifts: dict[date, date] = {}
    for hours in hours_since:
        new_hours = open_days(hours, KNOWN_FROM, KNOWN_TO + timedelta(days=60))
        shifts = shifts_for_changed_hours(calendar(kept), shifts, new_hours)
    return shifts


def feb(day: int) -> date:
    return date(2026, 2, day)


def as_closure(shutdown: Shutdown, today: date) -> Closure:
    """What the product is given for a closure as staff declared it."""
    return Closure(
        shutdown.id,
        shutdown.starts_on,
        shutdown.ends_on,
        calendar(shutdown.opening_hours),
        grace_days=shutdown.grace_days,
        include_overdue=shutdown.include_overdue,
        begun=shutdown.starts_on <= today,
        has_slots=shutdown.returns_per_day is not None,
        shifts=shifts_since(shutdown.opening_hours, shutdown.hours_since),
    )


def rule_for(shutdowns: list[Shutdown], today: date) -> ClosureRule:
    return ClosureRule(as_closure(s, today) for s in shutdowns if not s.cancelled)


def product(
    original: date,
    anchor: date,
    shutdowns: list[Shutdown],
    today: date,
    family_days: Mapping[str, date] | None = None,
) -> date | None:
    return due_date(original, anchor, rule_for(shutdowns, today), family_days).due_on


MO_SA, MO_FR = WEEKS[:2]
TWO_WEEKS = Shutdown("q", feb(2), feb(15), opening_hours=MO_SA)
WORKDAYS = Shutdown("q", feb(2), feb(13), grace_days=1, opening_hours=MO_FR)
NO_END = Shutdown("n", feb(16), None, opening_hours=MO_FR)
REPAIR = Shutdown("repair", feb(2), feb(10), opening_hours=MO_FR)
QUARANTINE = Shutdown("quarantine", feb(5), feb(27), grace_days=3, opening_hours=MO_FR)


@pytest.mark.parametrize("answer", [product, expected_due_on])
@pytest.mark.parametrize(
    ("shutdowns", "original", "becomes"),
    [
        ([TWO_WEEKS], feb(10), feb(16)),
        ([replace(TWO_WEEKS, grace_days=3)], feb(10), feb(19)),
        ([WORKDAYS], feb(2), feb(17)),
        ([WORKDAYS], feb(1), feb(17)),
        ([WORKDAYS], feb(14), feb(14)),
        ([replace(WORKDAYS, grace_days=0), NO_END], feb(5), None),
        ([REPAIR, QUARANTINE], feb(7), date(2026, 3, 5)),
        ([REPAIR, QUARANTINE], feb(12), date(2026, 3, 5)),
    ],
)
def test_the_table(answer, shutdowns: list[Shutdown], original: date, becomes: date | None) -> None:  # type: ignore[no-untyped-def]
    assert answer(original, date(2026, 1, 20), shutdowns, feb(3)) == becomes


@pytest.mark.parametrize("answer", [product, expected_due_on])
@pytest.mark.parametrize(
    ("lent", "today", "include_overdue", "becomes"),
    [
        (feb(1), feb(2), True, feb(17)),
        (feb(2), feb(2), True, feb(17)),
        (feb(3), feb(3), True, feb(1)),
        (feb(1), feb(1), True, feb(1)),
        (feb(1), feb(2), False, feb(1)),
    ],
)
def test_the_clock_stops_for_the_overdue(  # type: ignore[no-untyped-def]
    answer, lent: date, today: date, include_overdue: bool, becomes: date
) -> None:
    shutdowns = [replace(WORKDAYS, include_overdue=include_overdue)]
    assert answer(feb(1), lent, shutdowns, today) == becomes


def test_a_decision_names_its_quarantine_and_nothing_where_nothing_applied() -> None:
    rule = rule_for([REPAIR, replace(QUARANTINE, returns_per_day=5)], feb(5))
    moved = due_date(feb(4), feb(1), rule)
    assert (moved.quarantine_id, moved.applied) == ("quarantine", ("repair", "quarantine"))
    assert (moved.slots_of, moved.calendar_of) == ("quarantine", "repair")
    untouched = due_date(feb(28), feb(6), rule)
    assert (untouched.due_on, untouched.quarantine_id, untouched.applied) == (feb(28), None, ())


def test_a_family_without_a_day_before_an_open_end_has_nothing_to_return() -> None:
    rule = rule_for([replace(WORKDAYS, returns_per_day=1), replace(NO_END, starts_on=feb(19))], feb(5))
    decision = due_date(feb(5), feb(1), rule, {"q": None})
    assert (decision.due_on, decision.quarantine_id) == (None, "n")


class TestRenewal:
    def test_counts_from_the_day_of_renewal_then_the_rule_applies(self) -> None:
        renewed = renewal(feb(1), 10, feb(3), rule_for([WORKDAYS], feb(1)))
        assert renewed is not None
        assert (renewed.original_due_on, renewed.decision.due_on) == (feb(11), feb(17))

    @pytest.mark.parametrize(("due_on", "needed"), [(feb(16), True), (feb(17), False), (None, False)])
    def test_what_gains_nothing_is_not_made(self, due_on: date | None, needed: bool) -> None:
        assert (renewal(feb(3), 10, due_on, rule_for([WORKDAYS], feb(3))) is not None) is needed

    def test_into_an_open_end_gains(self) -> None:
        renewed = renewal(feb(10), 10, feb(12), rule_for([NO_END], feb(10)))
        assert renewed is not None
        assert (renewed.original_due_on, renewed.decision.due_on) == (feb(20), None)


class TestProtectedUntil:
    @pytest.mark.parametrize(
        ("due_on", "sent_on", "until"),
        [
            (feb(20), feb(16), feb(20)),
            (feb(18), feb(16), feb(19)),
            (feb(17), feb(19), feb(24)),
            (feb(17), feb(10), feb(18)),
            (None, feb(16), None),
        ],
    )
    def test_is_the_later_of_the_date_and_the_third_open_day(
        self, due_on: date | None, sent_on: date, until: date | None
    ) -> None:
        assert protected_until(due_on, sent_on, calendar(MO_FR), rule_for([WORKDAYS], feb(3))) == until

    def test_has_no_end_where_an_open_end_comes_first(self) -> None:
        rule = rule_for([replace(NO_END, starts_on=feb(18))], feb(3))
        assert protected_until(feb(17), feb(16), calendar(MO_FR), rule) is None
        assert protected_until(feb(17), feb(12), calendar(MO_FR), rule) == feb(17)


class TestFirstReturnDay:
    def of(self, closure_id: str, shutdowns: list[Shutdown]) -> tuple[date | None, list[date]]:
        rule = rule_for(shutdowns, feb(5))
        closure = next(c for c in rule.closures if c.id == closure_id)
        days = return_days(closure, rule)
        return first_return_day(closure, rule), [day for day, _ in zip(days, range(3), strict=False)]

    def test_is_the_first_day_after_grace(self) -> None:
        slots = replace(WORKDAYS, returns_per_day=5)
        assert self.of("q", [slots]) == (feb(17), [feb(17), feb(18), feb(19)])
        holiday_week = replace(slots, ends_on=date(2026, 3, 19), grace_days=0)
        assert self.of("q", [holiday_week])[1] == [date(2026, 3, 20), date(2026, 3, 26), date(2026, 3, 27)]

    def test_is_none_without_slots_and_where_another_closure_ends_last(self) -> None:
        assert self.of("q", [WORKDAYS]) == (None, [])
        weekend = Shutdown("w", feb(14), feb(15), opening_hours=MO_FR)
        assert self.of("q", [replace(WORKDAYS, returns_per_day=5), weekend]) == (None, [])

    def test_waits_for_the_longest_grace_that_leads_over_it(self) -> None:
        slots = replace(QUARANTINE, returns_per_day=5)
        assert self.of("quarantine", [REPAIR, slots])[0] == date(2026, 3, 5)
        assert self.of("quarantine", [replace(REPAIR, grace_days=4), slots])[0] == date(2026, 3, 6)

    def test_days_end_where_an_open_end_begins(self) -> None:
        slots = replace(WORKDAYS, returns_per_day=5)
        assert self.of("q", [slots, replace(NO_END, starts_on=feb(19))]) == (feb(17), [feb(17), feb(18)])
        assert self.of("q", [slots, replace(NO_END, starts_on=feb(17))]) == (None, [])

    def test_days_that_changed_hours_have_shut_are_left_out(self) -> None:
        slots = replace(WORKDAYS, returns_per_day=5, hours_since=("Mo,We-Fr 09:00-18:00",))
        assert self.of("q", [slots]) == (feb(17), [feb(18), feb(19), feb(20)])


days_near = st.integers(-20, 80).map(lambda n: BEGIN + timedelta(days=n))


@st.composite
def shutdowns(draw: st.DrawFn, name: str, changed_hours: bool = False, hours: str | None = None) -> Shutdown:
    starts_on = draw(days_near)
    length = draw(st.one_of(st.integers(0, 35), st.integers(0, 35), st.integers(0, 35), st.none()))
    return Shutdown(
        name,
        starts_on,
        None if length is None else starts_on + timedelta(days=length),
        grace_days=draw(st.integers(0, 4)),
        include_overdue=draw(st.booleans()),
        cancelled=draw(st.integers(0, 5)) == 0,
        returns_per_day=draw(st.sampled_from([None, 5])),
        opening_hours=hours or draw(st.sampled_from(WEEKS)),
        hours_since=tuple(draw(st.lists(st.sampled_from(WEEKS), max_size=2))) if changed_hours else (),
    )


def several(at_least: int = 0, changed_hours: bool = False) -> st.SearchStrategy[list[Shutdown]]:
    """Closures of one branch, in no order; names so that the order of ids is not that of declaration."""
    sizes = st.integers(at_least, 5)
    return sizes.flatmap(lambda n: st.tuples(*(shutdowns(f"q{i * 7 % 5}", changed_hours) for i in range(n)))).map(list)


@given(days_near, days_near, several(changed_hours=True), days_near, st.data())
@settings(HYPOTHESIS, max_examples=600)
def test_agrees_with_the_second_opinion(
    original: date, anchor: date, closures: list[Shutdown], today: date, data: st.DataObject
) -> None:
    placed = [s for s in closures if s.returns_per_day and data.draw(st.booleans())]
    ahead = [BEGIN + timedelta(days=n) for n in range(120)]
    family_days = {
        s.id: data.draw(st.sampled_from([d for d in ahead if hours_leave_open(s.opening_hours, "KZ", d)]))
        for s in placed
    }
    expected = expected_due_on(original, anchor, closures, today, family_days)
    assert product(original, anchor, closures, today, family_days) == expected


@given(days_near, days_near, several(), days_near)
@HYPOTHESIS
def test_a_loan_that_no_closure_applies_to_never_changes(
    original: date, anchor: date, closures: list[Shutdown], today: date
) -> None:
    touched = due_date(original, anchor, rule_for(closures, today))
    if not touched.applied:
        assert touched.due_on == original
    assert due_date(original, anchor, ClosureRule([])).due_on == original


@given(days_near, days_near, several(at_least=1), days_near)
@HYPOTHESIS
def test_applying_twice_equals_once(original: date, anchor: date, closures: list[Shutdown], today: date) -> None:
    rule = rule_for(closures, today)
    once = due_date(original, anchor, rule).due_on
    assert due_date(original, anchor, rule).due_on == once
    if once is not None:
        assert due_date(once, anchor, rule).due_on == once


@given(days_near, days_near, shutdowns("a", hours=MO_FR), days_near)
@HYPOTHESIS
def test_declaring_twice_equals_once(original: date, anchor: date, shutdown: Shutdown, today: date) -> None:
    again = replace(shutdown, id="b")
    assert product(original, anchor, [shutdown, again], today) == product(original, anchor, [shutdown], today)


@given(days_near, days_near, several(), shutdowns("a", hours=MO_SA), st.integers(0, 40), days_near)
@HYPOTHESIS
def test_extend_then_shorten_then_cancel_gives_back_what_was(
    original: date, anchor: date, others: list[Shutdown], declared: Shutdown, longer: int, today: date
) -> None:
    declared = replace(declared, cancelled=False)
    assume(declared.ends_on is not None)
    extended = replace(declared, ends_on=declared.ends_on + timedelta(days=longer))  # type: ignore[operator]
    versions = [
        declared,
        extended,
        replace(declared, ends_on=None),
        declared,
        replace(declared, cancelled=True),
    ]
    days = [product(original, anchor, [*others, version], today) for version in versions]
    assert days[3] == days[0]
    assert days[4] == product(original, anchor, others, today)


@given(days_near, days_near, shutdowns("a", hours=MO_SA), st.integers(0, 40), days_near)
@HYPOTHESIS
def test_a_longer_closure_never_brings_a_date_nearer(
    original: date, anchor: date, declared: Shutdown, longer: int, today: date
) -> None:
    assume(declared.ends_on is not None)
    extended = replace(declared, ends_on=declared.ends_on + timedelta(days=longer))  # type: ignore[operator]
    before, after = (product(original, anchor, [version], today) for version in (declared, extended))
    assert before is not None and after is not None
    assert after >= before


@given(days_near, days_near, several(), shutdowns("unrelated"), days_near)
@HYPOTHESIS
def test_an_unrelated_closure_moves_nothing(
    original: date, anchor: date, closures: list[Shutdown], other: Shutdown, today: date
) -> None:
    before = product(original, anchor, closures, today)
    last_day = max([original, *([before] if before else [])])
    ahead = replace(other, starts_on=last_day + timedelta(days=1), ends_on=None)
    assume(before is not None and (today < ahead.starts_on or not ahead.include_overdue))
    assert product(original, anchor, [*closures, ahead], today) == before


@given(days_near, days_near, several(at_least=1), days_near, st.sampled_from(WEEKS))
@HYPOTHESIS
def test_changed_hours_move_only_what_falls_on_a_shut_day(
    original: date, anchor: date, closures: list[Shutdown], today: date, hours: str
) -> None:
    kept = due_date(original, anchor, rule_for(closures, today))
    changed = [replace(s, hours_since=(hours,)) for s in closures]
    after = due_date(original, anchor, rule_for(changed, today))
    if not kept.applied or kept.due_on is None or calendar(hours).is_open(kept.due_on):
        assume(len(kept.applied) <= 1)
        assert after == kept
    elif after.due_on is not None:
        assert after.due_on > kept.due_on


@given(days_near, days_near, several(at_least=1, changed_hours=True), days_near, st.data())
@HYPOTHESIS
def test_never_lands_on_a_shut_day(
    original: date, anchor: date, closures: list[Shutdown], today: date, data: st.DataObject
) -> None:
    rule = rule_for(closures, today)
    family_days: dict[str, date | None] = {}
    for closure in rule.closures:
        some = list(zip(range(30), return_days(closure, rule), strict=False))
        if some and data.draw(st.booleans()):
            family_days[closure.id] = data.draw(st.sampled_from(some))[1]
    decision = due_date(original, anchor, rule, family_days)
    if decision.due_on is None or not decision.applied:
        return
    by_id = {s.id: s for s in closures}
    by = by_id[decision.calendar_of or ""]
    assert not [c.id for c in rule.closures if c.shuts(decision.due_on)]
    assert calendar((by.opening_hours, *by.hours_since)[-1]).is_open(decision.due_on)
    first = first_return_day(next(c for c in rule.closures if c.id == by.id), rule)
    if decision.slots_of and decision.slots_of in family_days and first is not None:
        assert decision.due_on >= first
