"""Files made to hurt, and files that are only broken: refused with a place and a reason, and never a crash."""

import struct
from io import BytesIO
from time import process_time
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from demo.quiz_of_2020 import QUESTIONS
from services.quizzes.formats import LARGEST_FILE
from services.quizzes.formats.aiken import read_aiken
from services.quizzes.formats.csv_file import read_csv, write_csv
from services.quizzes.formats.gift_reading import read_gift
from services.quizzes.formats.gift_writing import write_gift
from services.quizzes.formats.moodle_reading import read_moodle
from services.quizzes.formats.moodle_writing import write_moodle
from services.quizzes.formats.qti_reading import read_qti
from services.quizzes.formats.qti_writing import write_qti

READERS = [read_gift, read_aiken, read_moodle, read_qti, read_csv]
XML_READERS = [read_moodle, read_qti]
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><quiz>&c;</quiz>'
)
OUTSIDE = b'<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>'
PARAMETER = b'<!DOCTYPE quiz [<!ENTITY % x SYSTEM "http://127.0.0.1/x.dtd"> %x;]><quiz/>'
PLAIN_DOCTYPE = b'<!DOCTYPE quiz SYSTEM "quiz.dtd"><quiz/>'


@pytest.mark.parametrize("read", XML_READERS)
@pytest.mark.parametrize("content", [LAUGHS, OUTSIDE, PARAMETER, PLAIN_DOCTYPE])
def test_document_types_and_entities_are_refused(read, content):
    found = read(content, "kk")
    assert found.items == []
    assert "DOCTYPE" in found.refused[0].message
    assert found.refused[0].place == "line 1"


@pytest.mark.parametrize("read", XML_READERS)
def test_deep_nesting_is_refused(read):
    found = read(b"<quiz>" + b"<a>" * 100_000, "kk")
    assert "nested" in found.refused[0].message


@pytest.mark.parametrize("read", READERS)
def test_more_than_ten_megabytes_are_refused(read):
    found = read(b"a" * (LARGEST_FILE + 1), "kk")
    assert found.items == []
    assert found.refused[0].values == {"limit": 10}


@pytest.mark.parametrize("read", [read_gift, read_aiken])
def test_another_encoding_is_refused_with_its_line(read):
    found = read("Сұрақ\nҚай жыл? {#1918}".encode() + b"\n\xff\xfe\xfd", "kk")
    assert found.refused[0].place == "line 3"
    assert "UTF-8" in found.refused[0].message


def test_utf_16_is_read():
    assert len(read_gift("Қай жыл? {#1918}".encode("utf-16"), "kk").items) == 1


@pytest.mark.parametrize("read", XML_READERS)
def test_broken_xml_is_refused_with_its_line(read):
    found = read(b"<quiz>\n<question>\n</quiz>", "kk")
    assert found.refused[0].place == "line 3"
    assert "mismatched" in found.refused[0].values["reason"]


def zipped(**files):
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return target.getvalue()


def test_a_zip_bomb_is_refused():
    found = read_qti(zipped(imsmanifest_xml=b"<manifest/>", bomb_bin=b"\0" * 40_000_000), "kk")
    assert found.items == []
    assert "bomb" in found.refused[0].message


def test_a_zip_larger_than_promised_is_refused():
    honest = zipped(imsmanifest_xml=b" " * 200_000)
    lying = honest.replace(struct.pack("<I", 200_000), struct.pack("<I", 10))
    found = read_qti(lying, "kk")
    assert found.items == []
    assert found.refused


def test_too_many_files_are_refused():
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        for number in range(5_001):
            archive.writestr(str(number), b"")
    assert "files" in read_qti(target.getvalue(), "kk").refused[0].message


def test_a_package_without_a_manifest_is_refused():
    found = read_qti(zipped(a_xml=b"<a/>"), "kk")
    assert found.refused[0].values == {"name": "imsmanifest.xml"}


def test_one_bad_item_of_a_package_leaves_the_rest():
    target = BytesIO(write_qti(QUESTIONS).content)
    with ZipFile(target) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["items/item-3.xml"] = LAUGHS
    del files["items/item-5.xml"]
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    found = read_qti(target.getvalue(), "kk")
    assert len(found.items) == 10
    assert [fault.place for fault in found.refused] == ["items/item-3.xml: line 1", "items/item-5.xml"]


def test_one_bad_question_leaves_the_rest():
    read = read_gift("Бірінші {#1}\n\nЕкінші {=a ~b\n\nҮшінші {~a ~b}\n\nТөртінші {T}".encode(), "kk")
    assert [item.text.kk for item in read.items] == ["Бірінші", "Төртінші"]
    assert [fault.place for fault in read.refused] == ["line 3", "line 5: choices"]


def test_a_changed_comment_of_ours_is_refused():
    (fault,) = read_gift('// kitaphana {"points":\nСұрақ {T}'.encode(), "kk").refused
    assert "kitaphana" in fault.message


@pytest.mark.parametrize("read", READERS)
@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")))
@example(content=b"")
@example(content=b"PK\x03\x04")
@example(content=b"<?xml version='1.0' encoding='utf-7'?><quiz/>")
@example(content=b"\xff\xfe\x00")
def test_any_bytes_are_taken_or_refused(read, content):
    found = read(content, "ru")
    assert all(fault.message and fault.place for fault in found.refused)


SOUND = [
    (write_gift(QUESTIONS).content, read_gift),
    (write_moodle(QUESTIONS).content, read_moodle),
    (write_csv(QUESTIONS).content, read_csv),
    (write_qti(QUESTIONS[:2]).content, read_qti),
]


@pytest.mark.parametrize(("content", "read"), SOUND)
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_taken_or_refused(content, read, data):
    at = data.draw(st.integers(0, len(content) - 1))
    length = data.draw(st.integers(0, 40))
    damaged = content[:at] + data.draw(st.binary(max_size=5)) + content[at + length :]
    found = read(damaged, "ru")
    assert all(fault.message and fault.place for fault in found.refused)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("ab ~=#{}:\\->%.*1\n/[]T$"), max_size=60))
def test_any_marks_of_gift_are_taken_or_refused(text):
    read = read_gift(text.encode(), "ru")
    written = write_gift(read.items)
    assert read_gift(written.content, "ru").items == read.items or any("->" in str(item) for item in read.items)


@pytest.mark.parametrize("content", [b"kind,kk,ru,en\ropen,a", b"", b"kind,kk", b'"kind,kk,ru,en'])
def test_a_header_that_is_not_ours_is_refused(content):
    (fault,) = read_csv(content, "").refused
    assert fault.place == "line 1"


MANY = [
    (read_gift, b"?{" + b"~" * 3_000_000 + b"}"),
    (read_gift, b"$CATEGORY: x\n" * 400_000),
    (read_gift, b"[html]" + b"<b>" * 1_000_000 + b"</i>" * 1_000_000 + b"{T}"),
    (read_gift, b"[html]" + b"<!--" * 5_000 + b"{T}"),
    (read_aiken, b"Q\n" + b"A) a\n" * 1_000_000),
    (read_moodle, b'<quiz><question type="ordering">' + b"<answer/>" * 400_000 + b"</question></quiz>"),
    (read_moodle, b"<quiz>" + b"<" + b"a" * 100_000 + b">" + b"<b/>" * 400_000 + b"</" + b"a" * 100_000 + b"></quiz>"),
    (read_gift, b'// kitaphana {"pairs":["1e99999999","1"]}\n?{=a->b =c->d}'),
    (read_csv, b"kind,kk,ru,en\n" + b"choice,a,b,c\n" * 100_000),
]


@pytest.mark.parametrize(("read", "content"), MANY)
def test_files_made_to_take_long_are_answered(read, content):
    began = process_time()
    assert read(content, "kk").items == []
    assert process_time() - began < 30


@pytest.mark.parametrize("separator", ";\t")
def test_a_table_saved_by_a_spreadsheet_with_another_separator_is_read(separator):
    rows = ("kind,kk,weight,ru,en", "single,А. Ә,,,", "choice,бір,100%,,", "choice,екі,,,")
    table = "\r\n".join(rows).replace(",", separator)
    found = read_csv(table.encode(), "kk")
    assert (found.refused, [item.text.kk for item in found.items]) == ([], ["А. Ә"])
