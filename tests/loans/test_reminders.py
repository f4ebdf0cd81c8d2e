from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.loans import reminders
from services.loans.reminders import days_to_make_up, due_soon_dates, overdue_dates
from shared import clock
from shared.calendar import OpenDays
from tests.loans.library import Library, day, line

FRIDAY = date(2026, 2, 6)


@pytest.fixture(autouse=True)
def at_noon(library: Library, tmp_path):
    """The clock at the branch shows noon of the present day, whenever the tests run."""
    local = clock.now().astimezone(reminders.ZoneInfo("Asia/Almaty"))
    offset = tmp_path / "clock"
    offset.write_text(str((12 - local.hour) * 3600))
    clock.shift_by_file(str(offset))
    yield offset
    clock.shift_by_file("")


def remind(library: Library) -> list[tuple[str, str]]:
    """Loan ids reminded by one turn of the tick, with the kind of reminder."""
    before = len(library.events())
    while reminders.remind(library.context):
        pass
    return [(event["loan_id"], event["type"].split(".")[1]) for event in library.events()[before:]]


def lend_due(library: Library, **due: int) -> None:
    """A loan for each name, due so many days from today."""
    card = library.reader()
    for name, days in due.items():
        library.lend(card, loan_id=name, lent_on=day(-60).isoformat(), due_on=day(days).isoformat())


def test_readers_are_reminded_two_days_ahead_and_1_7_and_14_days_after(library: Library) -> None:
    lend_due(library, far=3, soon=2, near=1, today=0, late1=-1, late2=-2, late7=-7, late14=-14, late15=-15)
    reminded = remind(library)
    assert sorted(reminded) == [("late1", "overdue"), ("late14", "overdue"), ("late7", "overdue"), ("soon", "due_soon")]
    (event,) = library.events("loan.due_soon.v1")
    assert (event["day"], event["due_on"]) == (day(0).isoformat(), day(2).isoformat())


def test_once_a_day(library: Library) -> None:
    lend_due(library, late=-1)
    assert remind(library) == [("late", "overdue")]
    assert remind(library) == []


def test_what_is_not_on_loan_is_not_reminded_of(library: Library) -> None:
    lend_due(library, a=-1, b=-1, c=-1)
    library.post("/loans/a/return", {})
    library.post("/loans/b/lost")
    library.post("/loans/c/claimed-returned")
    assert remind(library) == []


def test_no_reminder_for_a_branch_closed_today_and_the_backlog_is_dropped(library: Library, at_noon) -> None:
    library.closed(day(-3), day(0), include_overdue=False)
    lend_due(library, late=-7, later=-6)
    assert remind(library) == []
    at_noon.write_text(str(float(at_noon.read_text()) + 86400))
    assert remind(library) == [("later", "overdue")]


def test_no_reminder_on_a_day_off_and_it_is_made_up_for_on_the_next_open_day(library: Library, at_noon) -> None:
    bits = OpenDays.every_day(day(-40), day(40))
    library.branch("north", OpenDays(bits.first, bits.count, bits.bits & ~(1 << 40)))
    card = library.reader()
    for name, due in [("late", -7), ("soon", 2), ("tomorrow", -6)]:
        library.lend(card, loan_id=name, branch_id="north", lent_on=day(-30).isoformat(), due_on=day(due).isoformat())
    assert remind(library) == []
    at_noon.write_text(str(float(at_noon.read_text()) + 86400))
    assert sorted(remind(library)) == [("late", "overdue"), ("soon", "due_soon"), ("tomorrow", "overdue")]


def test_a_protected_loan_is_left_alone_until_the_day_has_passed(library: Library) -> None:
    lend_due(library, until_today=-1, until_yesterday=-1)
    library.change("until_today", protected_until=day(0))
    library.change("until_yesterday", protected_until=day(-1))
    assert remind(library) == [("until_yesterday", "overdue")]


def test_a_date_that_a_closure_moved_is_the_one_that_counts(library: Library) -> None:
    library.closed(day(1), day(1))
    lend_due(library, moved=1, late=-1)
    assert library.loan("moved")["due_on"] == day(2).isoformat()
    assert sorted(remind(library)) == [("late", "overdue"), ("moved", "due_soon")]


def test_an_open_ended_closure_reminds_of_nothing(library: Library) -> None:
    library.closed(day(0), None)
    lend_due(library, a=-1, b=2)
    assert remind(library) == []


def test_an_import_reminds_of_nothing_that_day_and_of_what_comes_after(library: Library, at_noon) -> None:
    card = library.reader()
    past = {"lent_on": day(-60)}
    library.import_csv(*(line(str(n), card, due_on=day(n), **past) for n in (-14, -7, -6, -1, 0, 2, 3)))
    assert remind(library) == []
    at_noon.write_text(str(float(at_noon.read_text()) + 86400))
    assert sorted(remind(library)) == [("-6", "overdue"), ("0", "overdue"), ("3", "due_soon")]


def test_nobody_is_woken_at_night(library: Library, at_noon) -> None:
    lend_due(library, late=-1)
    at_noon.write_text(str(float(at_noon.read_text()) - 6 * 3600))
    assert remind(library) == []


def test_many_reminders_go_in_several_turns(library: Library) -> None:
    card = library.reader()
    library.import_csv(*(line(f"L{n}", card, lent_on=day(-40), due_on=day(-8)) for n in range(2100)))
    from sqlalchemy import update

    from services.loans.models import Loan

    with library.writing() as session:
        session.execute(update(Loan).values(due_on=day(-7), reminded_for=None))
    assert reminders.remind(library.context) is True
    assert reminders.remind(library.context) is False
    assert len({event["loan_id"] for event in library.events("loan.overdue.v1")}) == 2100


weeks = st.lists(st.booleans(), min_size=7, max_size=7).filter(any)


@given(weeks, st.integers(0, 60))
def test_without_closures_each_reminder_goes_out_once_on_the_first_open_day(week: list[bool], due_in: int) -> None:
    due = FRIDAY + timedelta(days=due_in)

    def is_open(day: date) -> bool:
        return week[day.weekday()]

    sent = [
        today
        for today in (FRIDAY + timedelta(days=n) for n in range(100))
        if due in overdue_dates(days_to_make_up(today, is_open, lambda _: False))
    ]
    wanted = set()
    for after in reminders.OVERDUE_AFTER:
        day = due + timedelta(days=after)
        while not is_open(day):
            day += timedelta(days=1)
        wanted.add(day)
    assert sent == sorted(wanted)


@given(weeks, st.integers(1, 20))
def test_a_due_soon_reminder_never_comes_after_the_day(week: list[bool], ahead: int) -> None:
    days = days_to_make_up(FRIDAY, lambda day: week[day.weekday()], lambda _: False)
    assert all(FRIDAY <= due <= FRIDAY + timedelta(days=ahead) for due in due_soon_dates(days, ahead))
