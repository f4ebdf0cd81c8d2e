from decimal import Decimal
from fractions import Fraction

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.quizzes.codec import Unreadable, digest, from_json, to_json
from services.quizzes.items import AcceptedNumber, Item, Number, Open, Picture, Texts
from tests.quizzes.builders import items

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(items())
@settings(suppress_health_check=list(HealthCheck), deadline=None)
def test_an_item_survives_the_way_through_json(item: Item):
    body = orjson.loads(orjson.dumps(to_json(item)))
    assert from_json(body) == item
    assert digest(body) == digest(to_json(from_json(body)))


@given(items(), st.data())
@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=200)
def test_a_broken_field_is_named_and_nothing_else_is_raised(item: Item, data: st.DataObject):
    body = to_json(item)
    name = data.draw(st.sampled_from(sorted(body)))
    try:
        from_json(body | {name: data.draw(ANY_JSON)})
    except Unreadable as error:
        assert error.fault.place.startswith(name)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"kind": "essay"}, "kind"),
        ({"choices": [{"text": {"kk": "а"}, "weight": "1/0"}]}, "choices.1.weight"),
        ({"choices": [{"text": {"kk": "а"}, "weight": "1e999999999"}]}, "choices.1.weight"),
        ({"choices": [{"text": {"de": "a"}}]}, "choices.1.text"),
        ({"choices": [{"weight": "1"}]}, "choices.1.text"),
        ({"choices": [{"text": {"kk": 7}}]}, "choices.1.text.kk"),
        ({"choices": [{"text": {}}] * 101}, "choices"),
        ({"points": "1" * 10_000}, "points"),
        ({"shuffle": 1}, "shuffle"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_cannot_be_read_is_named(change, place):
    with pytest.raises(Unreadable) as refused:
        from_json({"kind": "single", "text": {"kk": "?"}, "choices": []} | change)
    assert refused.value.fault.place == place


def test_a_picture_is_stored_before_its_item():
    with pytest.raises(ValueError, match="picture"):
        to_json(Open(text=Texts(kk="?"), picture=Picture("a.png", Texts(kk="а"), b"...")))


def test_numbers_are_written_out():
    item = Number(text=Texts(kk="?"), accepted=(AcceptedNumber(Decimal("1E+3"), Decimal("0.10"), Fraction(1, 3)),))
    assert to_json(item)["accepted"] == [{"value": "1000", "tolerance": "0.10", "weight": "1/3", "feedback": {}}]
