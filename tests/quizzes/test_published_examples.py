"""The examples of the formats' own documentation, in words of our own."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from services.quizzes.formats.aiken import read_aiken
from services.quizzes.formats.gift_reading import read_gift
from services.quizzes.formats.moodle_reading import read_moodle
from services.quizzes.formats.qti_reading import read_qti
from services.quizzes.items import (
    Accepted,
    AcceptedNumber,
    Choice,
    Matching,
    Multiple,
    Number,
    Open,
    Ordering,
    Picture,
    ShortText,
    Single,
    Texts,
    TrueFalse,
    even_pairs,
)

FILES = Path(__file__).parent / "files"


def en(text):
    return Texts(en=text)


@pytest.fixture(scope="module")
def gift():
    return read_gift((FILES / "gift_documented.txt").read_bytes(), "en")


def named(imported, title):
    return next(item for item in imported.items if item.title == title)


def saying(imported, words):
    return next(item for item in imported.items if words in item.text.en)


def test_gift_takes_every_kind_of_the_documentation(gift):
    kinds = {type(item) for item in gift.items}
    assert kinds == {Single, Multiple, TrueFalse, ShortText, Number, Matching, Open}
    assert len(gift.items) == 30
    assert {item.category for item in gift.items} == {"Kitaphana/GIFT"}


def test_gift_refuses_only_the_description(gift):
    (fault,) = gift.refused
    assert fault.place == "line 132"
    assert "description" in fault.message


def test_gift_says_what_markup_was_left_out(gift):
    assert [(note.place, note.values["names"]) for note in gift.notes] == [("line 65", "Markdown"), ("line 112", "b")]


def test_gift_true_and_false(gift):
    assert named(gift, "Q1") == TrueFalse(text=en("1+1=2"), title="Q1", category="Kitaphana/GIFT", right=True)
    west = saying(gift, "west")
    assert (west.right, west.feedback_true, west.feedback_false) == (False, en("No, in the east."), en("Right!"))
    assert named(gift, "Q9").feedback == en("This is, of course, from a book.")


def test_gift_choices_with_feedback(gift):
    assert named(gift, "Q2").choices == (
        Choice(en("yellow"), Fraction(1), en("right; good!")),
        Choice(en("red"), Fraction(0), en("wrong, it is yellow")),
        Choice(en("blue"), Fraction(0), en("wrong, it is yellow")),
    )


def test_gift_missing_word(gift):
    assert saying(gift, "Nauryz").text == en("The spring holiday of Nauryz is on the _____ of March.")
    assert [choice.weight for choice in saying(gift, "Nauryz").choices] == [0, 1, 0]


def test_gift_fill_in_the_blank(gift):
    assert named(gift, "Q3").text == en("Two plus _____ equals four.")
    assert named(gift, "Q3").accepted == (Accepted("two"), Accepted("2"))


def test_gift_matching(gift):
    pairs = [(en("cat"), en("cat food")), (en("dog"), en("dog food"))]
    assert named(gift, "Q4").pairs == even_pairs(pairs)
    activities = named(gift, "Activities")
    assert len(activities.pairs) == 4
    assert activities.extra == (en("Chat"),)


def test_gift_numbers(gift):
    assert named(gift, "Q5").accepted == (AcceptedNumber(Decimal(3), Decimal(2)),)
    assert named(gift, "Q6").accepted == (AcceptedNumber(Decimal(3), Decimal(2)),)
    assert saying(gift, "pi (to").accepted == (AcceptedNumber(Decimal("3.1415"), Decimal("0.0005")),)
    exact, near = saying(gift, "Kaisenov born").accepted
    assert (exact.value, exact.tolerance, exact.weight) == (1918, 0, 1)
    assert (near.tolerance, near.weight) == (2, Fraction(1, 2))
    assert near.feedback == en("He was born in 1918. You get 50% credit for being close.")
    assert named(gift, "Wrong number").feedback_wrong == en("Completely wrong")


def test_gift_weights(gift):
    choice, typed = [item for item in gift.items if item.title == "Home town"]
    assert [each.weight for each in choice.choices] == [0, Fraction(1, 4), Fraction(1, 2), 1]
    assert [each.weight for each in typed.accepted] == [1, Fraction(3, 4), Fraction(1, 4)]
    assert isinstance(saying(gift, "two lands"), Multiple)
    assert [each.weight for each in saying(gift, "two lands").choices] == [
        Fraction(-1, 2),
        Fraction(1, 2),
        Fraction(1, 2),
        Fraction(-1, 2),
    ]
    animal = named(gift, "Shortanswer")
    assert animal.feedback_wrong == en("Completely wrong")
    assert [each.text for each in animal.accepted] == ["Frog", "Cat"]


def test_gift_escapes(gift):
    assert [each.text.en for each in saying(gift, "equals 5").choices] == ["= 2 + 2", "= 2 + 3", "= 2 + 4"]
    characters = named(gift, "GIFT Control Characters")
    assert [each.text.en for each in characters.choices] == ["~", "=", "#", "{", "}", "\\"]
    assert characters.choices[5].feedback == en("Right! \\ (backslash) is not, BUT it escapes the others.")


def test_aiken():
    first, second = read_aiken((FILES / "aiken_documented.txt").read_bytes(), "en").items
    assert [each.weight for each in first.choices] == [0, 0, 0, 1]
    assert second.choices == (Choice(en("This one"), Fraction(1)), Choice(en("The next one")))


def test_aiken_takes_the_good_and_names_the_lines_of_the_rest():
    read = read_aiken((FILES / "aiken_with_faults.txt").read_bytes(), "en")
    assert [item.text.en for item in read.items] == ["A good question", "A second good question"]
    assert [fault.place for fault in read.refused] == ["line 1: choices", "line 5", "line 7", "line 14"]


@pytest.fixture(scope="module")
def moodle():
    return read_moodle((FILES / "moodle_documented.xml").read_bytes(), "en")


def test_moodle_takes_the_kinds_that_have_their_like_here(moodle):
    kinds = [TrueFalse, Multiple, ShortText, Number, Matching, Ordering, Open]
    assert [type(item) for item in moodle.items] == kinds
    assert {item.category for item in moodle.items} == {"$course$/Alpha"}


def test_moodle_refuses_the_rest_with_place_and_type(moodle):
    found = [(fault.place, fault.values["kind"]) for fault in moodle.refused]
    assert found == [("line 45, /quiz/question[9]", "cloze"), ("line 46, /quiz/question[10]", "description")]
    assert [note.values["names"] for note in moodle.notes] == ["b", "correctfeedback"]


def test_moodle_thirds_languages_and_pictures(moodle):
    item = moodle.items[1]
    assert item.text == Texts(kk="Қайсысы?", ru="Какие?")
    assert [choice.weight for choice in item.choices] == [Fraction(1, 3)] * 3 + [Fraction(-1)]
    assert item.picture == Picture("sign 1.png", Texts(kk="A sign", ru="A sign"), b"\x89PNG\r\n\x1a\n")
    assert item.points == 2


def test_moodle_order_is_kept_as_fractions(moodle):
    assert moodle.items[5].entries == (en("Plough"), en("Harrow"), en("Sow"))


def qti(name):
    return read_qti((FILES / name).read_bytes(), "en")


VERSIONS = ["qti_2_1", "qti_3_0"]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_qti_example_is_taken(version):
    for path in (FILES / version).glob("[!r]*.xml"):
        assert len(qti(path).items) == 1, path


def test_qti_2_2_has_the_names_of_2_1():
    words = (FILES / "qti_2_1/choice.xml").read_text().replace("imsqti_v2p1", "imsqti_v2p2")
    assert read_qti(words.encode(), "en").items == qti("qti_2_1/choice.xml").items


@pytest.mark.parametrize("version", VERSIONS)
def test_qti_choices(version):
    (item,) = qti(f"{version}/choice.xml").items
    assert item.text == en("Look at the text in the picture.\nWhat is meant?")
    assert item.picture == Picture("images/sign.png", en("NEVER LEAVE LUGGAGE UNATTENDED"))
    assert [choice.weight for choice in item.choices] == [1, 0, 0]
    (item,) = qti(f"{version}/choice_multiple.xml").items
    assert item.points == 2
    half = Fraction(1, 2)
    assert [choice.weight for choice in item.choices] == [half, -1, -1, half, -1, -half]
    assert len(qti(f"{version}/choice_fixed.xml").notes) == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_qti_order(version):
    (item,) = qti(f"{version}/order.xml").items
    assert item.entries == (en("Schumacher"), en("Barrichello"), en("Button"))
    (note,) = qti(f"{version}/order_partial_scoring.xml").notes
    assert "scoring rules" in note.message


@pytest.mark.parametrize("version", VERSIONS)
def test_qti_match_and_associate(version):
    (item,) = qti(f"{version}/match.xml").items
    third, sixth = Fraction(1, 3), Fraction(1, 6)
    assert [pair.weight for pair in item.pairs] == [third, sixth, sixth, third]
    assert [pair.right.en for pair in item.pairs] == [
        "Romeo and Juliet",
        "A Midsummer-Night's Dream",
        "A Midsummer-Night's Dream",
        "The Tempest",
    ]
    (item,) = qti(f"{version}/associate.xml").items
    assert [(pair.left.en, pair.right.en) for pair in item.pairs] == [
        ("Antonio", "Prospero"),
        ("Capulet", "Montague"),
        ("Demetrius", "Lysander"),
    ]
    assert item.points == 4


@pytest.mark.parametrize("version", VERSIONS)
def test_qti_text_entry_and_extended_text(version):
    (item,) = qti(f"{version}/text_entry.xml").items
    assert "this sun of _____;\nAnd all" in item.text.en
    assert item.accepted == (Accepted("York"), Accepted("york", Fraction(1, 2)))
    assert item.match_case
    (item,) = qti(f"{version}/extended_text.xml").items
    assert item.picture == Picture("images/postcard.png", en("A postcard of a town."))


@pytest.mark.parametrize(("name", "place"), [("slider", "sliderInteraction[1]"), ("two_questions", "Interaction[2]")])
def test_qti_refuses_the_rest_with_its_place(name, place):
    read = qti(f"qti_2_1/refused_{name}.xml")
    (fault,) = read.refused
    assert read.items == []
    assert fault.place.startswith("line 6, /assessmentItem/itemBody[1]/")
    assert fault.place.endswith(place)
