"""CSV as libraries send it: each line taken or refused by itself, hostile files refused in bounded memory."""

import csv
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import csv_lines
from shared.csv_lines import Line, Refused, read
from shared.problems import Problem

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=20)


def lines(content: bytes, required=("a", "b"), optional=("c",)) -> list[Line | Refused]:
    return list(read(io.BytesIO(content), required, optional))


def cells(content: bytes) -> list[tuple[str, str]]:
    return [(each.cells["a"], each.cells["b"]) for each in lines(content)]


@given(
    st.lists(st.tuples(CELL, CELL), max_size=30), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.integers(1, 200)
)
def test_whatever_a_program_writes_is_read_back(rows, end, bom, block):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b"), *rows])
    content = (b"\xef\xbb\xbf" if bom else b"") + text.getvalue().encode()
    found = list(read(Dribbling(content, block), ("a", "b")))
    assert [(each.cells["a"], each.cells["b"]) for each in found] == [(a.strip(), b.strip()) for a, b in rows]


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_bytes_after_the_header_are_taken_or_refused(content, block):
    for each in read(Dribbling(b"a,b\n" + content, block), ("a", "b")):
        assert isinstance(each, Line | Refused)
        assert each.number >= 2


class Dribbling:
    """A stream that gives little at a time."""

    def __init__(self, content: bytes, block: int) -> None:
        self._content = io.BytesIO(content)
        self._block = block

    def read(self, size: int = -1, /) -> bytes:
        return self._content.read(min(self._block, size) if size >= 0 else self._block)


@pytest.mark.parametrize("header", ["a,b", "b,a", "a,b,c", " a , b ", '"a","b"', "\ufeffa,b", "a,b\r"])
def test_headers_that_are_taken(header):
    found = lines(header.encode() + b"\n" + b",".join([b"1"] * (header.count(",") + 1)) + b"\n")
    assert [each.number for each in found] == [2]
    assert found[0].cells["a"] == "1"


@pytest.mark.parametrize("header", ["", "a", "a,b,d", "a,a,b", "A,B", "a;b", "\xff\xfea", "a\tb", '"a,b'])
def test_headers_that_are_refused_name_what_is_expected(header):
    with pytest.raises(Problem) as raised:
        lines(header.encode("latin-1") + b"\n1,2\n")
    assert raised.value.status == 422
    assert "a,b" in str(raised.value.errors)


def test_an_empty_file_is_refused():
    with pytest.raises(Problem):
        lines(b"")


def test_the_guilty_line_is_refused_and_the_rest_goes_on():
    found = lines(b"a,b\n1,2\n\xff,2\n3\n\n4,5,6,7\n8\0,9\n10,11\n")
    assert [each.cells["a"] for each in found if isinstance(each, Line)] == ["1", "10"]
    assert [each.number for each in found if isinstance(each, Refused)] == [3, 4, 6, 7]
    assert [each.number for each in found if isinstance(each, Line)] == [2, 8]


def test_cells_may_hold_line_ends_and_the_number_is_the_first_lines():
    found = lines(b'a,b\n"x\ny",2\n3,4\n')
    assert [(each.number, each.cells["a"]) for each in found] == [(2, "x\ny"), (4, "3")]


def test_a_quotation_mark_that_is_never_closed_is_refused_once():
    found = lines(b'a,b\n1,2\n"3,4\n5,6\n')
    assert [type(each) for each in found] == [Line, Refused]
    assert found[1].number == 3


@pytest.mark.parametrize("encoding", ["utf-16", "cp1251", "latin-1"])
def test_other_encodings_are_refused_by_line(encoding):
    content = "a,b\nҚожа,é\n" if encoding == "utf-16" else "a,b\nЖ,Ж\n" if encoding == "cp1251" else "a,b\né,é\n"
    try:
        found = lines(content.encode(encoding))
    except Problem as problem:
        assert problem.status == 422
    else:
        assert [type(each) for each in found] == [Refused]


class OneLine:
    """A file of one line of that many bytes, made while it is read."""

    def __init__(self, head: bytes, size: int) -> None:
        self._head, self._left = head, size

    def read(self, size: int = -1, /) -> bytes:
        if self._head:
            head, self._head = self._head, b""
            return head
        given = min(size, self._left)
        self._left -= given
        return b"x" * given


def test_a_line_of_a_gigabyte_is_refused_in_bounded_memory():
    tracemalloc.start()
    with pytest.raises(Problem) as raised:
        list(read(OneLine(b"a,b\n1,2\n", 2**30), ("a", "b")))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert raised.value.status == 413
    assert peak < 2_000_000


def test_a_long_line_is_refused_and_the_next_is_taken():
    found = lines(b"a,b\n" + b"x" * 200_000 + b"\n3,4\n")
    assert [(type(each), each.number) for each in found] == [(Refused, 2), (Line, 3)]


def test_a_quoted_cell_without_end_does_not_swallow_the_file():
    content = b'a,b\n"open,1\n' + b"5,6\n" * 60_000
    found = lines(content)
    assert isinstance(found[0], Refused)
    assert sum(isinstance(each, Line) for each in found) > 30_000


def test_an_import_commits_chunk_by_chunk_and_reports_in_the_order_of_lines():
    chunks = []

    def take(chunk: list[Line]) -> list[Refused]:
        chunks.append(len(chunk))
        return [csv_lines.refuse(line, "a", "Invalid value.") for line in chunk if line.cells["a"] == "7"]

    body = b"a\n" + b"".join(b"%d\n" % number for number in range(2500)) + b"\xff\n"
    report = csv_lines.import_stream(io.BytesIO(body), ["a"], [], take).as_json()
    assert sum(chunks) == 2500
    assert max(chunks) == 1000
    assert report["accepted"] == 2499
    assert [each["line"] for each in report["rejected"]] == [9, 2502]


@pytest.mark.parametrize("separator", csv_lines.OF_SPREADSHEETS)
def test_the_header_says_what_stands_between_the_cells_where_several_signs_may(separator):
    """A spreadsheet set to Russian saves semicolons; a comma inside a cell is then a comma."""
    content = separator.join(["a", "b"]) + "\n" + separator.join(['"1,5;\t2"', "Абай"]) + "\n"
    (line,) = read(io.BytesIO(content.encode()), ("a", "b"), separators=csv_lines.OF_SPREADSHEETS)
    assert isinstance(line, Line) and (line.cells["a"], line.cells["b"]) == ("1,5;\t2", "Абай")
