"""Return slots through the real run: one visit a family, no more books a day than the branch can take."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select

from services.loans import models
from tests.loans.closing import (
    Decided,
    all_due,
    branch_event,
    decide,
    due,
    feb,
    finish_runs,
    hear,
    put_out,
    reader_event,
    run_of,
    set_today,
    told,
    with_settings,
)
from tests.loans.library import Library

LIMITED = Decided(feb(2), feb(15), returns_per_day=5)


def families(library: Library, number: int, books: int = 2) -> dict[str, list[str]]:
    """Household -> loans; a guardian and a child each, with so many books each."""
    found: dict[str, list[str]] = {}
    for n in range(number):
        guardian = library.reader(f"G-{n:03}", household=f"card:G-{n:03}")
        child = library.reader(f"C-{n:03}", household=f"card:G-{n:03}")
        due_on = feb(3) + timedelta(days=n % 9)
        found[f"card:G-{n:03}"] = [
            put_out(library, card, due_on) for card in (guardian, child) for _ in range(books // 2)
        ]
    return found


def days_of(library: Library, loans: list[str]) -> set[date | None]:
    now = all_due(library)
    return {now[loan] for loan in loans}


def test_a_family_comes_once_and_no_day_takes_more_than_the_limit(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    mine = families(library, 12)
    besides = [put_out(library, library.reader(), feb(16)) for _ in range(2)]
    decide(library, LIMITED)
    assert all(len(days_of(library, loans)) == 1 for loans in mine.values())
    per_day = Counter(all_due(library).values())
    assert max(per_day.values()) <= 5
    assert min(per_day) == feb(16)
    assert days_of(library, besides) == {feb(16)}
    assert sum(len(each["changes"]) for each in told(library)) == 24
    run = run_of(library, LIMITED)
    assert (run.state, run.done, run.total, run.events) == ("done", 24, 24, 24)


def test_the_total_is_the_books_that_move_from_the_first_report_on(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    with_settings(library, chunk_readers=2)
    families(library, 6)
    other = put_out(library, library.reader(), feb(27))
    decide(library, LIMITED)
    nearby = Decided(feb(26), feb(28), returns_per_day=5)
    decide(library, nearby, nearby.then("cancelled"), LIMITED.then("cancelled"))
    said: dict[tuple[str, int], list[int]] = {}
    for report in library.events("step.progressed.v1"):
        said.setdefault((report["quarantine_id"], report["version"]), []).append(report["total"])
    # Nothing is counted while families are being placed.
    assert [set(totals) - {0} for totals in said.values()] == [{12}, {1}, {1}, {12}]
    assert all(len(totals) > 2 for totals in said.values())
    assert due(library, other) == feb(27)


def test_an_institution_takes_no_family_s_place(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    school = library.reader("S-1", household="institution:S-1")
    theirs = [put_out(library, school, feb(3)) for _ in range(9)]
    mine = families(library, 4)
    decide(library, LIMITED)
    assert days_of(library, theirs) == {feb(16)}
    assert sorted(day for loans in mine.values() for day in days_of(library, loans)) == [feb(16)] * 2 + [feb(17)] * 2
    assert library.lend(school)["due_on"] == str(feb(16))
    with library.database.reading() as session:
        placed = set(session.scalars(select(models.Placement.household)))
    assert placed == set(mine)
    run = run_of(library, LIMITED)
    assert (run.done, run.total) == (17, 17)
    decide(library, LIMITED.then("cancelled"))
    assert days_of(library, theirs) == {feb(3)}


def test_a_family_keeps_its_day_while_the_first_day_is_the_same(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    families(library, 6)
    decide(library, LIMITED)
    before = all_due(library)
    again = LIMITED.then(grace_days=0)
    decide(library, again)
    assert all_due(library) == before
    assert told(library, again) == []
    longer = again.then(ends_on=feb(22))
    decide(library, longer)
    assert min(day for day in all_due(library).values() if day) == feb(23)
    assert len(told(library, longer)) == 12


def test_without_the_limit_all_come_on_the_first_day_and_cancelling_gives_all_back(
    library: Library, today: Path
) -> None:
    set_today(today, feb(1))
    families(library, 4)
    before = all_due(library)
    decide(library, LIMITED, unlimited := LIMITED.then(returns_per_day=None))
    assert set(all_due(library).values()) == {feb(16)}
    decide(library, unlimited.then(returns_per_day=4))
    assert max(Counter(all_due(library).values()).values()) <= 4
    decide(library, unlimited.then().then("cancelled"))
    assert all_due(library) == before
    with library.database.reading() as session:
        assert session.scalars(select(models.Placement)).all() == []


def test_books_that_join_go_on_the_family_s_day_and_new_families_after_all(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    mine = families(library, 6)
    decide(library, LIMITED)
    last = max(day for day in all_due(library).values() if day)
    [day] = days_of(library, mine["card:G-000"])
    joined = library.lend("C-000")
    assert joined["due_on"] == str(day)
    newcomer = library.lend(library.reader("N-1"))
    assert newcomer["due_on"] >= str(last)
    finish_runs(library)
    decide(library, LIMITED.then())
    assert str(due(library, joined["id"])) == str(day)


def test_what_a_placed_family_borrows_later_takes_room_from_newcomers(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    mine = families(library, 2)
    decide(library, LIMITED)
    assert set(all_due(library).values()) == {feb(16)}
    library.lend("C-001")
    assert Counter(all_due(library).values()) == {feb(16): 5}
    newcomer = library.lend(library.reader("N-1"))
    assert newcomer["due_on"] == str(feb(17))
    assert days_of(library, mine["card:G-001"]) == {feb(16)}


def test_a_return_frees_room_on_the_current_day_and_moves_nobody(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    mine = families(library, 4)
    decide(library, LIMITED)
    before = all_due(library)
    [last] = days_of(library, mine["card:G-003"])
    assert Counter(before.values())[last] == 4
    for loan in mine["card:G-003"]:
        library.change(loan, status="returned")
    newcomers = [library.lend(library.reader(f"N-{n}"))["due_on"] for n in range(4)]
    assert newcomers == [str(last)] * 3 + [str(last + timedelta(days=1))]
    assert {loan: day for loan, day in all_due(library).items() if loan in before} == before


def test_a_family_bigger_than_the_limit_gets_a_day_alone(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    big = library.reader("B-1")
    its = [put_out(library, big, feb(5)) for _ in range(8)]
    others = families(library, 3)
    decide(library, LIMITED)
    [day] = days_of(library, its)
    assert all(day not in days_of(library, loans) for loans in others.values())


def test_a_reader_who_changes_families_comes_on_the_new_family_s_day(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    mine = families(library, 6)
    decide(library, LIMITED)
    [old_day], [new_day] = (days_of(library, mine[f"card:G-{n}"]) for n in ("000", "005"))
    assert old_day != new_day
    hear(library, reader_event("C-000", 2, household="card:G-005"))
    finish_runs(library)
    assert days_of(library, mine["card:G-000"]) == {old_day, new_day}
    [event_told] = [each for each in told(library) if each["card_number"] == "C-000"][1:]
    assert [line["to"] for line in event_told["changes"]] == [str(new_day)]


def test_changed_hours_take_a_family_s_whole_day_along(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    mine = families(library, 4)
    decide(library, LIMITED)
    assert feb(16) in all_due(library).values()
    hear(library, branch_event(2, "Tu-Sa 09:00-18:00"))
    finish_runs(library)
    now = all_due(library).values()
    assert feb(16) not in now
    assert all(len(days_of(library, loans)) == 1 for loans in mine.values())
    assert run_of(library, LIMITED, ":hours:main:2").done > 0
