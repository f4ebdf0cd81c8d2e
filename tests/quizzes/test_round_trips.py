"""What is written is read again as it was: every format, three languages, any words."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.quiz_of_2020 import QUESTIONS
from services.quizzes.formats.csv_file import read_csv, write_csv
from services.quizzes.formats.gift_reading import read_gift
from services.quizzes.formats.gift_writing import write_gift
from services.quizzes.formats.moodle_reading import read_moodle
from services.quizzes.formats.moodle_writing import write_moodle
from services.quizzes.formats.qti_reading import read_qti
from services.quizzes.formats.qti_writing import write_qti
from services.quizzes.items import Choice, Ordering, Picture, ShortText, Single, Texts, TrueFalse

from .builders import ALL_KINDS, items

GIFT_KINDS = tuple(kind for kind in ALL_KINDS if kind != "ordering")
WRITERS = {
    "gift": (write_gift, read_gift),
    "moodle": (write_moodle, read_moodle),
    "qti": (write_qti, read_qti),
    "csv": (write_csv, read_csv),
}


def fits_gift(item):
    return not (isinstance(item, ShortText) and any("->" in each.text for each in item.accepted))


@pytest.mark.parametrize("form", WRITERS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_round_trip_loses_nothing(form, data):
    one = items(*GIFT_KINDS).filter(fits_gift) if form == "gift" else items()
    bank = data.draw(st.lists(one, min_size=1, max_size=3))
    write, read = WRITERS[form]
    written = write(bank)
    found = read(written.content, "en")
    assert (written.refused, found.refused, found.notes) == ([], [], [])
    assert found.items == bank


@pytest.mark.parametrize("form", WRITERS)
def test_the_test_of_2020_goes_through_every_format(form):
    write, read = WRITERS[form]
    found = read(write(QUESTIONS).content, "kk")
    assert found.items == list(QUESTIONS)
    assert found.refused == []


@pytest.mark.parametrize("form", ["moodle", "qti"])
def test_a_pictures_file_goes_through(form):
    picture = Picture("sign 1.png", Texts(kk="Белгі", ru="Знак"), b"\x89PNG\r\n\x1a\n")
    item = TrueFalse(text=Texts(kk="Не?", ru="Что?"), right=False, picture=picture)
    write, read = WRITERS[form]
    written = write([item])
    assert read(written.content, "kk").items == [item]
    assert written.notes == []


@pytest.mark.parametrize("form", ["gift", "csv"])
def test_a_format_says_that_it_cannot_hold_a_pictures_file(form):
    item = TrueFalse(text=Texts(kk="Не?"), right=False, picture=Picture("a.png", Texts(kk="Белгі"), b"x"))
    (note,) = WRITERS[form][0]([item]).notes
    assert note.place == "item 1"
    assert "picture" in note.message


def test_gift_says_that_it_has_no_ordering():
    written = write_gift([Ordering(text=Texts(kk="Рет"), entries=(Texts(kk="1"), Texts(kk="2"))), QUESTIONS[0]])
    (fault,) = written.refused
    assert fault.place == "item 1"
    assert read_gift(written.content, "kk").items == [QUESTIONS[0]]


def test_gift_says_what_other_programs_will_not_see():
    (note,) = write_gift([QUESTIONS[8]]).notes
    assert note.values == {"format": "GIFT", "names": "kazakh_as_russian"}


def test_an_item_with_faults_is_not_exported():
    unfinished = TrueFalse(text=Texts(kk="Не?", ru="Что?"), right=True, feedback_true=Texts(kk="Иә"))
    for write, _read in WRITERS.values():
        written = write([unfinished, QUESTIONS[2]])
        assert [fault.place for fault in written.refused] == ["item 1: feedback_true.ru"]
        assert written.content


def test_a_qti_package_is_the_same_bytes_each_time():
    assert write_qti(QUESTIONS).content == write_qti(QUESTIONS).content


def test_texts_in_no_language_are_in_the_language_asked_for():
    (item,) = read_gift("Қай жыл? {#1918}".encode(), "kk").items
    assert item.text == Texts(kk="Қай жыл?")


def test_formulas_are_written_as_text():
    item = ShortText(text=Texts(en="=1+1"), accepted=(*QUESTIONS[8].accepted,))
    written = write_csv([item]).content.decode("utf-8-sig")
    assert "'=1+1" in written
    assert ",=1+1" not in written
    assert read_csv(written.encode(), "").items == [item]


def test_a_single_choice_whose_answers_are_all_right_stays_one():
    choices = (Choice(Texts(kk="1"), Fraction(1)), Choice(Texts(kk="2"), Fraction(1)))
    item = Single(text=Texts(kk="?"), choices=choices)
    assert read_gift(write_gift([item]).content, "kk").items == [item]
