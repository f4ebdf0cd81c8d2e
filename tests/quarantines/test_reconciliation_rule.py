"""Loans and notices side by side: the verdict as a pure function of two streams."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.quarantines.reconciliation import MOST_LISTED, OutOfOrder, reconcile

STATES = ("told", "pending", "unreachable", "failed", "none")
DAYS = ("2026-02-16", "2026-02-17", None)


def moved(card: str, **due: str | None) -> dict[str, Any]:
    return {"card_number": card, "loans": [{"loan_id": loan, "due_on": day} for loan, day in due.items()]}


def told(card: str, *loans: tuple[str, str | None, str], knows: bool = True) -> dict[str, Any]:
    said = [
        {"loan_id": loan, "told_on": day, "knows": knows, "state": state, "reason": None} for loan, day, state in loans
    ]
    return {"card_number": card, "loans": said}


def wrong(card: str, loan: str) -> dict[str, Any]:
    return {"loan_id": loan, "card_number": card, "branch_id": "b", "due_on": "2026-02-10", "expected": "2026-02-16"}


def counts(verdict: Any) -> tuple[int, int, int, int, int]:
    return verdict.affected, verdict.told, verdict.pending, verdict.unreachable, verdict.missing_count


@pytest.mark.parametrize(
    ("notices", "expected"),
    [
        ([told("1", ("a", "2026-02-16", "told"))], (1, 1, 0, 0, 0)),
        ([told("1", ("a", "2026-02-16", "none"))], (1, 1, 0, 0, 0)),
        ([told("1", ("a", "2026-02-16", "pending"))], (1, 0, 1, 0, 0)),
        ([told("1", ("a", "2026-02-10", "pending"))], (1, 0, 1, 0, 0)),
        ([told("1", ("a", "2026-02-16", "unreachable"))], (1, 0, 0, 1, 0)),
        ([told("1", ("a", "2026-02-16", "failed"))], (1, 0, 0, 0, 1)),
        ([told("1", ("a", "2026-02-17", "told"))], (1, 0, 0, 0, 1)),
        ([told("1", ("a", None, "told"))], (1, 0, 0, 0, 1)),
        ([told("1", ("a", None, "none"), knows=False)], (1, 0, 0, 0, 1)),
        ([told("1", ("b", "2026-02-16", "told"))], (1, 0, 0, 0, 1)),
        ([told("2", ("a", "2026-02-16", "told"))], (1, 0, 0, 0, 1)),
        ([], (1, 0, 0, 0, 1)),
    ],
)
def test_one_loan(notices, expected):
    assert counts(reconcile([moved("1", a="2026-02-16")], notices)) == expected


def test_no_date_told_for_no_date_in_force_is_right():
    assert counts(reconcile([moved("1", a=None)], [told("1", ("a", None, "told"))])) == (1, 1, 0, 0, 0)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (("told", "told"), (1, 1, 0, 0, 0)),
        (("told", "pending"), (1, 0, 1, 0, 0)),
        (("unreachable", "pending"), (1, 0, 1, 0, 0)),
        (("told", "unreachable"), (1, 0, 0, 1, 0)),
        (("pending", "failed"), (1, 0, 0, 0, 1)),
    ],
)
def test_a_card_is_as_far_as_its_hindmost_loan(states, expected):
    loans = [(loan, "2026-02-16", state) for loan, state in zip("ab", states, strict=True)]
    assert counts(reconcile([moved("1", a="2026-02-16", b="2026-02-16")], [told("1", *loans)])) == expected


def test_cards_that_brought_everything_back_do_not_count():
    notices = [told(card, ("x", "2026-02-16", "pending")) for card in ("0", "15", "3")]
    assert counts(reconcile([moved("1", a=None)], [notices[0], told("1", ("a", None, "told")), *notices[1:]])) == (
        1,
        1,
        0,
        0,
        0,
    )


def test_a_missing_card_says_why_and_for_which_loans():
    verdict = reconcile([moved("1", a="2026-02-16", b="2026-02-16")], [told("1", ("a", "2026-02-10", "told"))])
    (untold,) = verdict.missing
    assert (untold.card_number, untold.loans) == ("1", ["a", "b"])
    assert untold.reason.values == {"loan_id": "a", "told_on": "2026-02-10", "due_on": "2026-02-16"}


def test_a_wrong_date_is_missing_whatever_was_told_and_wherever_it_is():
    notices = [told("1", ("a", "2026-02-10", "told"))]
    verdict = reconcile([moved("1", a="2026-02-10")], notices, [wrong("1", "a"), wrong("9", "z"), wrong("9", "y")])
    assert counts(verdict) == (2, 0, 0, 0, 2)
    assert [(each.card_number, each.loans) for each in verdict.missing] == [("1", ["a"]), ("9", ["z", "y"])]


def test_the_list_is_bounded_and_the_count_is_not():
    cards = [moved(f"{number:06}", a=None) for number in range(MOST_LISTED + 5)]
    verdict = reconcile(cards, [])
    assert (len(verdict.missing), verdict.missing_count) == (MOST_LISTED, MOST_LISTED + 5)


@pytest.mark.parametrize("cards", [("2", "1"), ("1", "1"), ("б", "a")])
def test_a_stream_out_of_order_gives_no_verdict(cards):
    ours = [moved(card, a=None) for card in cards]
    theirs = [told(card, ("a", None, "told")) for card in cards]
    with pytest.raises(OutOfOrder):
        reconcile(ours, [])
    with pytest.raises(OutOfOrder):
        reconcile([moved("я", a=None)], theirs)


def test_no_more_than_a_card_of_each_is_held():
    taken: list[int] = []

    def stream(side: int) -> Iterator[dict[str, Any]]:
        for number in range(1000):
            taken.append(side)
            ahead = abs(taken.count(0) - taken.count(1)) if number < 50 else 0
            assert ahead <= 1
            card = f"{number:04}"
            yield told(card, ("a", None, "told")) if side else moved(card, a=None)

    assert counts(reconcile(stream(0), stream(1))) == (1000, 1000, 0, 0, 0)


CARDS = st.text(st.sampled_from("012АБяz"), min_size=1, max_size=3)
LOANS = st.dictionaries(st.sampled_from("abc"), st.sampled_from(DAYS), min_size=1)
NOTICES = st.dictionaries(
    st.sampled_from("abc"), st.tuples(st.sampled_from(DAYS), st.sampled_from(STATES), st.booleans())
)


@given(st.dictionaries(CARDS, LOANS), st.dictionaries(CARDS, NOTICES), st.lists(CARDS, max_size=3))
def test_the_four_always_add_up_and_agree_with_looking_at_each_card(loans, notices, wrong_cards):
    ours = [moved(card, **loans[card]) for card in sorted(loans)]
    theirs = [
        {
            "card_number": card,
            "loans": [
                {"loan_id": loan, "told_on": day, "state": state, "knows": knows, "reason": None}
                for loan, (day, state, knows) in notices[card].items()
            ],
        }
        for card in sorted(notices)
    ]
    verdict = reconcile(ours, theirs, [wrong(card, "a") for card in wrong_cards])
    assert verdict.affected == verdict.told + verdict.pending + verdict.unreachable + verdict.missing_count
    assert verdict.affected == len({*loans, *wrong_cards})
    told_cards = {
        card
        for card, due in loans.items()
        if card not in wrong_cards
        and all(
            (said := notices.get(card, {}).get(loan)) and said[2] and said[0] == day and said[1] in ("told", "none")
            for loan, day in due.items()
        )
    }
    assert verdict.told == len(told_cards)


def test_cards_are_compared_in_the_order_of_their_bytes():
    cards = sorted(["Z9", "a1", "А1", "Ә2", "я3", "ё"], key=str.encode)
    verdict = reconcile([moved(card, a=None) for card in cards], [told(card, ("a", None, "told")) for card in cards])
    assert verdict.told == len(cards)
