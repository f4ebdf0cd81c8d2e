from hypothesis import given, settings
from hypothesis import strategies as st

from services.quizzes.formats.gift_reading import read_gift
from services.quizzes.formats.gift_writing import write_gift
from services.quizzes.items import ShortText

from .builders import ALL_KINDS, items

HELD = tuple(kind for kind in ALL_KINDS if kind != "ordering")


def has_arrow(item):
    return isinstance(item, ShortText) and any("->" in each.text for each in item.accepted)


@settings(max_examples=400, deadline=None)
@given(st.lists(items(*HELD).filter(lambda item: not has_arrow(item)), max_size=4))
def test_a_round_trip_loses_nothing(bank):
    exported = write_gift(bank)
    assert exported.refused == []
    read = read_gift(exported.content, "kk")
    assert read.refused == []
    assert read.items == bank
    assert read.notes == []


@settings(deadline=None)
@given(st.text())
def test_any_text_is_taken_or_refused(text):
    read = read_gift(text.encode("utf-8", "surrogatepass"), "ru")
    assert all(fault.message for fault in read.refused)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("ab ~=#{}:\\->%.*1\n/[]T$"), max_size=60))
def test_any_marks_are_taken_or_refused(text):
    read = read_gift(text.encode(), "ru")
    written = write_gift(read.items)
    assert written.refused == [] or all("->" in str(item) for item in read.items)
