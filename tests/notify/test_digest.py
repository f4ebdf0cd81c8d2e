from dataclasses import replace
from datetime import date

import pytest

from services.notify.digest import BookLine, ReaderSection, case_of, phase_of
from services.notify.occasions import DueBook, DueSection, Reminder, worth_saying
from tests.notify import samples
from tests.notify.samples import feb


@pytest.mark.parametrize(
    ("decision", "lines", "told_before", "case"),
    [
        ("declared", [(10, 16)], False, "moved"),
        ("declared", [(10, 16)], True, "again"),
        ("declared", [(10, None)], False, "no_date"),
        ("declared", [(10, None), (12, 16)], False, "moved"),
        ("changed", [(16, 23)], True, "again"),
        ("changed", [(16, 23), (16, 12)], True, "earlier"),
        ("changed", [(16, None)], True, "no_date"),
        ("lifted", [(None, 16), (None, 17)], True, "day_known"),
        ("lifted", [(23, 16)], True, "earlier"),
        ("cancelled", [(16, 10)], True, "put_back"),
        ("cancelled", [(None, 10)], True, "put_back"),
        ("cancelled", [(16, None)], True, "no_date"),
        ("changed", [], True, "dates"),
        ("cancelled", [], True, "dates_back"),
    ],
)
def test_the_case_follows_from_the_lines(decision, lines, told_before, case):
    books = [BookLine("x", was and feb(was), now and feb(now)) for was, now in lines]
    assert case_of(decision, books, told_before) == case


@pytest.mark.parametrize(
    ("today", "opens", "phase"),
    [
        (date(2026, 2, 1), feb(16), "ahead"),
        (feb(2), feb(16), "now"),
        (feb(15), feb(16), "now"),
        (feb(16), feb(16), "over"),
        (date(2026, 7, 1), None, "now"),
    ],
)
def test_a_closure_is_ahead_on_or_over(today, opens, phase):
    assert phase_of([replace(samples.CENTRAL, opens=opens)], feb(2), today) == phase


def test_a_closure_is_on_while_one_branch_is_still_shut():
    assert phase_of([samples.CENTRAL, samples.ZASHCHITA], feb(2), feb(16)) == "now"


def test_one_day_is_named_only_for_several_books_of_the_same_day():
    assert samples.moved("kk").one_day == feb(16)
    assert samples.family("kk").one_day is None
    assert samples.again("kk").one_day is None
    assert samples.no_date("kk").one_day is None


def test_only_the_branches_of_these_books_are_named():
    only_central = replace(samples.moved("kk"), branches=(samples.CENTRAL, samples.ZASHCHITA))
    assert only_central.places == [samples.CENTRAL]
    assert samples.dates("kk").places == [samples.CENTRAL]


def test_a_section_counts_its_books_by_day_the_unknown_last():
    books = tuple(BookLine("x", None, day) for day in (None, feb(17), feb(16), feb(17)))
    assert ReaderSection("x", books).days == [(feb(16), 1), (feb(17), 2), (None, 1)]


def test_protection_that_ends_before_the_due_date_says_nothing():
    assert BookLine("x", feb(23), feb(16), protected_until=feb(12)).safe_until is None
    assert BookLine("x", feb(23), feb(9), protected_until=feb(12)).safe_until == feb(12)


TODAY = feb(20)
LATE = DueBook("late", feb(19))
SHUT = replace(LATE, closed=True)
PROTECTED = replace(LATE, protected_until=feb(20))
SOON = DueBook("soon", feb(22))
NO_DAY = DueBook("no day", None)


def test_overdue_is_never_said_of_a_closed_branch_or_a_protected_book():
    assert worth_saying("overdue", [LATE, SHUT, PROTECTED, SOON, NO_DAY], TODAY) == [LATE]
    assert worth_saying("overdue", [PROTECTED], feb(21)) == [PROTECTED]


def test_due_soon_is_said_of_coming_days_only():
    shut = replace(SOON, closed=True)
    assert worth_saying("due_soon", [LATE, SHUT, SOON, shut, NO_DAY], TODAY) == [SOON]


@pytest.mark.parametrize(
    ("kind", "book"), [("overdue", SHUT), ("overdue", PROTECTED), ("overdue", SOON), ("due_soon", LATE)]
)
def test_a_reminder_of_a_stopped_clock_cannot_be_made(kind, book):
    with pytest.raises(ValueError, match=kind):
        Reminder("kk", "x", TODAY, (DueSection("x", (book,)),), kind)
