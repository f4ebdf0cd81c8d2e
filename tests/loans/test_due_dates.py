"""The due-date rule: the domain's table row by row, renewals, protection and the days of return slots."""

from dataclasses import replace
from datetime import date

import pytest

from services.loans.due_dates import due_date, first_return_day, protected_until, renewal, return_days
from tests.loans.shutdowns import WEEKS, calendar, feb, product, rule_for
from tests.oracle import Shutdown, expected_due_on

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

    def test_a_day_that_changed_hours_move_into_a_closure_is_left_out(self) -> None:
        slots = replace(WORKDAYS, grace_days=0, returns_per_day=5, hours_since=("Tu-Fr 09:00-18:00",))
        later = Shutdown("later", feb(17), feb(17), opening_hours=MO_FR)
        assert self.of("q", [slots, later]) == (feb(16), [feb(18), feb(19), feb(20)])

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
