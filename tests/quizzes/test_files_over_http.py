"""Files of questions go in and out over HTTP: seen first, taken once, refused by the line."""

import pytest

from services.quizzes.codec import from_json
from services.quizzes.formats.catalogue import READERS, WRITERS
from services.quizzes.items import KINDS, Open, Picture
from services.quizzes.models import Item
from services.quizzes.models import Picture as StoredPicture
from services.quizzes.places import said
from services.quizzes.template import EXAMPLES
from tests.quizzes import making as make
from tests.quizzes.house import House
from tests.quizzes.test_pictures import png

GIFT = """// two good, one bad
::a:: Абай қай жылы туған? {#1845}

::b:: «Абай жолы» авторы? {=Әуезов ~Абай}

::c:: Бұл не? {~жоқ ~иә}
"""


def send(house: House, format: str, content: bytes, bank_id: str, **query: object):
    query |= {"format": format, "bank_id": bank_id}
    return house.ask("POST", "/items/import", house.staff("editor"), data=content, query_string=query)


def test_a_dry_run_shows_what_would_be_taken_and_saves_nothing(house: House):
    bank_id = make.bank(house)
    seen = send(house, "gift", GIFT.encode(), bank_id, dry_run=True)
    assert [(item["kind"], item["text"]["kk"], item["place"]) for item in seen["items"]] == [
        ("number", "Абай қай жылы туған?", "1"),
        ("single", "«Абай жолы» авторы?", "2"),
    ]
    assert (seen["taken"], seen["already"]) == (2, 0)
    assert [(each["place"], each["message"]) for each in seen["refused"]] == [
        ("line 6: choices", "There is no right answer.")
    ]
    assert house.rows(Item) == []


def test_a_dry_run_needs_no_bank_and_taking_does(house: House):
    asked = {"format": "gift", "dry_run": True}
    seen = house.ask("POST", "/items/import", house.staff("editor"), data=GIFT.encode(), query_string=asked)
    assert (seen["taken"], seen["already"], len(seen["refused"])) == (2, 0, 1)
    asked["dry_run"] = False
    answer = house.call("POST", "/items/import", house.staff("editor"), data=GIFT.encode(), query_string=asked)
    assert answer.status_code == 422 and list(answer.json["errors"]) == ["bank_id"]


def test_what_is_shown_of_each_question_first(house: House):
    file = WRITERS["csv"](EXAMPLES).content
    seen = send(house, "csv", file, make.bank(house), dry_run=True)["items"]
    lines = {item["kind"]: item["answers"] for item in seen}
    assert set(lines) == set(KINDS)
    assert lines["open"] == []
    assert {sum(line["right"] for line in lines[kind]) for kind in ("single", "true_false")} == {1}
    assert all(line["right"] for line in lines["ordering"])
    assert lines["ordering"][0]["text"]["kk"].startswith("1. ")
    assert {line["text"]["ru"] for line in lines["true_false"]} == {"Верно", "Неверно"}
    assert " – " in lines["matching"][0]["text"]["kk"]
    assert all(isinstance(text, str) for each in lines.values() for line in each for text in line["text"].values())


BROKEN = {
    "gift": "::c:: Бұл <b>не</b>? {~жоқ ~иә}\n\nСұрақ {=a",
    "aiken": "Бұл не?\nA) жоқ\nB) иә\nANSWER: C\n",
    "moodle": '<quiz><question type="cloze"><questiontext><text>Бұл не?</text></questiontext></question></quiz>',
    "csv": "kind,kk,ru,en\nsingle,Бұл не?,,\n",
}


@pytest.mark.parametrize("format", sorted(BROKEN))
def test_a_refused_question_is_known_by_its_words(house: House, format: str):
    refused = send(house, format, BROKEN[format].encode(), make.bank(house), dry_run=True)["refused"]
    assert refused[0]["snippet"].startswith("Бұл не")


@pytest.mark.parametrize(("language", "place"), [("kk", "6-жол, жауаптар"), ("ru", "строка 6, ответы")])
def test_places_are_said_in_the_language_of_who_asks(house: House, language: str, place: str):
    editor = house.staff("editor") | {"Accept-Language": language}
    query = {"format": "gift", "bank_id": make.bank(house)}
    seen = house.ask("POST", "/items/import", editor, data=GIFT.encode(), query_string=query)
    assert [each["place"] for each in seen["refused"]] == [place]


def test_places_in_words():
    assert said("line 3: choices.2.text.ru", "ru") == "строка 3, ответы 2, на русском"
    assert said("item 2: pairs.1.left.kk", "kk") == "2-сұрақ, жұптар 1, қазақша"
    assert said("a.xml: /assessmentItem[1]", "kk") == "a.xml, /assessmentItem[1]"
    assert said("line 3: choices", "en") == "line 3: choices"


QTI = """<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="c" title="c" adaptive="false"
 timeDependent="false"><responseDeclaration identifier="RESPONSE" cardinality="multiple" baseType="identifier"/>
<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/><itemBody>
<choiceInteraction responseIdentifier="RESPONSE" maxChoices="0"><prompt>Which chocolate?</prompt>
<simpleChoice identifier="A">a</simpleChoice><simpleChoice identifier="B">b</simpleChoice>
<simpleChoice identifier="C">c</simpleChoice></choiceInteraction></itemBody><responseProcessing><responseCondition>
<responseIf><or><match><variable identifier="RESPONSE"/><multiple><baseValue baseType="identifier">A</baseValue>
<baseValue baseType="identifier">B</baseValue></multiple></match><match><variable identifier="RESPONSE"/><multiple>
<baseValue baseType="identifier">A</baseValue><baseValue baseType="identifier">C</baseValue></multiple></match></or>
<setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue></responseIf>
</responseCondition></responseProcessing></assessmentItem>"""


def test_several_right_combinations_are_refused_for_what_they_are(house: House):
    (refused,) = send(house, "qti", QTI.encode(), make.bank(house), dry_run=True)["refused"]
    assert "several right combinations" in refused["message"]
    assert refused["snippet"].startswith("Which chocolate?")


def test_the_same_file_twice_adds_nothing(house: House):
    bank_id = make.bank(house)
    assert send(house, "gift", GIFT.encode() * 2, bank_id)["taken"] == 2
    again = send(house, "gift", GIFT.encode(), bank_id)
    assert (again["taken"], again["already"], len(again["refused"])) == (0, 2, 1)
    assert len(house.rows(Item)) == 2


@pytest.mark.parametrize("format", sorted(set(READERS) & set(WRITERS)))
def test_a_bank_goes_out_and_comes_in_again(house: House, format: str):
    editor = house.staff("editor")
    ids = make.items(house, EXAMPLES)
    bank_id = house.ask("GET", f"/items/{ids[0]}", editor)["bank_id"]
    query = {"format": format, "bank_id": bank_id}
    file = house.call("GET", "/items/export", editor, query_string=query)
    notes = house.ask("GET", "/items/export/notes", editor, query_string=query)
    assert int(file.headers["X-Export-Notes"]) == len(notes["refused"]) + len(notes["notes"])
    assert "attachment" in file.headers["Content-Disposition"]
    other = make.bank(house, "Another bank")
    taken = send(house, format, file.data, other)
    assert taken["taken"] == len(EXAMPLES) - len(notes["refused"])
    back = [from_json(row.body) for row in sorted(house.rows(Item, bank_id=other), key=lambda row: row.place)]
    assert {item.text for item in back} <= {item.text for item in EXAMPLES}
    assert len(back) == taken["taken"]


def test_a_picture_inside_a_file_is_stored_and_goes_out_again(house: House):
    item = Open(text=make.words("What is it?"), picture=Picture("sign.png", make.words("a sign"), png()))
    for format in ("qti", "moodle"):
        bank_id = make.bank(house, format)
        assert send(house, format, WRITERS[format]([item]).content, bank_id)["taken"] == 1
        (row,) = house.rows(Item, bank_id=bank_id)
        (stored,) = house.rows(StoredPicture)
        assert row.body["picture"]["source"] == f"/api/v1/quizzes/pictures/{stored.sha256}.png"
        query = {"format": format, "bank_id": bank_id}
        file = house.call("GET", "/items/export", house.staff("editor"), query_string=query)
        (back,) = READERS[format](file.data, "kk").items
        assert back.picture is not None
        assert back.picture.content == png()


def test_what_is_no_picture_is_left_out_and_said(house: House):
    item = Open(text=make.words("What is it?"), picture=Picture("sign.png", make.words("a sign"), b"<svg/>"))
    report = send(house, "qti", WRITERS["qti"]([item]).content, make.bank(house))
    assert report["taken"] == 1
    assert [(note["place"], note["message"]) for note in report["notes"]] == [
        ("1", "This is not a picture: send PNG, JPEG, GIF or WebP.")
    ]
    assert house.rows(Item)[0].body["picture"] is None


def test_a_quiz_goes_out_in_the_order_of_its_pools(house: House):
    quiz = make.draft(house, [make.single("One?"), make.single("Two?")])
    query = {"format": "csv", "quiz_id": quiz["id"]}
    file = house.call("GET", "/items/export", house.staff("editor"), query_string=query)
    assert [item.text.en for item in READERS["csv"](file.data, "kk").items] == ["One?", "Two?"]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_template_is_an_example_that_goes_in_whole(house: House, format: str):
    file = house.call("GET", f"/template.{format}", house.staff("editor"))
    report = send(house, format, file.data, make.bank(house))
    assert (report["taken"], report["refused"]) == (len(EXAMPLES), [])


def test_bad_files_and_queries_are_refused_clearly(house: House):
    editor, bank_id = house.staff("editor"), make.bank(house)
    query = {"format": "gift", "bank_id": bank_id}
    house.ask("POST", "/items/import", editor, 413, data=b" " * (10 * 1024 * 1024 + 1), query_string=query)
    house.ask("POST", "/items/import", editor, 422, data=b"", query_string=query | {"format": "doc"})
    not_text = send(house, "gift", b"\xff\xfe\xfa", bank_id)
    assert (not_text["taken"], len(not_text["refused"])) == (0, 1)
    broken = send(house, "moodle", b"<quiz><question>", bank_id)
    assert (broken["taken"], len(broken["refused"])) == (0, 1)
    house.ask("GET", "/items/export", editor, 422, query_string={"format": "gift"})
    house.ask("GET", "/items/export", editor, 404, query_string=query | {"bank_id": "0" * 32})
    both = query | {"quiz_id": "0" * 32}
    house.ask("GET", "/items/export", editor, 422, query_string=both)


def test_a_question_whose_answer_does_not_exist_is_refused(house: House):
    report = send(house, "aiken", "Сұрақ?\nA. бір\nB. екі\nANSWER: C\n".encode(), make.bank(house))
    assert (report["taken"], len(report["refused"])) == (0, 1)
