from decimal import Decimal
from fractions import Fraction

import pytest

from demo.quiz_of_2020 import QUESTIONS
from services.quizzes.checking import faults_of
from services.quizzes.formats.weights import percent_text, weight_of
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
    Picture,
    ShortText,
    Single,
    Texts,
    TrueFalse,
    even_pairs,
    same,
)

TEXT = same("?")
A, B, C = (same(letter) for letter in "abc")
ONE, HALF = Fraction(1), Fraction(1, 2)


def single(*choices):
    return Single(text=TEXT, choices=tuple(Choice(text, weight) for text, weight in choices))


def multiple(*choices):
    return Multiple(text=TEXT, choices=tuple(Choice(text, weight) for text, weight in choices))


CASES = [
    (single((A, Fraction(0)), (B, Fraction(0))), "choices", "no right answer"),
    (single((A, HALF), (B, Fraction(0))), "choices", "100 per cent"),
    (single((A, ONE)), "choices", "Too few"),
    (single((A, ONE), (A, Fraction(0))), "choices.2.kk", "twice"),
    (single((A, ONE), (B, Fraction(2))), "choices.2.weight", "weight"),
    (single((A, ONE), (B, Fraction(1, 1001))), "choices.2.weight", "weight"),
    (multiple((A, HALF), (B, Fraction(0))), "choices", "add up to {percent}"),
    (multiple((A, Fraction(-1)), (B, Fraction(0))), "choices", "no right answer"),
    (ShortText(text=TEXT, accepted=()), "accepted", "Too few"),
    (ShortText(text=TEXT, accepted=(Accepted(" "),)), "accepted.1.text", "empty"),
    (ShortText(text=TEXT, accepted=(Accepted("York"), Accepted("york!", HALF))), "accepted.2.text", "twice"),
    (Number(text=TEXT, accepted=(AcceptedNumber(Decimal("NaN")),)), "accepted.1", "numbers"),
    (Number(text=TEXT, accepted=(AcceptedNumber(Decimal(1), Decimal(-1)),)), "accepted.1", "numbers"),
    (Number(text=TEXT, accepted=(AcceptedNumber(Decimal("1e99")),)), "accepted.1", "numbers"),
    (Matching(text=TEXT, pairs=even_pairs([(A, B), (A, C)])), "pairs.2.kk", "twice"),
    (Matching(text=TEXT, pairs=(Pair(A, B, HALF), Pair(B, C, ONE))), "pairs", "add up"),
    (Matching(text=TEXT, pairs=even_pairs([(A, B), (B, C)]), extra=(C,)), "extra.1.kk", "twice"),
    (Matching(text=TEXT, pairs=(), extra=(A, B)), "pairs", "no right answer"),
    (Ordering(text=TEXT, entries=(A,)), "entries", "Too few"),
    (Ordering(text=TEXT, entries=(A, B, A)), "entries.3.ru", "twice"),
    (Open(text=Texts()), "text", "no text"),
    (Open(text=same("x" * 4001)), "text.en", "longer"),
    (Open(text=same("a\x07b")), "text.kk", "not text"),
    (Open(text=same("a\ud800")), "text.kk", "not text"),
    (Open(text=TEXT, title="x" * 256), "title", "longer"),
    (Open(text=TEXT, points=Decimal(0)), "points", "points"),
    (Open(text=TEXT, points=Decimal("inf")), "points", "points"),
    (Open(text=TEXT, picture=Picture("a.png")), "picture.alt", "words"),
    (Open(text=TEXT, picture=Picture("javascript:alert(1)", A)), "picture.source", "address"),
    (Open(text=TEXT, picture=Picture("../a.png", A, b"x")), "picture.source", "address"),
]


@pytest.mark.parametrize(("item", "place", "words"), CASES)
def test_faults_name_the_field_and_what_is_wrong(item, place, words):
    found = [fault for fault in faults_of(item) if fault.place == place]
    assert any(words in fault.message for fault in found), faults_of(item)


@pytest.mark.parametrize(("item", "_place", "_words"), CASES)
def test_every_fault_is_said_in_kazakh_and_russian(item, _place, _words):
    for fault in faults_of(item):
        assert len({fault.said(language) for language in ("kk", "ru", "en")}) == 3


def test_a_half_translated_item_names_what_is_missing_where():
    item = Single(
        text=Texts(kk="Кім?", ru="Кто?"),
        choices=(Choice(Texts(kk="Абай", ru="Абай"), ONE), Choice(Texts(kk="Мұхтар"))),
        feedback=Texts(en="Well done"),
    )
    assert [fault.place for fault in faults_of(item)] == [
        "text.en",
        "feedback.kk",
        "feedback.ru",
        "choices.1.text.en",
        "choices.2.text.ru",
        "choices.2.text.en",
    ]


def test_the_test_of_2020_has_twelve_questions_without_faults():
    assert len(QUESTIONS) == 12
    assert [faults_of(item) for item in QUESTIONS] == [[]] * 12


def test_texts_are_kept_tidy():
    assert Texts(kk="  бір \t екі\r\n\u2028 үш  ") == Texts(kk="бір екі\n\nүш")


@pytest.mark.parametrize(
    ("words", "weight"),
    [
        ("50", HALF),
        ("33.33333", Fraction(1, 3)),
        ("33,33", Fraction(1, 3)),
        ("33.3", Fraction(333, 1000)),
        ("-16.66667", Fraction(-1, 6)),
        ("12.5", Fraction(1, 8)),
        ("100", ONE),
        ("half", None),
    ],
)
def test_weights_as_other_programs_write_them(words, weight):
    assert weight_of(words) == weight


@pytest.mark.parametrize("below", range(1, 1001, 37))
def test_every_weight_is_read_as_it_was_written(below):
    for above in range(-below, below + 1, 7):
        assert weight_of(percent_text(Fraction(above, below))) == Fraction(above, below)


def test_a_true_false_item_needs_nothing_more():
    assert faults_of(TrueFalse(text=TEXT, right=True)) == []
