"""The desk's pages about quizzes, as forms: questions, files, terms, classes, paper, marking, results."""

from __future__ import annotations

import base64
import io
import re
from typing import Any
from uuid import uuid4

import pytest

from tests.gateway import quizzing
from tests.gateway.console import at_desk
from tests.gateway.house import GUARDIAN, House, Visitor, in_days, key_in, text_of
from tests.gateway.quizzing import CLOSED_KINDS, EVERY_KIND, OPEN, SINGLE, fields_in, filled
from tests.gateway.test_quiz_pages import begin, hand_in_all, play_all, question
from tests.support.eventually import eventually

GIFT = """::One:: Who wrote it? {=Kaisenov ~Abai}

::Two:: When? {#1918}

::Bad:: Which? {~a ~b}
"""
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def desk(quiz_house: House) -> Visitor:
    return at_desk(quiz_house, "editor", "librarian")


def items_of(house: House, bank_id: str) -> list[dict[str, Any]]:
    return list(house.library.items(f"/quizzes/items?bank_id={bank_id}"))


@pytest.mark.parametrize("item", EVERY_KIND, ids=lambda item: item["kind"])
def test_an_item_opened_and_saved_is_the_same_item(quiz_house: House, desk: Visitor, item: dict[str, Any]) -> None:
    bank_id, (item_id,) = quizzing.bank(quiz_house, [item], "round trip")
    before = items_of(quiz_house, bank_id)[0]
    page = desk.get(f"/staff/quizzes/items/{item_id}").text
    answer = desk.post(f"/staff/quizzes/items/{item_id}", data=fields_in(page, 'id="item"'))
    assert answer.location == f"/staff/quizzes/banks/{bank_id}"
    after = items_of(quiz_house, bank_id)[0]
    assert (after["item"], after["faults"]) == (before["item"], [])


def test_a_question_with_faults_is_kept_and_they_stand_at_their_fields(quiz_house: House, desk: Visitor) -> None:
    bank_id, _ = quizzing.bank(quiz_house, [], "faults")
    at = f"/staff/quizzes/items/new?kind=single&bank_id={bank_id}"
    fields = fields_in(desk.get(at).text, 'id="item"')
    fields["text.kk"] = fields["text.ru"] = "?"
    fields["choices.1.text.kk"] = "a"
    answer = desk.post("/staff/quizzes/items/new", data=fields)
    page = desk.get(answer.location).text
    assert re.search(r'data-wrong="choices"(?! hidden)>[^<]+<', page)
    assert re.search(r'id="choices.1.text.ru"[^>]* aria-invalid="true"', page)
    assert items_of(quiz_house, bank_id)[0]["item"]["choices"][0]["text"] == {"kk": "a"}


@pytest.mark.parametrize("share", ["half", "1/0"])
def test_a_share_that_nobody_can_read_is_named_at_its_field_and_nothing_is_lost(
    quiz_house: House, desk: Visitor, share: str
) -> None:
    bank_id, _ = quizzing.bank(quiz_house, [], "shares")
    at = f"/staff/quizzes/items/new?kind=single&bank_id={bank_id}"
    fields = filled(fields_in(desk.get(at).text, 'id="item"'), **{"choices.1.text.kk": "a", "choices.1.share": share})
    answer = desk.post("/staff/quizzes/items/new", data=fields)
    assert answer.status_code == 422
    assert re.search(r'data-wrong="choices.1.share"(?! hidden)>[^<]+<', answer.text)
    again = fields_in(answer.text, 'id="item"')
    assert (again["choices.1.share"], again["choices.1.text.kk"]) == (share, "a")


def test_what_is_typed_is_checked_at_its_field_without_saving(quiz_house: House, desk: Visitor) -> None:
    bank_id, (item_id,) = quizzing.bank(quiz_house, [SINGLE], "live")
    fields = fields_in(desk.get(f"/staff/quizzes/items/{item_id}").text, 'id="item"')
    for code in ("kk", "ru", "en"):
        fields[f"choices.2.text.{code}"] = ""
    fields["choices.3.text.ru"] = ""
    faults = desk.post("/staff/quizzes/items/check", data=fields).get_json()["faults"]
    assert [fault["field"] for fault in faults] == ["choices.3.text.ru"]
    fields["choices.3.share"] = "nonsense"
    refused = desk.post("/staff/quizzes/items/check", data=fields).get_json()["faults"]
    assert [fault["field"] for fault in refused] == ["choices.3.weight"]
    assert items_of(quiz_house, bank_id)[0]["version"] == 1


def test_somebody_elses_newer_change_is_not_written_over(quiz_house: House, desk: Visitor) -> None:
    _bank_id, (item_id,) = quizzing.bank(quiz_house, [SINGLE], "versions")
    stale = fields_in(desk.get(f"/staff/quizzes/items/{item_id}").text, 'id="item"')
    newer = stale.copy()
    newer["title"] = "newer"
    assert desk.post(f"/staff/quizzes/items/{item_id}", data=newer).status_code == 303
    assert desk.post(f"/staff/quizzes/items/{item_id}", data=stale).status_code == 412
    assert quiz_house.library.get(f"/quizzes/items/{item_id}")["item"]["title"] == "newer"


def test_a_picture_with_its_words_reaches_the_player(quiz_house: House, desk: Visitor) -> None:
    _bank_id, (item_id,) = quizzing.bank(quiz_house, [SINGLE], "picture")
    at = f"/staff/quizzes/items/{item_id}"
    fields = fields_in(desk.get(at).text, 'id="item"')
    sent = {**fields.to_dict(), "picture": (io.BytesIO(b"no picture"), "x.png", "image/png")}
    refused = desk.post(at, data=sent, content_type="multipart/form-data")
    assert refused.status_code in (415, 422)
    fields = filled(fields, **{f"picture.alt.{code}": f"Portrait {code}" for code in ("kk", "ru", "en")})
    sent = {**fields.to_dict(), "picture": (io.BytesIO(PIXEL), "x.png", "image/png")}
    assert desk.post(at, data=sent, content_type="multipart/form-data").status_code == 303
    saved = quiz_house.library.get(f"/quizzes/items/{item_id}")
    assert saved["faults"] == []

    made = quiz_house.library.post("/quizzes", _terms([item_id]), expect=201)
    quiz_house.library.post(f"/quizzes/{made['id']}/publish")
    visitor = quiz_house.client()
    form = question(visitor.get(begin(quiz_house, made["id"], visitor)).text)
    found = re.search(r'<img class="picture" src="([^"]+)" alt="Portrait en"', form)
    assert found
    assert visitor.get(found[1]).data == PIXEL


def _terms(ids: list[str]) -> dict[str, Any]:
    return {"title": quizzing.TITLE, "languages": ["kk", "ru", "en"], "pools": [{"item_ids": ids}]}


def send_file(desk: Visitor, text: str, **fields: str) -> Any:
    page = desk.get("/staff/quizzes/import").text
    sent = {"csrf": key_in(page), "language": "en", **fields, "file": (io.BytesIO(text.encode()), "questions.gift")}
    return desk.post("/staff/quizzes/import", data=sent, content_type="multipart/form-data")


def test_a_file_is_looked_at_before_anything_is_taken(quiz_house: House, desk: Visitor) -> None:
    bank_id, _ = quizzing.bank(quiz_house, [], "file")
    look = send_file(desk, GIFT, bank_id=bank_id)
    words = text_of(look.text)
    assert "2 questions would be taken" in words or "questions would be taken 2" in words
    assert "There is no right answer." in words and items_of(quiz_house, bank_id) == []
    refused, _, rows = look.text.partition('id="taken"')
    assert re.search(r'<q class="snippet">[^<]*Which\?', refused), "named by its words"
    assert "Kaisenov right" in text_of(rows) and "Abai right" not in text_of(rows) and "1918 right" in text_of(rows)
    taken = desk.post("/staff/quizzes/import", data=fields_in(look.text, "deeds-row"))
    assert taken.location == f"/staff/quizzes/banks/{bank_id}"
    assert len(items_of(quiz_house, bank_id)) == 2
    again = text_of(send_file(desk, GIFT, bank_id=bank_id).text)
    assert "are in the bank already 2" in again and "Take them" not in again


def test_a_file_that_cannot_be_read_says_why_and_keeps_what_was_chosen(quiz_house: House, desk: Visitor) -> None:
    bank_id, _ = quizzing.bank(quiz_house, [], "bad file")
    answer = send_file(desk, "no xml", bank_id=bank_id, format="moodle")
    assert answer.status_code in (200, 422) and len(items_of(quiz_house, bank_id)) == 0
    empty = send_file(desk, "", bank_id=bank_id)
    assert empty.status_code == 422 and "Choose a file that is not empty." in empty.text
    assert f'value="{bank_id}" selected' in empty.text
    large = send_file(desk, "x" * (4 * 1024 * 1024 + 1), bank_id=bank_id)
    assert "larger than 4 MB" in large.text


def test_looking_makes_no_bank_and_taking_makes_it(quiz_house: House, desk: Visitor) -> None:
    name = f"Looked at {uuid4()}"

    def banks() -> list[str]:
        return [each["name"] for each in quiz_house.library.get("/quizzes/banks")["items"]]

    look = send_file(desk, GIFT, new_bank=name)
    assert "questions would be taken" in text_of(look.text) and name not in banks()
    look = send_file(desk, GIFT, new_bank=name)
    taken = desk.post("/staff/quizzes/import", data=fields_in(look.text, "deeds-row"))
    bank_id = taken.location.rpartition("/")[2]
    assert len(items_of(quiz_house, bank_id)) == 2 and banks().count(name) == 1
    assert "There is a bank of this name already." in send_file(desk, GIFT, new_bank=name).text
    assert "Write a name for the new bank." in send_file(desk, GIFT, new_bank=" ").text


@pytest.mark.parametrize("kind", ["gift", "moodle", "qti", "csv", "xlsx"])
def test_a_bank_leaves_as_a_file_and_says_what_the_file_holds(quiz_house: House, desk: Visitor, kind: str) -> None:
    bank_id, _ = quizzing.bank(quiz_house, EVERY_KIND, f"export {kind}")
    file = desk.get(f"/staff/quizzes/export/{kind}?bank_id={bank_id}")
    assert len(file.data) > 200 and "attachment" in file.headers["Content-Disposition"]
    assert desk.get(f"/staff/quizzes/export/{kind}/notes?bank_id={bank_id}").status_code == 200
    assert len(desk.get("/staff/quizzes/template.csv").data) > 200


def test_terms_are_kept_and_a_wrong_one_is_named_at_its_field(quiz_house: House, desk: Visitor) -> None:
    quiz_id = quizzing.draft(
        quiz_house,
        CLOSED_KINDS,
        "terms",
        extra_time=[{"card_number": GUARDIAN, "percent": 50}],
        feedback=[{"from_percent": 0, "text": quizzing.TITLE}],
    )
    at = f"/staff/quizzes/{quiz_id}"
    before = quiz_house.library.get(f"/quizzes/{quiz_id}/whole")
    assert desk.post(at, data=fields_in(desk.get(at).text, "terms-form")).status_code == 303
    after = quiz_house.library.get(f"/quizzes/{quiz_id}/whole")
    assert {**after, "version": 0} == {**before, "version": 0}
    assert fields_in(desk.get(at).text, "terms-form")["feedback.1.from"] == "0"
    fields = fields_in(desk.get(at).text, "terms-form")
    fields["pass_percent"] = "many"
    fields["about.en"] = "still here"
    wrong = desk.post(at, data=fields)
    assert wrong.status_code == 422 and "still here" in wrong.text
    assert re.search(r'id="pass_percent"[^>]* aria-invalid="true"', wrong.text)


def test_a_class_gets_more_time_in_the_terms_of_a_quiz(quiz_house: House, desk: Visitor) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE], "class time", time_limit_minutes=20)
    made = quiz_house.library.post(
        "/quizzes/classes", {"name": "7 «Ә»", "school": "№ 3", "quiz_id": quiz_id}, expect=201
    )
    at, editor = f"/staff/quizzes/{quiz_id}", at_desk(quiz_house, "editor")
    page = editor.get(at).text
    assert f'<option value="{made["id"]}">7 «Ә», № 3</option>' in page and made["code"] not in page
    fields = filled(fields_in(page, "terms-form"), **{"extra.1.class": made["id"], "extra.1.percent": "50"})
    assert editor.post(at, data=fields).status_code == 303
    given = quiz_house.library.get(f"/quizzes/{quiz_id}/whole")["extra_time"]
    assert given == [{"class_id": made["id"], "percent": 50}]
    assert f'<option value="{made["id"]}" selected>' in editor.get(at).text

    child = quiz_house.client()
    page = child.get(begin(quiz_house, quiz_id, child, class_code=made["code"])).text
    assert "Time left, minutes: 30" in text_of(page)

    both = filled(fields_in(editor.get(at).text, "terms-form"), **{"extra.1.card": GUARDIAN})
    refused = editor.post(at, data=both)
    assert refused.status_code == 422 and re.search(
        r'id="extra_time.1-wrong"[^>]*>Name a card or a class.<', refused.text
    )


def test_questions_come_from_banks_and_one_by_one(quiz_house: House, desk: Visitor) -> None:
    bank_id, ids = quizzing.bank(quiz_house, CLOSED_KINDS, "source")
    quiz_id = quizzing.draft(quiz_house, [SINGLE], "target")
    at = f"/staff/quizzes/{quiz_id}/questions"
    fields = filled(fields_in(desk.get(at).text, 'class="fields"'), bank_id=bank_id, bank_draw="3")
    assert desk.post(at, data=fields).location == at
    pools = quiz_house.library.get(f"/quizzes/{quiz_id}/whole")["pools"]
    assert [(len(pool["item_ids"]), pool["draw"]) for pool in pools] == [(1, None), (7, 3)]
    fields = fields_in(desk.get(at).text, 'class="fields"')
    fields.setlist("remove", ids[:5])
    desk.post(at, data=fields)
    chosen = {"quiz_id": quiz_id, "bank_id": bank_id, "item_id": ids[0], "csrf": key_in(desk.get(at).text)}
    desk.post("/staff/quizzes/questions", data=chosen)
    pools = quiz_house.library.get(f"/quizzes/{quiz_id}/whole")["pools"]
    assert [len(pool["item_ids"]) for pool in pools] == [1, 2, 1]
    page = text_of(desk.get(f"/staff/quizzes/{quiz_id}/check").text)
    assert "fewer than the 3" in page and "Publish" not in page.partition("Check and publish")[2]


def test_a_quiz_is_published_closed_and_opened_again(quiz_house: House, desk: Visitor) -> None:
    quiz_id = quizzing.draft(quiz_house, [SINGLE], "life")
    at = f"/staff/quizzes/{quiz_id}/check"
    for deed, state in (("publish", "published"), ("close", "closed"), ("reopen", "published")):
        assert desk.send(at, f"/staff/quizzes/{quiz_id}/{deed}").location == at
        assert quiz_house.library.get(f"/quizzes/{quiz_id}/whole")["state"] == state
        if state == "closed":
            assert "This test is closed." in quiz_house.client().get(f"/quizzes/{quiz_id}").text
    refused = desk.get(desk.send(at, f"/staff/quizzes/{quiz_id}/delete").location)
    assert 'class="note refused"' in refused.text


def test_a_class_plays_by_its_code_and_its_teacher_sees_no_surnames(quiz_house: House, desk: Visitor) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE], "class")
    made = desk.send("/staff/quizzes/classes", "/staff/quizzes/classes", name="5 «Б»", school="№ 1", quiz_id=quiz_id)
    page = desk.get(made.location).text
    code = re.search(r'class="big-code">([^<]+)<', page)
    link = re.search(r'href="(/class/[^"]+)"', page)
    assert code and link
    child, teacher = quiz_house.signed_in("1002"), quiz_house.client()
    assert "Nobody of this class has begun yet." in teacher.get(link[1]).text
    path = begin(quiz_house, quiz_id, child, nickname="", class_code=code[1].lower())
    hand_in = play_all(child, path)
    child.send(hand_in, hand_in)
    words = text_of(teacher.get(link[1]).text)
    assert "Ерасыл has handed in 1 / 1" in words and "Серіков" not in words
    for ending, there in (("?search=5+б", True), (".csv?search=5+б", True), ("?search=10+я", False)):
        assert (code[1] in desk.get(f"/staff/quizzes/classes{ending}").text) == there, ending
    off = desk.send(made.location, f"{made.location}/off")
    assert code[1] not in teacher.get(link[1]).text
    page = desk.get(off.location).text
    assert "The code is switched off:" in text_of(page) and f'href="{link[1]}"' in page and code[1] not in page
    anew = desk.get(desk.send(off.location, f"{made.location}/link").location).text
    newer = re.search(r'href="(/class/[^"]+)"', anew)
    assert newer and newer[1] != link[1]
    assert teacher.get(link[1]).status_code == 404
    assert "Ерасыл has handed in" in text_of(teacher.get(newer[1]).text)
    assert code[1] not in desk.get("/staff/quizzes/classes.csv").text


def test_the_list_of_quizzes_is_a_file_too(quiz_house: House, desk: Visitor) -> None:
    title = quizzing.words("Тізім тесті", "Тест из списка", "Listed test")
    quizzing.published(quiz_house, [SINGLE], "listed", title=title)
    quizzing.draft(quiz_house, [SINGLE], "listed", title=title)
    lines = desk.get("/staff/quizzes.csv?search=listed").text.splitlines()
    assert lines[0].startswith("\ufeffTitle,State,Questions")
    assert sorted(line.split(",")[1] for line in lines[1:]) == ["draft", "published"]


def test_answers_on_paper_are_graded_like_others(quiz_house: House, desk: Visitor) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE, OPEN], "paper")
    at = f"/staff/quizzes/{quiz_id}/paper"
    page = desk.get(at).text
    fields = filled(fields_in(page, 'class="fields"'), nickname=quizzing.nickname())
    row = next(row for row in re.findall(r"<label.*?</label>", page, re.DOTALL) if "Kasym Kaisenov" in row)
    found = re.search(r'name="([^"]+)" value="([^"]+)"', row)
    area = re.search(r'<textarea id="[^"]+" name="([^"]+)"', page)
    assert found and area
    fields = filled(fields, **{found[1]: found[2], area[1]: "Ерлікке"})
    said = text_of(desk.get(desk.post(at, data=fields).location).text)
    assert "some of them a librarian has still to read" in said
    nobody = filled(fields_in(desk.get(at).text, 'class="fields"'), card_number="no such card")
    assert 'id="wrong"' in desk.post(at, data=nobody).text


def test_a_pile_of_sheets_of_a_class_keeps_class_and_day(quiz_house: House, desk: Visitor) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE], "pile", opens_on=in_days(-3))
    made = quiz_house.library.post("/quizzes/classes", {"name": "6 «Г»", "quiz_id": quiz_id}, expect=201)
    at, pupil = f"/staff/quizzes/{quiz_id}/paper", quizzing.nickname()
    fields = filled(
        fields_in(desk.get(at).text, 'class="fields"'), nickname=pupil, class_id=made["id"], written_on=in_days(-1)
    )
    answer = desk.post(at, data=fields)
    assert answer.status_code == 303, text_of(answer.text)
    page = desk.get(answer.location).text
    assert f'<option value="{made["id"]}" selected>' in page
    assert re.search(rf'name="written_on"[^>]*value="{in_days(-1)}"', page)
    assert pupil in quiz_house.client().get(f"/class/{made['teacher_link']}").text
    early = desk.post(at, data=filled(fields, nickname=quizzing.nickname(), written_on=in_days(-5)))
    assert early.status_code == 422 and 'id="wrong"' in early.text


def test_open_answers_are_read_without_names_and_the_reader_sees_the_points(quiz_house: House, desk: Visitor) -> None:
    quiz_id = quizzing.published(quiz_house, [OPEN], "marking")
    reader = quiz_house.signed_in(GUARDIAN)
    path = begin(quiz_house, quiz_id, reader, nickname="")
    hand_in = play_all(reader, path)
    result = reader.send(hand_in, hand_in).location
    assert "A librarian reads by hand, answers: 1" in text_of(reader.get(result).text)
    at = f"/staff/quizzes/marking?quiz_id={quiz_id}"
    page = desk.get(at).text
    assert "Courage" in page and "Айгүл" not in page
    assert f'<option value="{quiz_id}" selected>' in page
    waiting = desk.get(at.replace("?", ".csv?")).get_data(as_text=True)
    assert "Courage" in waiting and "Айгүл" not in waiting
    fields = filled(fields_in(page, 'class="work-row"'), points="9")
    assert 'class="note refused"' in desk.get(desk.post("/staff/quizzes/marking", data=fields).location).text
    fields = filled(fields, points="0,5")
    assert "No answer is waiting." in desk.get(desk.post("/staff/quizzes/marking", data=fields).location).text
    assert "Points: 0.5 of 1" in text_of(reader.get(result).text)


def test_statistics_nicknames_grading_anew_and_the_file(quiz_house: House, desk: Visitor) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE], "results")
    visitor, nickname = quiz_house.client(), quizzing.nickname()
    path = begin(quiz_house, quiz_id, visitor, nickname=nickname)
    hand_in = play_all(visitor, path)
    visitor.send(hand_in, hand_in)
    at = f"/staff/quizzes/{quiz_id}/statistics"
    page = desk.get(at).text
    assert re.search(r'<text class="count"[^>]*>1</text>', page) and re.search(
        r'<text class="axis"[^>]*>1</text>', page
    )
    assert "Too few answers to say more." in text_of(page)
    assert '<rect class="bar"' in page and "The same as a table" in page and "100 %" in text_of(page)
    assert len(desk.get(f"/staff/quizzes/{quiz_id}/results.csv").text.splitlines()) == 2

    names = f"/staff/quizzes/{quiz_id}/nicknames"
    listed = desk.get(names).text
    assert nickname in listed and re.search(r'data-column="Points"[^>]*><div>1<', listed)
    assert nickname in desk.get(f"{names}?search={nickname}&hidden=false").text
    assert nickname not in desk.get(f"{names}?hidden=true").text
    assert nickname in desk.get(f"{names}.csv").get_data(as_text=True)
    hidden = desk.post(names, data=fields_in(listed, 'class="hide"'))
    assert "Hide" not in text_of(desk.get(hidden.location).text).partition("What to do")[2].replace("hidden", "")

    desk.send(at, f"/staff/quizzes/{quiz_id}/regrade", reason="A comma was wrong")
    eventually(lambda: quiz_house.library.get(f"/quizzes/{quiz_id}/regrades")["items"][0]["state"] == "done", 30)
    assert "A comma was wrong" in text_of(desk.get(at).text)


def test_certificates_no_longer_deserved_are_counted_and_withdrawn(quiz_house: House, desk: Visitor) -> None:
    _bank_id, (item_id,) = quizzing.bank(quiz_house, [SINGLE], "mended")
    made = quiz_house.library.post(
        "/quizzes", _terms([item_id]) | {"certificate": True, "pass_percent": 50}, expect=201
    )
    quiz_house.library.post(f"/quizzes/{made['id']}/publish")
    visitor = quiz_house.client()
    result = hand_in_all(visitor, begin(quiz_house, made["id"], visitor))
    to = result.replace("/result", "/certificate")
    visitor.send(result, to, name="Алия", language="kk", sure="yes")
    code = re.search(r'href="(/c/[^"]+)"', visitor.get(result).text)
    assert code

    swapped = [dict(each, weight=weight) for each, weight in zip(SINGLE["choices"], "0100", strict=True)]
    mended = {"item": SINGLE | {"choices": swapped}}
    quiz_house.library.call("PATCH", f"/quizzes/items/{item_id}", json_body=mended)
    at = f"/staff/quizzes/{made['id']}/statistics"
    desk.send(at, f"/staff/quizzes/{made['id']}/regrade", reason="The second was right")
    eventually(lambda: quiz_house.library.get(f"/quizzes/{made['id']}/regrades")["items"][0]["undeserved"] == 1, 30)
    page = desk.get(at).text
    assert "Withdraw these certificates: 1" in text_of(page)
    deed = re.search(r'action="([^"]+/withdraw-certificates)"', page)
    assert deed
    assert "Certificates withdrawn: 1" in text_of(desk.get(desk.send(at, deed[1]).location).text)
    assert "This certificate has been withdrawn" in quiz_house.client("en").get(code[1]).text


def test_each_role_finds_its_own_pages(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE], f"roles {uuid4().hex[:4]}")
    editing = ["/staff/quizzes/new", "/staff/quizzes/banks", "/staff/quizzes/import", f"/staff/quizzes/{quiz_id}"]
    lending = ["/staff/quizzes/marking", "/staff/quizzes/classes", "/staff/quizzes/certificates"]
    lending += [f"/staff/quizzes/{quiz_id}/paper", f"/staff/quizzes/{quiz_id}/nicknames"]
    both = ["/staff/quizzes", f"/staff/quizzes/{quiz_id}/statistics"]
    editor, librarian = at_desk(quiz_house, "editor"), at_desk(quiz_house, "librarian")
    assert {editor.get(path).status_code for path in editing + both} == {200}
    assert {librarian.get(path).status_code for path in lending + both} == {200}
    assert {editor.get(path).status_code for path in lending} == {403}
    assert {librarian.get(path).status_code for path in editing} == {403}
    for visitor in (editor, librarian):
        shown = visitor.get("/staff/quizzes").text + visitor.get(f"/staff/quizzes/{quiz_id}/statistics").text
        offered = set(re.findall(r'<li><a href="(/staff/quizzes[^"]*)"', shown))
        assert len(offered) > 3 and {visitor.get(path).status_code for path in offered} == {200}
