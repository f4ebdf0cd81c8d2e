"""Editors keep banks and questions; what is wrong is named, what was shown is never lost."""

import pytest

from services.quizzes.codec import to_json
from services.quizzes.items import Single, Texts
from services.quizzes.models import Item, ItemVersion
from tests.quizzes import making as make
from tests.quizzes.house import House
from tests.quizzes.test_pictures import png


@pytest.fixture
def editor(house: House) -> dict[str, str]:
    return house.staff("editor")


def body(**changes: object) -> dict[str, object]:
    return to_json(make.single()) | changes


def test_a_bank_is_named_once_renamed_counted_and_deleted(house: House, editor: dict[str, str]):
    first = house.ask("POST", "/banks", editor, 201, json={"name": "Абай"})
    house.ask("POST", "/banks", editor, 409, json={"name": "Абай"})
    house.ask("PATCH", f"/banks/{first['id']}", editor, json={"name": "Абай жолы"})
    make.items(house, [make.single()], first["id"])
    assert house.ask("GET", "/banks", editor)["items"] == [{"id": first["id"], "name": "Абай жолы", "items": 1}]
    house.ask("DELETE", f"/banks/{first['id']}", editor, 204)
    assert house.ask("GET", "/banks", editor)["items"] == []
    house.ask("PATCH", f"/banks/{first['id']}", editor, 404, json={"name": "x"})


def test_what_is_made_is_found_at_the_address_it_was_given(house: House, editor: dict[str, str]):
    clerk, bank_id = house.staff("librarian"), make.bank(house)
    quiz = make.published(house)
    sheet = {"nickname": make.nickname(), "language": "kk", "answers": {}}
    made = [
        (editor, house.call("POST", "/banks", editor, json={"name": "Шоқан"})),
        (editor, house.call("POST", "/items", editor, json={"bank_id": bank_id, "item": body()})),
        (editor, house.call("POST", "", editor, json={"title": {"kk": "Тест"}})),
        (editor, house.call("POST", "/pictures", editor, data=png(4, 4))),
        (clerk, house.call("POST", "/classes", clerk, json={"name": "5 «А»"})),
        (clerk, house.call("POST", f"/{quiz['id']}/paper", clerk, json=sheet)),
        (house.guest("g" * 32), _begun(house, quiz["id"], house.guest("g" * 32))),
    ]
    for who, answer in made:
        assert answer.status_code == 201, answer.text
        path = answer.headers["Location"].removeprefix("/api/v1/quizzes")
        assert house.call("GET", path, who).status_code == 200, path


def _begun(house: House, quiz_id: str, who: dict[str, str]):
    return house.call("POST", f"/{quiz_id}/attempts", who, json={"language": "kk", "nickname": make.nickname()})


def test_a_question_with_faults_may_be_kept_and_names_them(house: House, editor: dict[str, str]):
    wrong = body(choices=[{"text": {"kk": "бір"}, "weight": "1/2"}, {"text": {"kk": "екі", "ru": "два"}}])
    made = house.ask("POST", "/items", editor, 201, json={"bank_id": make.bank(house), "item": wrong})
    places = {fault["place"] for fault in made["faults"]}
    assert {"choices", "choices.1.text.ru", "choices.2.text.en"} <= places
    assert (made["kind"], made["languages"], made["used_by"], made["version"]) == ("single", ["kk", "ru", "en"], [], 1)


def test_a_question_is_checked_while_it_is_written_and_nothing_is_kept(house: House, editor: dict[str, str]):
    wrong = body(choices=[{"text": {"kk": "бір"}, "weight": "1/2"}, {"text": {"kk": "екі"}}])
    checked = house.ask("POST", "/items/check", editor, json={"item": wrong})
    assert "choices.1.text.ru" in {fault["place"] for fault in checked["faults"]}
    assert house.ask("POST", "/items/check", editor, json={"item": body()})["faults"] == []
    unreadable = house.ask("POST", "/items/check", editor, 422, json={"item": body(points="many")})
    assert list(unreadable["errors"]) == ["item.points"]
    assert house.ask("GET", "/items?search=екі", editor)["items"] == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "essay"}, "item.kind"),
        ({"choices": "none"}, "item.choices"),
        ({"choices": [{"text": {"kk": "а"}, "weight": "half"}]}, "item.choices.1.weight"),
        ({"text": {"kk": 5}}, "item.text.kk"),
        ({"points": "many"}, "item.points"),
    ],
)
def test_what_is_no_question_is_refused_by_its_field(house: House, editor: dict[str, str], wrong, field):
    answer = house.ask("POST", "/items", editor, 422, json={"bank_id": make.bank(house), "item": body(**wrong)})
    assert list(answer["errors"]) == [field]


def test_a_question_changes_by_versions_and_not_by_two_at_once(house: House, editor: dict[str, str]):
    (item_id,) = make.items(house, [make.single()])
    shown = house.call("GET", f"/items/{item_id}", editor)
    match = {"If-Match": shown.headers["ETag"]}
    changed = {"item": to_json(make.single("Who wrote it?"))}
    assert house.ask("PATCH", f"/items/{item_id}", editor, json=changed, headers=match)["version"] == 2
    house.ask("PATCH", f"/items/{item_id}", editor, 412, json=changed, headers=match)
    assert house.ask("PATCH", f"/items/{item_id}", editor, json=changed)["version"] == 2, "the same again is no version"
    texts = {row.version: row.body["text"]["en"] for row in house.rows(ItemVersion, item_id=item_id)}
    assert texts == {1: "Who?", 2: "Who wrote it?"}


def test_a_published_question_may_be_corrected_but_keeps_its_parts_and_stays_without_faults(house, editor):
    quiz = make.published(house, [make.single("Who?", "Abai", "Pushkin", "Goethe")])
    (item_id,) = quiz["pools"][0]["item_ids"]
    fewer = to_json(make.single("Who?", "Abai", "Pushkin"))
    assert "take none away" in str(house.ask("PATCH", f"/items/{item_id}", editor, 422, json={"item": fewer}))
    other = to_json(make.ONE_OF_EACH[2])
    house.ask("PATCH", f"/items/{item_id}", editor, 422, json={"item": other})
    faulty = to_json(Single(text=Texts(kk="?"), choices=make.single().choices))
    refused = house.ask("PATCH", f"/items/{item_id}", editor, 422, json={"item": faulty})
    assert "item.text.ru" in refused["errors"]
    better = to_json(make.single("Who is it?", "Abai", "Pushkin", "Goethe", "Auezov"))
    assert house.ask("PATCH", f"/items/{item_id}", editor, json={"item": better})["version"] == 2


def test_a_question_in_use_is_not_deleted(house: House, editor: dict[str, str]):
    quiz = make.draft(house, [make.single()])
    (item_id,) = quiz["pools"][0]["item_ids"]
    shown = house.ask("GET", f"/items/{item_id}", editor)
    assert shown["used_by"] == [quiz["id"]]
    house.ask("DELETE", f"/items/{item_id}", editor, 409)
    house.ask("DELETE", f"/banks/{shown['bank_id']}", editor, 409)
    house.ask("DELETE", f"/{quiz['id']}", editor, 204)
    house.ask("DELETE", f"/items/{item_id}", editor, 204)
    assert house.rows(Item) == house.rows(ItemVersion) == []


def test_questions_are_found_by_words_as_people_type_them_and_come_in_pages(house: House, editor: dict[str, str]):
    bank_id = make.bank(house)
    given = [make.single(f"Question {at}") for at in range(5)]
    kazakh = Single(text=Texts(kk="Қасым Қайсенов қайда туған?"), choices=make.single().choices)
    ids = make.items(house, [*given, kazakh], bank_id)
    (found,) = house.ask("GET", "/items", editor, query_string={"search": "касым туган"})["items"]
    assert found["id"] == ids[5]
    seen, cursor = [], {}
    while True:
        page = house.ask("GET", "/items", editor, query_string={"bank_id": bank_id, "limit": 2} | cursor)
        seen += [item["id"] for item in page["items"]]
        if not page["next"]:
            break
        cursor = {"cursor": page["next"]}
    assert seen == ids
    assert house.ask("GET", "/items", editor, query_string={"kind": "open"})["items"] == []
    quiz = make.draft(house, pools=[{"item_ids": [ids[4], ids[1]]}])
    in_quiz = house.ask("GET", "/items", editor, query_string={"quiz_id": quiz["id"]})["items"]
    assert [item["id"] for item in in_quiz] == [ids[1], ids[4]]


def test_an_unknown_bank_is_a_fault_of_the_field(house: House, editor: dict[str, str]):
    nowhere = "00000000-0000-0000-0000-000000000009"
    answer = house.ask("POST", "/items", editor, 422, json={"bank_id": nowhere, "item": body()})
    assert list(answer["errors"]) == ["bank_id"]
