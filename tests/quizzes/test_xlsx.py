from datetime import datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from demo.quiz_of_2020 import QUESTIONS
from services.quizzes.formats.catalogue import READERS, WRITERS
from services.quizzes.formats.xlsx_file import read_xlsx, write_xlsx
from services.quizzes.items import AcceptedNumber

from .builders import items


@settings(max_examples=60, deadline=None)
@given(st.lists(items(), min_size=1, max_size=3))
def test_a_round_trip_loses_nothing(bank):
    written = write_xlsx(bank)
    found = read_xlsx(written.content, "")
    assert (written.refused, found.refused) == ([], [])
    assert found.items == bank


@pytest.mark.parametrize("form", sorted(WRITERS))
def test_every_format_of_the_catalogue_reads_what_it_writes(form):
    assert READERS[form](WRITERS[form](QUESTIONS).content, "kk").items == list(QUESTIONS)


def workbook(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def test_numbers_typed_as_numbers_are_taken():
    found = read_xlsx(
        workbook(["kind", "kk", "ru", "en", "answer"], ["number", "Жыл?"], ["answer", None, None, None, 1918]), ""
    )
    assert found.items[0].accepted == (AcceptedNumber(1918),)


def test_a_wrong_row_is_refused_with_its_number():
    found = read_xlsx(workbook(["kind", "kk", "ru", "en"], ["choice", "a"], ["open", "Неге?"], ["pair", "b"]), "")
    assert [fault.place for fault in found.refused] == ["row 2", "row 4"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"kind,kk", workbook(["a"]), workbook()])
def test_what_is_no_template_is_refused(content):
    found = read_xlsx(content, "")
    assert found.items == []
    assert found.refused


def test_shares_and_days_typed_into_a_spreadsheet_are_taken_as_one_reads_them():
    """Excel keeps 100% as 1 and a day as a moment; what is shown is what was meant."""
    book = Workbook()
    head = ["kind", "kk", "ru", "en", "weight"]
    for row in (head, ["multiple", "Қай күн?"], ["choice", datetime(2020, 5, 9), None, None, 2 / 3]):
        book.active.append(row)
    for row in (["choice", "екінші", None, None, 0.3333], ["choice", "үшінші", None, None, -1]):
        book.active.append(row)
    for at, shown_as in ((3, "0.00%"), (4, "0.00%"), (5, "0%")):
        book.active.cell(at, 5).number_format = shown_as
    target = BytesIO()
    book.save(target)
    found = read_xlsx(target.getvalue(), "")
    assert found.refused == []
    assert [(choice.text.kk, str(choice.weight)) for choice in found.items[0].choices] == [
        ("09.05.2020", "2/3"),
        ("екінші", "1/3"),
        ("үшінші", "-1"),
    ]
