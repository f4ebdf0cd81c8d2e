"""A file from the library's catalogue: every line taken or refused by itself, the same file twice changes nothing."""

from __future__ import annotations

import threading
from io import BytesIO

import pytest

from services.loans.imports import import_loans
from tests.loans.library import HEADER, LIBRARIAN, Library, day, line, rejected, state


def test_lines_become_loans_with_their_works_and_tell_nobody(library: Library) -> None:
    card = library.reader()
    answer = library.import_csv(
        line("L1", card),
        line("L2", card, title="АБАЙ ЖОЛЫ", author="Мухтар Ауезов", isbn="978-601-203-140-9"),
        line("L3", card, title="Another", author="", status="lost"),
        line("L4", card, status="returned", isbn="no isbn"),
    )
    assert (answer.status_code, answer.json) == (200, {"accepted": 4, "rejected": []})
    loans = {loan["id"]: loan for loan in state(library)[0]}
    assert [loans[name]["status"] for name in loans] == ["on_loan", "on_loan", "lost", "returned"]
    assert loans["L1"]["work_id"] == loans["L2"]["work_id"] == loans["L4"]["work_id"] != loans["L3"]["work_id"]
    assert (loans["L2"]["isbn"], loans["L4"]["isbn"], loans["L3"]["author"]) == ("9786012031409", "no isbn", None)
    assert (loans["L1"]["due_on"], loans["L1"]["changes"]) == (day(9).isoformat(), [])
    assert {event["type"] for event in library.events()} == {"work.changed.v1"}


def test_the_same_file_twice_changes_nothing(library: Library) -> None:
    library.closed(day(8), day(20))
    card = library.reader()
    lines = [line(f"L{n}", card, due_on=day(n), status=s) for n, s in enumerate(["on_loan", "lost", "returned"], 8)]
    library.import_csv(*lines)
    before = state(library)
    assert library.import_csv(*lines).json == {"accepted": 3, "rejected": []}
    assert state(library) == before


def test_a_date_inside_a_closure_is_right_at_once_and_no_digest_is_written(library: Library) -> None:
    quarantine_id = library.closed(day(0), day(20))
    card = library.reader()
    library.import_csv(
        line("inside", card), line("after", card, due_on=day(30)), line("lost", card, status="lost"),
        line("overdue", card, lent_on=day(-30), due_on=day(-3)),
    )  # fmt: skip
    loans = {loan["id"]: loan for loan in state(library)[0]}
    assert {name: loan["due_on"] for name, loan in loans.items()} == {
        "inside": day(21).isoformat(),
        "after": day(30).isoformat(),
        "lost": day(9).isoformat(),
        "overdue": day(21).isoformat(),
    }
    assert loans["inside"]["original_due_on"] == day(9).isoformat()
    (change,) = loans["inside"]["changes"]
    assert (change["why"], change["quarantine_id"], change["version"]) == ("imported", quarantine_id, 1)
    assert library.events("loans.due_dates_changed.v1", "loan.checked_out.v1") == []


class TestImportAgain:
    """An imported due date that is or was ours leaves what was agreed; another is a new agreement."""

    @pytest.fixture
    def card(self, library: Library) -> str:
        library.closed(day(8), day(20))
        card = library.reader()
        library.import_csv(line("L1", card))
        assert library.loan("L1")["due_on"] == day(21).isoformat()
        return card

    @pytest.mark.parametrize("due_on", [day(9), day(21), day(25)])
    def test_a_date_it_had_by_this_system_leaves_the_original(self, library: Library, card, due_on) -> None:
        from services.loans.models import DueDateChange
        from shared import clock

        with library.writing() as session:
            session.add(DueDateChange(loan_id="L1", at=clock.now(), was=day(25), now=day(21), why="quarantine"))
        before = state(library)
        library.import_csv(line("L1", card, due_on=due_on))
        assert state(library) == before

    def test_another_date_is_a_new_agreement_of_today(self, library: Library, card) -> None:
        library.import_csv(line("L1", card, due_on=day(30)))
        loan = library.loan("L1")
        assert (loan["original_due_on"], loan["due_on"], loan["version"]) == (day(30).isoformat(),) * 2 + (2,)
        assert loan["quarantine_id"] is None
        assert [event["due_on"] for event in library.events("loan.renewed.v1")] == [day(30).isoformat()]

    def test_a_new_agreement_inside_the_closure_moves_too(self, library: Library, card) -> None:
        library.import_csv(line("L1", card, due_on=day(12)))
        loan = library.loan("L1")
        assert (loan["original_due_on"], loan["due_on"]) == (day(12).isoformat(), day(21).isoformat())
        assert library.events("loan.renewed.v1") == []

    def test_other_words_leave_the_dates(self, library: Library, card) -> None:
        library.import_csv(line("L1", card, title="Абай жолы. 1-кітап", author=""))
        loan = library.loan("L1")
        assert (loan["title"], loan["author"]) == ("Абай жолы. 1-кітап", "Мұхтар Әуезов")
        assert (loan["original_due_on"], loan["due_on"]) == (day(9).isoformat(), day(21).isoformat())


def test_a_loan_that_another_branch_has_now_gets_that_branchs_date(library: Library) -> None:
    library.branch("north")
    library.closed(day(8), day(20), branch_id="north")
    card = library.reader()
    library.import_csv(line("L1", card))
    library.import_csv(line("L1", card, branch_id="north"))
    assert library.loan("L1")["due_on"] == day(21).isoformat()


def test_what_the_catalogue_says_of_a_known_loan_is_told_to_the_others(library: Library) -> None:
    card = library.reader()
    library.import_csv(*(line(name, card) for name in ("A", "B", "C")))
    library.import_csv(line("A", card, status="returned"), line("B", card, status="lost"), line("C", card))
    told = [(e["type"], e["loan_id"], e["returned_on"]) for e in library.events() if "loan_id" in e]
    assert told == [("loan.returned.v1", "A", day(0).isoformat()), ("loan.lost.v1", "B", None)]


def test_a_book_returned_here_stays_returned_when_an_old_file_comes_again(library: Library) -> None:
    card = library.reader()
    library.import_csv(line("L1", card))
    library.post("/loans/L1/return", {})
    before = state(library)
    library.import_csv(line("L1", card))
    assert state(library) == before


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"loan_id": ""}, "loan_id"),
        ({"loan_id": "x" * 101}, "loan_id"),
        ({"card_number": "nobody"}, "card_number"),
        ({"card_number": ""}, "card_number"),
        ({"branch_id": "nowhere"}, "branch_id"),
        ({"title": " "}, "title"),
        ({"title": "x" * 501}, "title"),
        ({"lent_on": ""}, "lent_on"),
        ({"lent_on": "16.02.2026"}, "lent_on"),
        ({"lent_on": "20260216"}, "lent_on"),
        ({"due_on": "2026-02-30"}, "due_on"),
        ({"due_on": "2026-W07-1"}, "due_on"),
        ({"due_on": ""}, "due_on"),
        ({"due_on": day(-6)}, "due_on"),
        ({"status": "burnt"}, "status"),
        ({"status": ""}, "status"),
    ],
)
def test_a_wrong_line_is_refused_by_its_column_and_the_rest_goes_in(library: Library, change, column) -> None:
    card = library.reader()
    answer = library.import_csv(line("good", card), line("bad", card, **change), line("better", card))
    assert (answer.status_code, answer.json["accepted"], rejected(answer)) == (200, 2, {3: [column]})
    assert [loan["id"] for loan in state(library)[0]] == ["better", "good"]


def test_all_that_is_wrong_in_a_line_is_said_at_once_in_the_callers_language(library: Library) -> None:
    headers = {"Accept-Language": "ru"}
    answer = library.import_csv(line("", "", lent_on="вчера", status="x"), headers=headers)
    (refused,) = answer.json["rejected"]
    assert set(refused["errors"]) == {"loan_id", "card_number", "lent_on", "status"}
    assert refused["errors"]["lent_on"] == ["Это не дата: вчера. Образец: ГГГГ-ММ-ДД."]


def test_an_id_twice_in_a_file_is_taken_once(library: Library) -> None:
    card = library.reader()
    answer = library.import_csv(line("L1", card), line("L1", card, due_on=day(30)))
    assert rejected(answer) == {3: ["loan_id"]}
    assert answer.json["rejected"][0]["errors"]["loan_id"] == ["This id is already in the file, in line 2: L1."]
    assert library.loan("L1")["due_on"] == day(9).isoformat()


def test_an_id_twice_is_seen_across_chunks(library: Library) -> None:
    card = library.reader()
    lines = [line(f"L{n}", card) for n in range(1001)]
    answer = library.import_csv(*lines, line("L0", card))
    assert (answer.json["accepted"], rejected(answer)) == (1001, {1003: ["loan_id"]})


def test_who_may_import(library: Library) -> None:
    card = library.reader()
    assert library.import_csv(line("L1", card), token=None).status_code == 401
    assert library.import_csv(line("L1", card), token=library.reader_token(card)).status_code == 403
    library.branch("north")
    north = library.token(roles={"librarian": ["north"]})
    answer = library.import_csv(line("L1", card), line("L2", card, branch_id="north"), token=north)
    assert (answer.json["accepted"], rejected(answer)) == (1, {2: ["branch_id"]})


def test_a_reader_registered_while_the_file_waits_is_found(library: Library) -> None:
    object.__setattr__(library.settings, "reference_wait", 20.0)
    late = threading.Timer(0.3, lambda: library.reader("K-late"))
    late.start()
    assert library.import_csv(line("L1", "K-late")).json == {"accepted": 1, "rejected": []}
    late.join()


def test_a_file_waits_once_however_many_cards_are_unknown(library: Library) -> None:
    import time

    object.__setattr__(library.settings, "reference_wait", 0.5)
    started = time.monotonic()
    answer = library.import_csv(*(line(f"L{n}", f"nobody {n}") for n in range(2100)))
    assert len(answer.json["rejected"]) == 2100
    assert time.monotonic() - started < 0.5 + 5


def test_two_imports_of_one_file_at_once_give_each_loan_once(library: Library) -> None:
    card = library.reader()
    body = "\n".join([HEADER, *(line(f"L{n}", card, title=f"Title {n % 50}") for n in range(1500))]).encode()
    reports = []
    threads = [
        threading.Thread(target=lambda: reports.append(import_loans(library.database, LIBRARIAN, BytesIO(body))))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.accepted for report in reports] == [1500, 1500]
    assert len(library.events("work.changed.v1")) == 50
    assert len({work["id"] for work in library.get("/works", limit=100).json["items"]}) == 50


def test_a_new_import_is_not_reminded_of_today(library: Library) -> None:
    from services.loans.models import Loan

    library.import_csv(line("L1", library.reader(), due_on=day(-1)))
    with library.database.reading() as session:
        assert session.get_one(Loan, "L1").reminded_for == day(0)
