from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.quizzes.drawing import Pool, drawn, faults_of_pools, mixed, opaque, seed_of

IDS = tuple(f"item-{number}" for number in range(10))


def test_a_draw_is_the_same_on_every_machine_and_day():
    seed = seed_of("quiz-1", "reader-1", 1)
    assert drawn([Pool(IDS, 3)], seed) == ["item-2", "item-4", "item-1"]
    assert mixed("abcdef", seed) == list("bcefda")
    assert opaque(seed, 1) == "7ead6ea7783c"


@given(st.text(max_size=8), st.integers(1, 10), st.booleans())
def test_a_draw_takes_as_many_as_asked_each_once(seed, draw, shuffle):
    taken = drawn([Pool(IDS, draw), Pool(("x", "y"))], seed, shuffle=shuffle)
    assert len(taken) == len(set(taken)) == draw + 2
    assert {"x", "y"} <= set(taken)


def test_without_shuffling_the_authors_order_stays():
    taken = drawn([Pool(IDS, 5), Pool(("x", "y"))], "seed", shuffle=False)
    assert taken == [item for item in (*IDS, "x", "y") if item in taken]


def test_every_item_is_drawn_about_as_often():
    counted = Counter(item for reader in range(2000) for item in drawn([Pool(IDS, 3)], seed_of("q", str(reader), 1)))
    assert all(500 < counted[item] < 700 for item in IDS)


def test_readers_get_different_orders():
    orders = {tuple(drawn([Pool(IDS)], seed_of("q", str(reader), 1))) for reader in range(50)}
    assert len(orders) == 50


@pytest.mark.parametrize(
    ("pools", "places"),
    [
        ([Pool(IDS, 10)], []),
        ([Pool(IDS, 11)], ["pools.1.draw"]),
        ([Pool(("a", "a"), 2)], ["pools.1.draw", "pools.1.item_ids"]),
        ([Pool(("a",)), Pool(("a", "b"))], ["pools.2.item_ids"]),
        ([Pool(())], ["pools.1"]),
        ([Pool(IDS, 0)], ["pools.1"]),
    ],
)
def test_faults_of_pools(pools, places):
    assert [fault.place for fault in faults_of_pools(pools)] == places
