import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.folding import fold, letters_of


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Қасымов", "КАСЫМОВ"),
        ("Әуезов", "ауезов"),
        ("Өмірбек", "Омирбек"),
        ("Ұлғайша", "Улгайша"),
        ("Үсенова", "усенова"),
        ("Жаһан", "Жахан"),
        ("Ңұр", "нур"),
        ("Фёдоров", "Федоров"),
        ("Бірлік", "Бiрлiк"),  # typed with a Latin i
        ("АВС-0042", "ABC-0042"),  # a card number in Latin letters
        ("Мухтарова", "  Mухтарова "),
        ("Ибрагим-Оглы", "ибрагим–оглы"),
        ("Ким  Анна", "ким анна"),
        ("Йылмаз", "\u0418\u0306ылмаз"),
    ],
)
def test_one_name_however_it_is_typed(written, typed):
    assert fold(written) == fold(typed)


@pytest.mark.parametrize(("one", "other"), [("Иванов", "Иванова"), ("Ким", "Цой"), ("10042", "10043"), ("ш", "щ")])
def test_other_names_stay_other(one, other):
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_equals_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_case_never_matters_for_our_letters(text):
    ours = "".join(letter for letter in text if letter in "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі")
    assert fold(ours.upper()) == fold(ours)


@given(st.text(), st.text())
def test_letters_do_not_tell_what_stands_between_two_names(one, other):
    assert len({letters_of(one + between + other) for between in ("-", " ", " – ")}) == 1
