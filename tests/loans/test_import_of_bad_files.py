"""Files that are not what they should be: each fault refused in its place, nothing held in memory, the rest taken."""

from __future__ import annotations

import tracemalloc
from io import BytesIO

import pytest

from services.loans.imports import import_loans
from shared.csv_lines import LARGEST_FILE, LONGEST_LINE
from shared.problems import Problem
from tests.loans.library import HEADER, LIBRARIAN, Library, day, line, rejected, state


@pytest.mark.parametrize(
    "header",
    [
        "",
        HEADER.replace("card_number", "card"),
        HEADER.replace(",status", ""),
        HEADER + ",colour",
        HEADER + ",author",
        HEADER.replace(",", ";"),
    ],
)
def test_a_wrong_header_is_one_clear_problem(library: Library, header) -> None:
    answer = library.import_csv(line("L1", library.reader()), header=header)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["line 1"])
    assert state(library) == ([], [])


def test_columns_may_come_in_any_order_and_without_the_optional_one(library: Library) -> None:
    card = library.reader()
    header = "status,due_on,lent_on,branch_id,isbn,title,card_number,loan_id"
    row = f"on_loan,{day(3)},{day(-3)},main,,Абай жолы,{card},L1"
    answer = library.import_bytes(b"\xef\xbb\xbf" + f"{header}\r\n{row}\r\n".encode())
    assert (answer.json["accepted"], library.loan("L1")["due_on"]) == (1, day(3).isoformat())


def test_a_line_in_another_encoding_is_refused_and_the_rest_goes_in(library: Library) -> None:
    card = library.reader()
    wrong = line("L2", card, title="Путь Абая", author="").encode("cp1251")
    body = b"\n".join([HEADER.encode(), line("L1", card).encode(), wrong, line("L3", card).encode()])
    answer = library.import_bytes(body)
    assert (answer.json["accepted"], rejected(answer)) == (2, {3: ["line"]})


def test_broken_lines_are_refused_and_the_rest_goes_in(library: Library) -> None:
    card = library.reader()
    lines = [
        "a,b",
        line("L2", card),
        line("L3", card, title='"two\nlines, ""quoted"""'),
        line("L4", card, title='"x"y'),
    ]
    answer = library.import_csv(*lines)
    assert (answer.json["accepted"], rejected(answer)) == (2, {2: ["line"], 6: ["line"]})
    assert library.loan("L3")["title"] == 'two\nlines, "quoted"'


def test_a_line_too_long_is_refused_and_the_rest_goes_in(library: Library) -> None:
    card = library.reader()
    answer = library.import_csv(line("L1", card, title="x" * LONGEST_LINE), line("L2", card))
    assert (answer.json["accepted"], rejected(answer)) == (1, {2: ["line"]})


class OneLine:
    """A stream of one endless line, made as it is read."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int = -1, /) -> bytes:
        block = b"x" * min(size, self.left)
        self.left -= len(block)
        return block


def test_a_line_of_a_gigabyte_is_one_clear_problem_and_is_never_held_in_memory(library: Library) -> None:
    stream = OneLine(2**30)
    tracemalloc.start()
    with pytest.raises(Problem) as refused:
        import_loans(library.database, LIBRARIAN, Joined(f"{HEADER}\n".encode(), stream))
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused.value.status == 413
    assert held < 4 * 2**20
    assert stream.left > 2**30 - LARGEST_FILE - 2**20


class Joined:
    def __init__(self, first: bytes, then: OneLine) -> None:
        self.first, self.then = BytesIO(first), then

    def read(self, size: int = -1, /) -> bytes:
        return self.first.read(size) or self.then.read(size)


def test_a_file_over_the_limit_is_refused_before_it_is_read(library: Library) -> None:
    answer = library.ask(
        "POST",
        "/loans/import",
        content_type="text/csv",
        environ_overrides={"CONTENT_LENGTH": str(LARGEST_FILE + 1)},
    )
    assert (answer.status_code, answer.json["detail"]) == (413, "The most that can be taken at once is 64 MB.")


def test_a_file_larger_than_a_usual_request_is_taken(library: Library) -> None:
    card = library.reader()
    answer = library.import_csv(*(line(f"L{n}", card, title="т" * 490) for n in range(1200)))
    assert answer.json == {"accepted": 1200, "rejected": []}


def test_another_type_is_refused(library: Library) -> None:
    assert library.post("/loans/import", {"loan_id": 1}).status_code == 415
