import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.quizzes.statistics import Response, correlation, statistics_of


def test_nobody_has_answered():
    assert statistics_of([]) is None


def test_facility_discrimination_and_distractors():
    given_answers = [
        Response(1, 0.9, "kk", (0,)),
        Response(1, 0.8, "kk", (0,)),
        Response(0, 0.2, "ru", (2,)),
        Response(0, 0.3, "ru", (1,)),
    ]
    found = statistics_of(given_answers)
    assert (found.count, found.facility) == (4, 0.5)
    assert found.discrimination == pytest.approx(0.98639, abs=1e-4)
    assert found.chosen == {0: 2, 1: 1, 2: 1}
    assert found.languages["kk"].p_value is None


def test_an_item_everyone_gets_right_discriminates_nothing():
    assert statistics_of([Response(1, 0.1), Response(1, 0.9)]).discrimination is None


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=20))
def test_a_correlation_is_between_minus_one_and_one(pairs):
    found = correlation([a for a, _b in pairs], [b for _a, b in pairs])
    assert found is None or -1 <= found <= 1


def crowd(language, count, chance, seed):
    """Readers who get the item right with `chance` and are worth 0.7 elsewhere."""
    source = random.Random(seed)
    return [Response(float(source.random() < chance), source.gauss(0.7, 0.1), language) for _ in range(count)]


def test_a_language_that_is_much_harder_is_flagged():
    found = statistics_of(crowd("kk", 200, 0.8, "a") + crowd("ru", 200, 0.4, "b")).languages
    assert found["ru"].harder
    assert found["ru"].p_value < 0.01
    assert not found["kk"].harder


def test_an_even_item_is_flagged_in_fewer_than_one_in_fifty():
    flags = [
        statistics_of(crowd("kk", 100, 0.7, f"a{n}") + crowd("ru", 100, 0.7, f"b{n}")).languages["ru"].harder
        for n in range(200)
    ]
    assert sum(flags) < 4


def test_weaker_readers_are_not_a_harder_language():
    strong = [Response(1 if n % 10 else 0, 0.9, "kk") for n in range(100)]
    weak = [Response(1 if n % 2 else 0, 0.5, "ru") for n in range(100)]
    assert not statistics_of(strong + weak).languages["ru"].harder


def test_few_readers_are_never_flagged():
    found = statistics_of(crowd("kk", 200, 1, "a") + crowd("ru", 29, 0, "b")).languages["ru"]
    assert (found.harder, found.p_value) == (False, None)
