"""What fails, and what comes at the same moment."""

import threading
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text
from werkzeug.test import Client

from services.loans import models
from services.loans.handlers import HANDLERS
from services.loans.use_cases import check_out
from shared.database import is_sqlite
from shared.handlers import dispatch
from shared.retries import NotYet
from tests.loans.closing import (
    Decided,
    decide,
    due,
    event,
    feb,
    finish_runs,
    hear,
    put_out,
    reader_event,
    run_of,
    runner,
    set_today,
    told,
    with_settings,
)
from tests.loans.library import Library
from tests.support.eventually import eventually

CLOSED = Decided(feb(2), feb(15))

GUILTY = {
    True: [
        "CREATE TRIGGER guilty BEFORE UPDATE ON loans WHEN old.id = 'L-guilty' BEGIN SELECT RAISE(ABORT, 'no'); END"
    ],
    False: [
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$",
        "CREATE OR REPLACE TRIGGER guilty BEFORE UPDATE ON loans FOR EACH ROW WHEN (old.id = 'L-guilty')"
        " EXECUTE FUNCTION refuse()",
    ],
}


def test_a_loan_that_cannot_be_moved_stands_alone(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    with library.writing() as session:
        for statement in GUILTY[is_sqlite(session)]:
            session.execute(text(statement))
    cards = [library.reader(f"K-{n}") for n in range(9)]
    loans = [put_out(library, card, feb(5)) for card in cards]
    put_out(library, cards[4], feb(6), id="L-guilty")
    decide(library, CLOSED)
    assert {due(library, loan) for loan in loans} == {feb(16)}
    assert due(library, "L-guilty") == feb(6)
    run = run_of(library, CLOSED)
    assert (run.state, run.done, run.failed, run.total, run.events) == ("done", 9, 1, 10, 9)
    assert sorted(each["card_number"] for each in told(library)) == cards
    with library.database.reading() as session:
        [failed] = session.scalars(select(models.FailedMove))
    assert (failed.loan_id, failed.card_number) == ("L-guilty", "K-4")


def retried(library: Library) -> int:
    """As the website asks the service itself: the public address has no such path."""
    token = library.token(roles={"operator": "all"})
    headers = {"Authorization": f"Bearer {token}"}
    answer = Client(library.system.apps["loans"]).post(f"/runs/{CLOSED.id}/retry", headers=headers)
    assert answer.status_code == 200, answer.text
    finish_runs(library)
    return int(answer.json["started"])


def test_a_loan_that_could_not_be_moved_is_tried_again(library: Library, today: Path) -> None:
    """As often as it takes, and the book that did move is not moved or told of twice."""
    set_today(today, feb(1))
    with library.writing() as session:
        for statement in GUILTY[is_sqlite(session)]:
            session.execute(text(statement))
    put_out(library, library.reader("K-1"), feb(5), id="L-fine")
    put_out(library, library.reader("K-2"), feb(6), id="L-guilty")
    decide(library, CLOSED)
    assert retried(library) == 1
    assert (run_of(library, CLOSED).done, run_of(library, CLOSED).failed) == (1, 1)
    with library.writing() as session:
        session.execute(text("DROP TRIGGER guilty" + ("" if is_sqlite(session) else " ON loans")))
    assert retried(library) == 1
    assert (due(library, "L-fine"), due(library, "L-guilty")) == (feb(16), feb(16))
    run = run_of(library, CLOSED)
    assert (run.state, run.done, run.failed, run.total, run.events) == ("done", 2, 0, 2, 2)
    assert sorted(each["card_number"] for each in told(library)) == ["K-1", "K-2"]
    with library.database.reading() as session:
        assert session.scalars(select(models.FailedMove)).all() == []
    assert retried(library) == 0


def test_a_branch_not_heard_of_is_waited_for(library: Library) -> None:
    with pytest.raises(NotYet, match="nowhere"):
        hear(library, Decided(feb(2), feb(15), branches=("main", "nowhere")).event)
    with library.database.reading() as session:
        assert session.scalars(select(models.Closure)).all() == []


def test_a_check_out_under_way_is_waited_for_and_then_moved(library: Library, today: Path) -> None:
    """The desk holds its branch while the decision arrives: whoever comes second sees the other's work."""
    set_today(today, feb(1))
    card = library.reader()
    holds, may_end = threading.Event(), threading.Event()

    def at_the_desk() -> None:
        with library.database.transaction() as session:
            body = {"card_number": card, "branch_id": "main", "title": "Абай жолы"}
            check_out(session, body)
            session.flush()
            holds.set()
            assert may_end.wait(30)

    desk = threading.Thread(target=at_the_desk)
    decision = threading.Thread(target=hear, args=(library, CLOSED.event))
    desk.start()
    assert holds.wait(30)
    decision.start()
    decision.join(0.5)
    assert decision.is_alive()
    may_end.set()
    desk.join(30)
    decision.join(30)
    finish_runs(library)
    with library.database.reading() as session:
        [loan] = session.scalars(select(models.Loan))
    assert (loan.original_due_on, loan.due_on) == (feb(15), feb(16))
    assert len(told(library)) == 1


def test_a_book_returned_in_the_middle_of_a_run_does_not_move(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    with_settings(library, chunk_readers=1)
    loans = [put_out(library, library.reader(f"K-{n}"), feb(5)) for n in range(3)]
    hear(library, CLOSED.event)
    runner(library).advance_one()
    assert library.post(f"/loans/{loans[2]}/return", {}).status_code == 200
    finish_runs(library)
    assert [due(library, loan) for loan in loans] == [feb(16), feb(16), feb(5)]
    run = run_of(library, CLOSED)
    assert (run.state, run.done, run.total) == ("done", 2, 2)


def test_an_erased_reader_leaves_loans_that_count_and_nobody_to_tell(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    hear(library, reader_event("K-1", 1))
    loan = put_out(library, "K-1", feb(5))
    gone = event("reader.erased.v1", {"reader_id": "reader of K-1", "version": 3, "card_number": "K-1"})
    hear(library, gone)
    hear(library, gone, reader_event("K-1", 2))
    decide(library, CLOSED)
    assert due(library, loan) == feb(16)
    assert told(library) == []
    with library.database.reading() as session:
        cards = {*session.scalars(select(models.Loan.card_number)), *session.scalars(select(models.Reader.card_number))}
    assert len(cards) == 1
    assert "K-1" not in cards


def test_readers_are_taken_over_by_version(library: Library) -> None:
    hear(library, reader_event("K-1", 2, family_name="Ёлкина", blocked=True), reader_event("K-1", 1))
    hear(library, reader_event("K-1", 1), reader_event("K-2", 1))
    with library.database.reading() as session:
        readers = {row.card_number: row for row in session.scalars(select(models.Reader))}
    assert set(readers) == {"K-1", "K-2"}
    assert (readers["K-1"].version, readers["K-1"].surname_folded, readers["K-1"].blocked) == (2, "елкина", True)


def test_a_correction_protects_until_the_third_open_day(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    loan = put_out(library, library.reader(), feb(5))
    decide(library, CLOSED)
    notice = {"notice_id": "n", "quarantine_id": CLOSED.id, "kind": "digest", "card_number": "K", "channel": "email"}
    sent = event("notice.sent.v1", notice | {"nearer": [{"loan_id": loan, "sent_on": "2026-02-16"}]})
    hear(library, sent, sent)
    with library.database.reading() as session:
        assert session.get_one(models.Loan, loan).protected_until == date(2026, 2, 19)


def corrected(library: Library, loan: str, sent_on: date) -> date | None:
    """What protects the loan once its reader has been sent a correction on that day."""
    notice = {"notice_id": "n", "quarantine_id": CLOSED.id, "kind": "digest", "card_number": "K", "channel": "email"}
    nearer = [{"loan_id": loan, "sent_on": sent_on.isoformat()}]
    hear(library, event("notice.sent.v1", notice | {"nearer": nearer}))
    with library.database.reading() as session:
        return session.get_one(models.Loan, loan).protected_until


def test_a_second_correction_does_not_keep_the_date_of_the_first(library: Library, today: Path) -> None:
    set_today(today, feb(3))
    loan = put_out(library, library.reader(), feb(5))
    long = CLOSED.then(ends_on=feb(27))
    decide(library, CLOSED, long, shorter := long.then(ends_on=feb(26)))
    assert (due(library, loan), corrected(library, loan, feb(3))) == (feb(27), date(2026, 3, 1))
    decide(library, shorter.then(ends_on=feb(10)))
    assert (due(library, loan), corrected(library, loan, feb(3))) == (feb(11), feb(13))


def test_what_a_later_correction_protects_is_not_taken_back_by_an_earlier_one_told_late(
    library: Library, today: Path
) -> None:
    set_today(today, feb(12))
    loan = put_out(library, library.reader(), feb(5))
    decide(library, CLOSED, CLOSED.then(ends_on=feb(10)))
    assert corrected(library, loan, feb(12)) == feb(15)
    assert corrected(library, loan, feb(3)) == feb(15)


def test_decisions_that_arrive_together_are_each_taken(library: Library, today: Path) -> None:
    set_today(today, feb(1))
    loan = put_out(library, library.reader(), feb(5))
    longer = CLOSED.then(ends_on=feb(22))
    with library.database.transaction() as session:
        dispatch(session, HANDLERS, [CLOSED.event, longer.event, Decided(feb(20), feb(24)).event])
    finish_runs(library)
    assert due(library, loan) == feb(25)
    eventually(lambda: not runner(library).advance_one(), 5)
