from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.quiz_of_2020 import QUESTIONS
from services.quizzes.grading import feedback_for, grade
from services.quizzes.items import (
    Accepted,
    AcceptedNumber,
    Choice,
    Matching,
    Multiple,
    Number,
    Open,
    Ordering,
    Pair,
    ShortText,
    Single,
    Texts,
    TrueFalse,
    even_choices,
    same,
)
from services.quizzes.player import public_view, read_answer, shown_answer
from shared.problems import Problem

from .builders import items

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
TEXT = same("?")
A, B, C, D = (same(letter) for letter in "abcd")


def short(*accepted, **settings):
    return ShortText(text=TEXT, accepted=tuple(Accepted(each) for each in accepted), **settings)


def number(value, tolerance="0"):
    return Number(text=TEXT, accepted=(AcceptedNumber(Decimal(value), Decimal(tolerance)),))


SINGLE = Single(text=TEXT, choices=(Choice(A, Fraction(1)), Choice(B, HALF), Choice(C, Fraction(-1))))
MULTIPLE = Multiple(text=TEXT, choices=even_choices(right=[A, B, C], wrong=[D, same("e")]))
MATCHING = Matching(
    text=TEXT, pairs=(Pair(A, C, HALF), Pair(B, C, Fraction(1, 4)), Pair(C, D, Fraction(1, 4))), extra=(A,)
)
ORDER = Ordering(text=TEXT, entries=(A, B, C, D))
FREE = Open(text=TEXT)

TABLE = [
    (SINGLE, 0, 1),
    (SINGLE, 1, HALF),
    (SINGLE, 2, 0),
    (MULTIPLE, [0, 1, 2], 1),
    (MULTIPLE, [2, 0, 1], 1),
    (MULTIPLE, [0], THIRD),
    (MULTIPLE, [0, 1, 2, 3], HALF),
    (MULTIPLE, [0, 1, 2, 3, 4], 0),
    (MULTIPLE, [3], 0),
    (MULTIPLE, [], 0),
    (TrueFalse(text=TEXT, right=False), False, 1),
    (TrueFalse(text=TEXT, right=False), True, 0),
    (short("Абай"), "  абай. ", 1),
    (short("Абай"), "АБАЙ!", 1),
    (short("Абай"), "Абай Құнанбайұлы", 0),
    (short("ёлка"), "Елка", 1),
    (short("ЁЛКА"), "елка", 1),
    (short("Ибраһим"), "Ибрахим", 0),
    (short("Ибраһим", kazakh_as_russian=True), "ибрахим", 1),
    (short("Құрманғазы", kazakh_as_russian=True), "Курмангазы", 1),
    (short("жау тылында"), "жау-тылында", 1),
    (short("жау тылында"), "жау   тылында", 1),
    (short("York", match_case=True), "york", 0),
    (short("York", match_case=True), " York", 1),
    (short("?!"), "?!", 1),
    (short("?!"), "...", 0),
    (short("a"), "", 0),
    (number("1918"), "1918", 1),
    (number("1918"), " 1 918 ", 1),
    (number("1918"), "1918,0", 1),
    (number("1918"), "1919", 0),
    (number("3.14", "0.01"), "3,15", 1),
    (number("3.14", "0.01"), "3.151", 0),
    (number("-5"), "−5", 1),
    (number("-5"), "—5", 1),
    (number("-5"), "‑ 5", 1),
    (number("5"), "five", 0),
    (number("5"), "5e0", 0),
    (number("5"), "NaN", 0),
    (MATCHING, {"0": 0, "1": 0, "2": 1}, 1),
    (MATCHING, {"0": 0}, HALF),
    (MATCHING, {"0": 2, "1": 0}, Fraction(1, 4)),
    (MATCHING, {}, 0),
    (ORDER, [0, 1, 2, 3], 1),
    (ORDER, [1, 0, 2, 3], Fraction(2, 3)),
    (ORDER, [1, 2, 3, 0], 0),
    (ORDER, [3, 2, 1, 0], 0),
    (FREE, "Менің ойымша…", None),
    (FREE, "", 0),
]


@pytest.mark.parametrize(("item", "answer", "share"), TABLE)
def test_the_table_of_grades(item, answer, share):
    assert grade(item, answer) == share


@pytest.mark.parametrize("item", [SINGLE, MULTIPLE, MATCHING, ORDER, FREE, short("a"), number("1"), QUESTIONS[2]])
def test_no_answer_earns_nothing(item):
    assert grade(item, None) == 0


WRONG = [True, 1, -1, 99, 1.5, [0, 0], [0, 99], ["0"], {"0": 99}, {"9": 0}, {0: 0}, {"0": "0"}, [[]], object(), b"1"]


@pytest.mark.parametrize("answer", WRONG)
@pytest.mark.parametrize("item", [SINGLE, MULTIPLE, MATCHING, ORDER, FREE, short("a"), number("1"), QUESTIONS[2]])
def test_an_answer_of_the_wrong_type_is_a_problem(item, answer):
    right_type = (item is SINGLE and answer == 1 and answer is not True) or (
        item is QUESTIONS[2] and isinstance(answer, bool)
    )
    if right_type:
        assert grade(item, answer) is not None
        return
    with pytest.raises(Problem) as refused:
        grade(item, answer)
    assert refused.value.status == 422
    assert set(refused.value.errors) == {"answer"}


def test_an_order_that_is_not_whole_is_a_problem():
    with pytest.raises(Problem):
        grade(ORDER, [0, 1])


def test_ten_megabytes_are_a_problem():
    for item in (FREE, short("a"), number("1")):
        with pytest.raises(Problem):
            grade(item, "9" * 10_000_000)


def test_the_best_of_two_fitting_answers_counts():
    near = AcceptedNumber(Decimal(1918), Decimal(2), HALF, same("near"))
    item = Number(text=TEXT, accepted=(near, AcceptedNumber(Decimal(1918))), feedback_wrong=same("no"))
    assert [grade(item, year) for year in ("1918", "1920", "1921")] == [1, HALF, 0]
    assert [feedback_for(item, year) for year in ("1918", "1920", "1921")] == [[], [same("near")], [same("no")]]


def test_feedback_follows_the_answer():
    item = TrueFalse(text=TEXT, right=True, feedback_true=A, feedback_false=B)
    assert (feedback_for(item, True), feedback_for(item, False), feedback_for(item, None)) == ([A], [B], [])


RIGHT = [0, 0, True, [0, 1, 2], 0, "1918", 0, "1845", "ибрагим", "45", [0, 1, 2, 3, 4], {str(i): i for i in range(4)}]


def test_the_right_answers_of_the_test_of_2020():
    assert [grade(item, answer) for item, answer in zip(QUESTIONS, RIGHT, strict=True)] == [1] * 12


def pick(item, seed, data):
    """Some answer that this view of the item allows."""
    view = public_view(item, seed)
    ids = {
        side: [part["id"] for part in view[side]] for side in ("choices", "left", "right", "entries") if side in view
    }
    kind = view["kind"]
    if kind == "single":
        return data.draw(st.sampled_from(ids["choices"]))
    if kind == "multiple":
        return data.draw(st.lists(st.sampled_from(ids["choices"]), unique=True))
    if kind == "matching":
        return data.draw(st.dictionaries(st.sampled_from(ids["left"]), st.sampled_from(ids["right"])))
    if kind == "ordering":
        return data.draw(st.permutations(ids["entries"]))
    return data.draw(st.booleans()) if kind == "true_false" else data.draw(st.text(max_size=20))


@settings(max_examples=200, deadline=None)
@given(item=items(), seed=st.text(max_size=5), data=st.data())
def test_what_the_player_sends_is_read_and_shown_again(item, seed, data):
    given_answer = pick(item, seed, data)
    answer = read_answer(item, seed, given_answer)
    share = grade(item, answer)
    assert share is None or 0 <= share <= 1
    assert shown_answer(item, seed, answer) == given_answer


@settings(max_examples=150, deadline=None)
@given(item=items(), seed=st.text(max_size=5))
def test_the_view_holds_no_answers(item, seed):
    view = public_view(item, seed)
    assert set(view) <= {"kind", "text", "languages", "points", "picture", "choices", "left", "right", "entries"}
    for side in ("choices", "left", "right", "entries"):
        assert all(set(part) == {"id", "text"} for part in view.get(side, []))


def test_sides_that_would_betray_the_answer_are_mixed_and_named_by_the_seed():
    item = Ordering(text=TEXT, entries=tuple(same(str(number)) for number in range(8)))
    views = [public_view(item, seed)["entries"] for seed in "abcdefgh"]
    assert len({tuple(part["text"]["kk"] for part in view) for view in views}) == 8
    assert len({part["id"] for view in views for part in view}) == 64
    assert public_view(item, "a") == public_view(item, "a")


def test_a_name_of_another_view_is_a_problem():
    item = QUESTIONS[0]
    other = public_view(item, "another attempt")["choices"][0]["id"]
    for wrong in (other, 0, ["x"], {"x": 1}):
        with pytest.raises(Problem):
            read_answer(item, "this attempt", wrong)
    assert read_answer(item, "this attempt", None) is None


def test_texts_are_shown_in_every_language():
    view = public_view(QUESTIONS[0], "s")
    assert view["languages"] == ["kk", "ru"]
    assert view["text"] == {"kk": "«Жау тылында» кітабының авторы кім?", "ru": "Кто автор книги «Жау тылында»?"}
    assert Texts(**view["text"]) == QUESTIONS[0].text
