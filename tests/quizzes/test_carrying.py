"""A key that is corrected may move the parts of a question: what readers meant stays what they meant."""

from dataclasses import replace
from fractions import Fraction

import pytest

from services.quizzes.carrying import Carrying, places
from services.quizzes.codec import to_json
from services.quizzes.items import Choice, Item, Matching, Multiple, Ordering, Single, even_choices, even_pairs
from services.quizzes.models import Attempt
from tests.quizzes import making
from tests.quizzes.house import House
from tests.quizzes.making import Player, words

A, B, C, D = (words(letter) for letter in "abcd")
X, Y, Z = (words(letter) for letter in "xyz")


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ((A, B, C), (A, B, C), None),
        ((A, B), (A, B, C), None),
        ((A, B, C), (C, A, B), [1, 2, 0]),
        ((A, B), (A, words("b, corrected")), None),
        ((A, B, C), (C, words("b, corrected"), A), [2, 1, 0]),
        ((A, B, C), (A, C, D), [0, 2, 1]),
        ((A, B), (B,), [None, 0]),
    ],
)
def test_parts_are_known_by_their_words_else_by_their_place(old, new, found):
    assert places(old, new) == found


@pytest.mark.parametrize(
    ("old", "new", "answer", "carried"),
    [
        (making.single("?", "a", "b"), making.single("?", "b", "a"), 0, 1),
        (
            Multiple(text=A, choices=even_choices([A, B], [C])),
            Multiple(text=A, choices=even_choices([C, B], [A])),
            [0, 1],
            [2, 1],
        ),
        (Ordering(text=A, entries=(A, B, C)), Ordering(text=A, entries=(B, A, C)), [0, 1, 2], [1, 0, 2]),
        (Ordering(text=A, entries=(A, B)), Ordering(text=A, entries=(C, B, A)), [0, 1], [2, 1, 0]),
        (
            Matching(text=A, pairs=even_pairs([(A, X), (B, Y)]), extra=(Z,)),
            Matching(text=A, pairs=even_pairs([(A, Y), (B, X)])),
            {"0": 0, "1": 2},
            {"0": 1},
        ),
    ],
    ids=["single", "multiple", "ordering", "ordering with one more", "matching without its extra side"],
)
def test_an_answer_keeps_its_meaning(old: Item, new: Item, answer, carried):
    carrying = Carrying({("i", 1): old, ("i", 2): new})
    assert carrying.answers([["i", 1, None]], {"i": answer}, {"i": 2}) == {"i": carried}
    assert carrying.answers([["i", 1, None]], {"i": answer}, {"i": 1}) == {"i": answer}
    assert carrying.answers([["i", 1, None]], {}, {"i": 2}) == {}


ORDER = Ordering(text=words("In which order?"), entries=(A, B, C))
PAIRS = Matching(text=words("Who wrote what?"), pairs=even_pairs([(A, X), (B, Y)]))
CHOICES = Single(text=words("Who?"), choices=(Choice(A, Fraction(1)), Choice(B), Choice(C)))


@pytest.mark.parametrize(
    ("item", "mended", "right_now"),
    [
        (ORDER, replace(ORDER, entries=(C, B, A)), [2, 1, 0]),
        (PAIRS, replace(PAIRS, pairs=even_pairs([(A, Y), (B, X)])), {"0": 1, "1": 0}),
        (CHOICES, replace(CHOICES, choices=(Choice(C, Fraction(1)), Choice(A), Choice(B))), 2),
    ],
    ids=["ordering", "matching", "single"],
)
def test_graded_again_by_a_corrected_key_whoever_knew_it_is_right(house: House, item, mended, right_now):
    quiz = making.published(house, [item])
    players = [Player.begins(house, quiz["id"]) for _ in range(2)]
    by_the_old_key = {Ordering: [0, 1, 2], Matching: {"0": 0, "1": 1}, Single: 0}[type(item)]
    for player, answer in zip(players, (by_the_old_key, right_now), strict=True):
        player.answers(player.item(0)["id"], answer)
        player.finishes()
    item_id, editor = quiz["pools"][0]["item_ids"][0], house.staff("editor")
    house.ask("PATCH", f"/items/{item_id}", editor, json={"item": to_json(mended)})
    house.ask("POST", f"/{quiz['id']}/regrade", editor, json={"reason": "Wrong key"})
    house.work()
    percents = {row.id: row.percent for row in house.rows(Attempt)}
    assert [percents[player.id] for player in players] == [0.0, 100.0]
    (review,) = house.ask("GET", f"/attempts/{players[1].id}/result", players[1].headers)["review"]
    assert review["given"] == review["right"]


def test_statistics_name_what_was_chosen_though_the_answers_were_moved(house: House):
    quiz = making.published(house, [CHOICES])
    player = Player.begins(house, quiz["id"])
    player.answers(player.item(0)["id"], 2)
    player.finishes()
    moved = replace(CHOICES, choices=(Choice(C), Choice(A, Fraction(1)), Choice(B)))
    item_id = quiz["pools"][0]["item_ids"][0]
    house.ask("PATCH", f"/items/{item_id}", house.staff("editor"), json={"item": to_json(moved)})
    (found,) = house.ask("GET", f"/{quiz['id']}/statistics", house.staff("librarian"))["items"]
    assert {each["text"]["en"]: each["count"] for each in found["distractors"]} == {"c": 1, "a": 0, "b": 0}
