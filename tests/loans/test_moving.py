"""The main job through the real run, on both databases."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.loans.closing import (
    Decided,
    all_due,
    all_runs,
    begin_days,
    branch_event,
    decide,
    due,
    feb,
    finish_runs,
    hear,
    moves_told,
    put_out,
    run_of,
    runner,
    set_today,
    told,
    with_settings,
)
from tests.loans.library import Library
from tests.oracle import expected_due_on

TWO_WEEKS = Decided(feb(2), feb(15))
TWO_WEEKS_FIVE_DAYS = Decided(feb(2), feb(13), grace_days=1, hours="Mo-Fr 09:00-18:00")


@pytest.mark.parametrize(
    ("decisions", "on", "original", "becomes"),
    [
        ([TWO_WEEKS], date(2026, 1, 20), feb(10), feb(16)),
        ([Decided(feb(2), feb(15), grace_days=3)], date(2026, 1, 20), feb(10), feb(19)),
        ([TWO_WEEKS_FIVE_DAYS], date(2026, 1, 20), feb(2), feb(17)),
        ([TWO_WEEKS_FIVE_DAYS], feb(2), feb(1), feb(17)),
        ([TWO_WEEKS_FIVE_DAYS], date(2026, 1, 20), feb(1), feb(1)),
        ([TWO_WEEKS_FIVE_DAYS], feb(3), feb(14), feb(14)),
        (
            [Decided(feb(2), feb(13), hours="Mo-Fr 09:00-18:00"), Decided(feb(16), None, hours="Mo-Fr 09:00-18:00")],
            date(2026, 1, 20),
            feb(5),
            None,
        ),
        *(
            (
                [
                    Decided(feb(2), feb(10), hours="Mo-Fr 09:00-18:00"),
                    Decided(feb(5), feb(27), grace_days=3, hours="Mo-Fr 09:00-18:00"),
                ],
                date(2026, 1, 20),
                original,
                date(2026, 3, 5),
            )
            for original in (feb(7), feb(12))
        ),
    ],
)
def test_the_table_of_the_rule(
    library: Library, today: Path, decisions: list[Decided], on: date, original: date, becomes: date | None
) -> None:
    set_today(today, on)
    card = library.reader()
    loan = put_out(library, card, original)
    decide(library, *decisions)
    assert due(library, loan) == becomes
    history = [(change["from"], change["to"]) for change in library.loan(loan)["changes"]]
    lines = [(line["from"], line["to"]) for each in told(library) for line in each["changes"]]
    assert history == lines
    assert bool(lines) == (becomes != original)


def test_one_event_a_reader_with_all_that_moved_and_all_that_stays(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    library.branch("other")
    first, second, untouched = (library.reader(card) for card in ("K-1", "K-2", "K-3"))
    inside = [put_out(library, first, feb(4), author="Мұхтар Әуезов"), put_out(library, first, feb(9))]
    later = put_out(library, first, feb(20))
    elsewhere = put_out(library, first, feb(5), branch="other")
    put_out(library, second, feb(5))
    put_out(library, untouched, feb(25))
    lost = put_out(library, second, feb(5), status="lost")
    claimed = put_out(library, second, feb(5), status="claimed_returned")
    back = put_out(library, second, feb(5), status="returned")
    decide(library, TWO_WEEKS)

    events = {each["card_number"]: each for each in told(library)}
    assert set(events) == {first, second}
    assert {line["loan_id"]: line["to"] for line in events[first]["changes"]} == dict.fromkeys(inside, "2026-02-16")
    assert {line["loan_version"] for line in events[first]["changes"]} == {2}
    assert {line["loan_id"]: line["author"] for line in events[first]["changes"]} == {
        inside[0]: "Мұхтар Әуезов",
        inside[1]: None,
    }
    stays = sorted((book["title"], book["due_on"]) for book in events[first]["unchanged"])
    assert stays == sorted([(f"Book {later}", "2026-02-20"), (f"Book {elsewhere}", "2026-02-05")])
    assert events[second]["unchanged"] == []
    assert {due(library, loan) for loan in (lost, claimed, back)} == {feb(5)}

    run = run_of(library, TWO_WEEKS)
    assert (run.state, run.total, run.done, run.failed, run.events) == ("done", 3, 3, 0, 2)
    final = library.events("step.progressed.v1")[-1]
    assert (final["state"], final["done"], final["total"], final["events"]) == ("done", 3, 3, 2)
    assert {each["run_id"] for each in events.values()} == {final["run_id"]} == {run.id}


def test_extend_shorten_lift_cancel_give_back_every_original(library: Library, today: Path) -> None:
    set_today(today, feb(3))
    card = library.reader()
    originals = {put_out(library, card, feb(1) + timedelta(days=n)): feb(1) + timedelta(days=n) for n in range(28)}
    closed = Decided(feb(2), feb(10))
    steps = [
        closed,
        extended := closed.then(ends_on=feb(24)),
        endless := extended.then(ends_on=None),
        shortened := endless.then(ends_on=feb(6)),
        lifted := shortened.then("lifted", ends_on=feb(4)),
    ]
    for decision in steps:
        decide(library, decision)
        expected = {
            loan: expected_due_on(original, original - timedelta(days=14), [decision.shutdown()], feb(3))
            for loan, original in originals.items()
        }
        assert all_due(library) == expected
    decide(library, lifted.then("cancelled"))
    assert all_due(library) == originals


def test_the_same_decision_twice_or_late_changes_nothing(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    put_out(library, library.reader(), feb(5))
    longer = TWO_WEEKS.then(ends_on=feb(22))
    decide(library, TWO_WEEKS, longer)
    before, heard = all_due(library), len(told(library))
    decide(library, longer, TWO_WEEKS)
    assert set(all_due(library).values()) == {feb(23)}
    assert (all_due(library), len(told(library))) == (before, heard)
    assert len(all_runs(library)) == 2


def test_a_version_that_comes_before_the_first_is_enough(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    loan = put_out(library, library.reader(), feb(5))
    decide(library, TWO_WEEKS.then(ends_on=feb(22)), TWO_WEEKS)
    assert due(library, loan) == feb(23)


def test_an_unrelated_change_moves_nothing(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    library.branch("other")
    put_out(library, library.reader(), feb(5))
    decide(library, TWO_WEEKS)
    before = all_due(library)
    decide(library, elsewhere := Decided(feb(2), feb(27), branches=("other",)))
    assert all_due(library) == before
    assert told(library, elsewhere) == []
    assert run_of(library, elsewhere).state == "done"


def test_a_branch_left_out_of_the_next_version_gets_its_dates_back(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    library.branch("other")
    card = library.reader()
    here, there = put_out(library, card, feb(5)), put_out(library, card, feb(5), branch="other")
    both = Decided(feb(2), feb(15), branches=("main", "other"))
    decide(library, both, without := both.then(branches=("main",)))
    assert (due(library, here), due(library, there)) == (feb(16), feb(5))
    assert moves_told(told(library, without)) == {there: ("2026-02-16", "2026-02-05")}
    decide(library, without.then("cancelled", branches=("main",)))
    assert (due(library, here), due(library, there)) == (feb(5), feb(5))


def test_a_newer_version_ends_the_older_run_before_its_next_chunk(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    with_settings(library, chunk_readers=1)
    for n in range(4):
        put_out(library, library.reader(f"K-{n}"), feb(5))
    hear(library, TWO_WEEKS.event)
    runner(library).advance_one()
    longer = TWO_WEEKS.then(ends_on=feb(22))
    hear(library, longer.event)
    finish_runs(library)
    assert run_of(library, TWO_WEEKS).state == "superseded"
    assert len(told(library, TWO_WEEKS)) == 1
    assert set(all_due(library).values()) == {feb(23)}
    assert moves_told(told(library, longer)).keys() == all_due(library).keys()


def test_a_loan_made_in_the_middle_of_a_run_is_right_at_once(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    with_settings(library, chunk_readers=1)
    cards = [library.reader(f"K-{n}") for n in range(3)]
    for card in cards:
        put_out(library, card, feb(5))
    hear(library, TWO_WEEKS.event)
    runner(library).advance_one()
    lent = [library.lend(card)["id"] for card in cards]
    finish_runs(library)
    for loan in lent:
        shown = library.loan(loan)
        assert shown["due_on"] == "2026-02-16"
        assert shown["original_due_on"] == "2026-02-15"
    assert not set(lent) & moves_told(told(library)).keys()


def test_hours_changed_later_move_only_what_now_falls_on_a_shut_day(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    card = library.reader()
    inside, other = put_out(library, card, feb(5)), put_out(library, card, feb(23))
    decide(library, TWO_WEEKS)
    hear(library, branch_event(2, "Tu-Sa 09:00-18:00"))
    finish_runs(library)
    assert (due(library, inside), due(library, other)) == (feb(17), feb(23))
    run = run_of(library, TWO_WEEKS, ":hours:main:2")
    assert (run.state, run.done, run.events) == ("done", 1, 1)
    before = len(all_runs(library))
    hear(library, branch_event(3, "Tu-Sa 10:00-17:00"), branch_event(2, "Mo-Fr 09:00-18:00"))
    finish_runs(library)
    assert len(all_runs(library)) == before
    assert due(library, inside) == feb(17)
    later = library.lend(card)["id"]
    assert library.loan(later)["due_on"] == "2026-02-17"


def test_on_the_first_day_of_a_closure_the_clock_stops_for_what_is_overdue(library: Library, today: Path) -> None:
    set_today(today, date(2026, 1, 30))
    card = library.reader()
    overdue, inside = put_out(library, card, date(2026, 1, 28)), put_out(library, card, feb(5))
    hear(library, branch_event(2))
    decide(library, TWO_WEEKS)
    begin_days(library)
    assert (due(library, overdue), due(library, inside)) == (date(2026, 1, 28), feb(16))
    set_today(today, feb(4))
    begin_days(library)
    begin_days(library)
    assert (due(library, overdue), due(library, inside)) == (feb(16), feb(16))
    drift = [row for key, row in all_runs(library).items() if ":drift:" in key]
    assert [(row.state, row.done, row.events) for row in drift] == [("done", 1, 1)]
