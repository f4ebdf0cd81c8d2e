"""Open days, and what a closure does to a date that is no loan."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.calendar import (
    ALL_DAYS,
    BadOpeningHours,
    Closure,
    ClosureRule,
    NoOpenDay,
    OpenDays,
    OutsideCalendar,
    UnknownCountry,
    end_of_search,
    moved_by_changed_hours,
    never_opens,
    open_days,
    shifts_for_changed_hours,
)
from tests.oracle import hours_leave_open

NEW_YEAR = date(2026, 1, 1)
END = date(2028, 12, 31)
FEB = [date(2026, 2, 1) + timedelta(days=i) for i in range(28)]
MO_FR = open_days("Mo-Fr 09:00-18:00", NEW_YEAR, END)
MO_SA = open_days("Mo-Sa 09:00-18:00", NEW_YEAR, END)


def feb(day: int) -> date:
    return date(2026, 2, day)


def closure(name: str = "q", begins: int = 2, ends: int | None = 13, **more: object) -> Closure:
    given_days = {"open_days": MO_FR} | more
    return Closure(name, feb(begins), None if ends is None else feb(ends), **given_days)  # type: ignore[arg-type]


class TestOpenDays:
    @pytest.mark.parametrize(
        ("hours", "open_in_february"),
        [
            ("Mo-Fr 09:00-18:00", {d for d in FEB if d.weekday() < 5}),
            (
                "Mo-Fr 09:00-18:00; Sa 10:00-17:00; Fr[-1] off",
                {d for d in FEB if d.weekday() < 6} - {feb(27)},
            ),
            ("Mo-Fr 09:00-18:00; 2026 Feb 03 off", {d for d in FEB if d.weekday() < 5} - {feb(3)}),
            ("2026 Feb 08 10:00-12:00", {feb(8)}),
            ("Fr 10:00-12:00,14:00-18:00", {feb(6), feb(13), feb(20), feb(27)}),
            ("24/7", set(FEB)),
            ("Mo-Su 00:00-24:00", set(FEB)),
            ("Mo-Fr 09:00-18:00 unknown", set()),
            ("off", set()),
        ],
    )
    def test_a_day_is_open_if_any_of_its_hours_is(self, hours: str, open_in_february: set[date]) -> None:
        calendar = open_days(hours, FEB[0], FEB[-1])
        assert {day for day in FEB if calendar.is_open(day)} == open_in_february
        assert list(calendar.open_from(FEB[0])) == sorted(open_in_february)

    def test_public_holidays_are_shut_with_the_days_moved_by_law(self) -> None:
        daily = open_days("Mo-Su,PH 09:00-18:00", NEW_YEAR, END)
        shut_in_march = [date(2026, 3, day) for day in (8, 9, 21, 22, 23, 24, 25)]
        assert [d for i in range(31) if not daily.is_open(d := date(2026, 3, 1) + timedelta(i))] == shut_in_march

    def test_holidays_are_those_of_the_country_named(self) -> None:
        nowruz = date(2026, 3, 23)
        assert not MO_FR.is_open(nowruz)
        assert open_days("Mo-Fr", NEW_YEAR, END, "BY").is_open(nowruz)
        assert open_days("Mo-Fr", NEW_YEAR, END, None).is_open(nowruz)
        with pytest.raises(UnknownCountry, match="'XX'"):
            open_days("Mo-Fr", NEW_YEAR, END, "XX")

    @pytest.mark.parametrize("hours", ["Mo-Fr 09:00-18:00; Fr[-1] off", "Tu,Th 12:00-20:00", "Sa-Su", "off"])
    def test_agrees_with_a_day_by_day_reading(self, hours: str) -> None:
        calendar = open_days(hours, NEW_YEAR, END)
        days = [NEW_YEAR + timedelta(days=i) for i in range((END - NEW_YEAR).days + 1)]
        assert [calendar.is_open(d) for d in days] == [hours_leave_open(hours, "KZ", d) for d in days]

    @pytest.mark.parametrize(
        ("hours", "told"),
        [
            ("", "empty"),
            ("  ", "empty"),
            ("Mo-Fr 25:99", "character 7"),
            ("дс-жм 9-18", "character 1"),
            ("Mo-Fr 09:00-18:00;", "character 19"),
        ],
    )
    def test_bad_hours_say_where_and_what_to_write(self, hours: str, told: str) -> None:
        with pytest.raises(BadOpeningHours, match=told) as error:
            open_days(hours, NEW_YEAR, END)
        assert "Mo-Fr 09:00-18:00" in str(error.value)
        assert "\n" not in str(error.value)

    @given(st.dates(NEW_YEAR, END), st.integers(1, 800), st.integers(0))
    def test_survives_json(self, first: date, count: int, bits: int) -> None:
        calendar = OpenDays(first, count, bits % (1 << count))
        assert OpenDays.from_json(json.loads(json.dumps(calendar.to_json()))) == calendar

    def test_two_years_fit_in_a_few_hundred_bytes(self) -> None:
        two_years = open_days("Mo-Fr", NEW_YEAR, date(2027, 12, 31))
        assert len(json.dumps(two_years.to_json())) < 300

    @given(st.integers(1, 90).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, (1 << n) - 1))))
    def test_first_open_day_is_the_nearest(self, size: tuple[int, int]) -> None:
        calendar = OpenDays(NEW_YEAR, *size)
        after = NEW_YEAR + timedelta(days=size[0] // 2)
        later = [d for i in range(1, 91) if calendar.holds(d := after + timedelta(i)) and calendar.is_open(d)]
        if later:
            assert calendar.first_open_after(after) == later[0]
        else:
            with pytest.raises(NoOpenDay):
                calendar.first_open_after(after)

    def test_days_it_does_not_hold_are_refused_not_guessed(self) -> None:
        for day in (NEW_YEAR - timedelta(1), END + timedelta(1)):
            with pytest.raises(OutsideCalendar):
                MO_FR.is_open(day)
        with pytest.raises(OutsideCalendar):
            MO_FR.first_open_after(NEW_YEAR - timedelta(2))
        with pytest.raises(ValueError, match="before its first day"):
            open_days("Mo-Fr", END, NEW_YEAR)

    @pytest.mark.parametrize(
        ("hours", "never"),
        [
            ("off", True),
            ("2026 Feb 03 10:00-12:00", True),
            ("2028 Feb 13 10:00-12:00", False),
            ("2028 Feb 14 10:00-12:00", True),
            ("2026 Feb 14 10:00-12:00", False),
            # Open only on a public holiday.
            ("Jan 01 10:00-12:00", True),
        ],
    )
    def test_a_branch_without_an_open_day_in_two_years_never_opens(self, hours: str, never: bool) -> None:
        assert never_opens(open_days(hours, NEW_YEAR, END), feb(13)) is never

    def test_two_years_after_a_leap_day(self) -> None:
        assert end_of_search(date(2028, 2, 29)) == date(2030, 3, 1)

    def test_a_short_calendar_cannot_say_that_a_branch_never_opens(self) -> None:
        with pytest.raises(OutsideCalendar, match="2028-02-13"):
            never_opens(open_days("off", NEW_YEAR, date(2027, 1, 1)), feb(13))


class TestClosureRule:
    def test_names_the_closures_that_applied_and_the_one_that_ends_last(self) -> None:
        repair = closure("repair", 2, 10)
        quarantine = closure("quarantine", 5, 27, grace_days=3, has_slots=True)
        moved = ClosureRule([quarantine, repair]).moved(feb(4))
        assert (moved.day, moved.applied) == (date(2026, 3, 5), ("repair", "quarantine"))
        assert (moved.because_of, moved.slots_of, moved.calendar_of) == ("quarantine", "quarantine", "repair")

    def test_slots_are_those_of_the_closure_that_ends_last(self) -> None:
        limited = closure("limited", 2, 10, has_slots=True)
        unlimited = closure("unlimited", 5, 13)
        moved = ClosureRule([limited, unlimited]).moved(feb(4), family_days={"limited": feb(20)})
        assert (moved.day, moved.slots_of) == (feb(16), None)

    def test_of_two_that_end_together_the_one_with_slots_comes_first(self) -> None:
        leading = closure("leading", 2, 8)
        limited, unlimited = closure("limited", 5, 13, has_slots=True), closure("unlimited", 6, 13)
        assert ClosureRule([leading, limited, unlimited]).moved(feb(4)).slots_of == "limited"

    def test_of_two_that_begin_together_the_shorter_leads_then_the_smaller_id(self) -> None:
        shorter, longer = closure("b", 2, 10, grace_days=3), closure("a", 2, 13)
        assert ClosureRule([longer, shorter]).moved(feb(5)).day == feb(19)
        level = replace(longer, ends_on=feb(10), grace_days=1)
        assert ClosureRule([shorter, level]).moved(feb(5)).day == feb(12)
        without_end = closure("0", 2, None)
        assert ClosureRule([without_end, shorter]).moved(feb(5)).applied == ("b", "0")

    def test_a_closure_that_ends_on_the_first_day_after_is_passed_over(self) -> None:
        saturday = closure("saturday", 10, 14, grace_days=2)
        assert ClosureRule([closure(), saturday]).moved(feb(5)).day == feb(18)

    def test_a_closure_that_only_holds_the_days_between_is_passed_over(self) -> None:
        weekend = closure("weekend", 14, 15, grace_days=2)
        assert ClosureRule([closure(), weekend]).moved(feb(5)).day == feb(18)
        assert ClosureRule([closure(grace_days=5), weekend]).moved(feb(5)).day == feb(23)

    def test_a_closure_inside_the_one_that_applied_is_not_passed_over(self) -> None:
        inner = closure("inner", 4, 6, grace_days=5)
        assert ClosureRule([closure(), inner]).moved(feb(5)).day == feb(16)

    def test_grace_steps_over_a_later_closure(self) -> None:
        later = closure("later", 17, 18, grace_days=9)
        moved = ClosureRule([closure(grace_days=1), later]).moved(feb(5))
        assert (moved.day, moved.applied) == (feb(19), ("q",))

    @pytest.mark.parametrize(("grace", "open_end", "day"), [(0, 17, feb(16)), (1, 17, None), (0, 15, None)])
    def test_a_search_that_reaches_an_open_end_leaves_no_date(
        self, grace: int, open_end: int, day: date | None
    ) -> None:
        without_end = closure("open", open_end, None, begun=False)
        moved = ClosureRule([closure(grace_days=grace), without_end]).moved(feb(5))
        assert moved.day == day
        assert moved.because_of == ("q" if day else "open")
        assert moved.applied == (("q",) if day else ("q", "open"))

    def test_reaching_an_open_end_is_no_date_even_where_no_day_is_open(self) -> None:
        shut = open_days("off", NEW_YEAR, date(2026, 12, 31))
        rule = ClosureRule([closure(open_days=shut), Closure("open", date(2027, 1, 1), None, shut)])
        assert rule.moved(feb(5)).day is None

    def test_no_open_day_is_an_error_never_an_endless_search(self) -> None:
        shut = open_days("off", NEW_YEAR, END)
        with pytest.raises(NoOpenDay):
            ClosureRule([closure(open_days=shut)]).moved(feb(5))
        far = Closure("open", END + timedelta(days=9), None, shut)
        with pytest.raises(NoOpenDay):
            ClosureRule([closure(open_days=shut), far]).moved(feb(5))
        with pytest.raises(NoOpenDay):
            ClosureRule([closure(grace_days=9999)]).moved(feb(5))

    def test_what_cannot_be_overdue_moves_only_from_inside(self) -> None:
        rule = ClosureRule([closure()])
        assert rule.moved(feb(1)).day == feb(1)
        assert rule.moved(feb(1), anchor=feb(1)).day == feb(16)

    def test_without_a_branch_every_calendar_day_counts(self) -> None:
        rule = ClosureRule([closure(open_days=ALL_DAYS), closure("next", 14, 20, open_days=ALL_DAYS)])
        assert rule.moved(feb(5)).day == feb(21)
        assert ClosureRule([closure(grace_days=1, open_days=ALL_DAYS)]).moved(feb(5)).day == feb(15)

    def test_each_closure_goes_by_the_calendar_kept_with_it(self) -> None:
        saturdays = open_days("Sa 10:00-17:00", NEW_YEAR, END)
        rule = ClosureRule([closure(open_days=saturdays), closure("next", 17, 18)])
        assert rule.moved(feb(5)).day == feb(14)
        assert rule.moved(feb(17)).day == feb(19)

    @pytest.mark.parametrize(
        "fault", [{"ends": 1}, {"grace_days": -1}, {"shifts": {feb(3): feb(3)}}, {"shifts": {feb(3): feb(2)}}]
    )
    def test_an_impossible_closure_is_refused(self, fault: dict[str, object]) -> None:
        with pytest.raises(ValueError, match="closure q"):
            closure(**fault)  # type: ignore[arg-type]


class TestChangedHours:
    """The decision was taken while the branch opened Mo-Fr; 16 February 2026 is a Monday."""

    LATER = END + timedelta(days=60)

    def shifts(self, *changes: tuple[str, int]) -> dict[date, date]:
        shifts: dict[date, date] = {}
        for hours, changed_on in changes:
            shifts = shifts_for_changed_hours(MO_FR, shifts, open_days(hours, feb(changed_on), self.LATER))
        return shifts

    def test_only_days_now_shut_move_to_the_next_open_day(self) -> None:
        shifts = self.shifts(("Tu-Fr", 10))
        assert shifts[feb(16)] == feb(17)
        assert {day.weekday() for day in shifts} == {0}
        assert feb(9) not in shifts
        assert ClosureRule([closure(shifts=shifts)]).moved(feb(5)).day == feb(17)
        assert ClosureRule([closure(shifts=shifts, grace_days=1)]).moved(feb(5)).day == feb(17)

    def test_a_second_change_carries_on_from_the_first(self) -> None:
        shifts = self.shifts(("Tu-Fr", 10), ("Mo,Th", 11))
        assert ClosureRule([closure(shifts=shifts)]).moved(feb(5)).day == feb(19)

    def test_a_day_moved_by_the_first_change_stays_where_it_went(self) -> None:
        assert self.shifts(("We-Fr", 10), ("Tu-Fr", 11))[feb(16)] == feb(18)

    def test_each_change_is_applied_once(self) -> None:
        shifts = self.shifts(("Mo-Th", 10), ("Fr-Su", 11))
        assert (shifts[feb(13)], shifts[feb(16)], feb(20) in shifts) == (feb(20), feb(20), True)
        assert shifts[feb(19)] == feb(20)

    def test_hours_that_leave_no_day_are_an_error(self) -> None:
        with pytest.raises(NoOpenDay):
            self.shifts(("off", 10))

    def test_family_days_move_the_same_way(self) -> None:
        tuesdays = open_days("Tu", feb(10), END)
        assert moved_by_changed_hours([feb(9), feb(16), feb(17)], tuesdays) == {feb(16): feb(17)}
        slots = closure(has_slots=True, shifts=self.shifts(("Tu-Fr", 10)))
        assert ClosureRule([slots]).moved(feb(5), family_days={"q": feb(23)}).day == feb(23)

    def test_a_date_shifted_into_a_later_closure_moves_on_with_it(self) -> None:
        shifted = closure(shifts=self.shifts(("Tu-Fr", 10)))
        later = closure("later", 17, 18)
        moved = ClosureRule([shifted, later]).moved(feb(5))
        assert (moved.day, moved.because_of) == (feb(19), "later")
        assert ClosureRule([shifted, replace(later, ends_on=None)]).moved(feb(5)).day is None
