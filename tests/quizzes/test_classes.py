"""Classes by code, with their teacher's page."""

import pytest

from tests.quizzes import making
from tests.quizzes.attempting import played, start
from tests.quizzes.house import House

RIGHT = {"First?": "Abai", "Second?": "Abai"}


@pytest.fixture
def quiz(house: House):
    return making.published(house)


def make(house, **given):
    body = {"name": "5 «А»", "school": "№ 12 мектеп"} | given
    return house.ask("POST", "/classes", house.staff("librarian"), 201, json=body)


def view(house, link, status=None):
    return house.ask("GET", f"/classes/by-link/{link}", house.token("service"), status)


def test_pupils_join_by_code_and_the_teacher_sees_how_far_they_are(house, quiz):
    house.registered("R-1", given_name="Дана", family_name="Сүлейменова")
    one = make(house, quiz_id=quiz["id"])
    assert len(one["code"]) == 6
    assert not set(one["code"]) & set("IO01L")
    assert len(one["teacher_link"]) >= 32
    played(house, quiz["id"], house.reader("R-1"), RIGHT, class_code=one["code"].lower())
    start(house, quiz["id"], house.guest(), nickname="бүркіт", class_code=one["code"])
    start(house, quiz["id"], house.guest(), nickname="not of the class")
    shown = view(house, one["teacher_link"])
    assert (shown["name"], shown["school"], shown["quiz"]["id"]) == ("5 «А»", "№ 12 мектеп", quiz["id"])
    pupils = {each["name"]: (each["state"], each["points"], each["of"]) for each in shown["pupils"]}
    assert pupils == {"Дана": ("graded", 2.0, 2.0), "бүркіт": ("open", None, None)}
    assert "Сүлейменова" not in str(shown)
    assert "R-1" not in str(shown)


def test_a_hidden_nickname_is_hidden_from_the_teacher_too(house, quiz):
    one = make(house)
    attempt = start(house, quiz["id"], house.guest(), nickname="бүркіт", class_code=one["code"])
    house.ask("POST", "/nicknames/hide", house.staff("librarian"), json={"attempt_id": attempt["id"]})
    (pupil,) = view(house, one["teacher_link"])["pupils"]
    assert pupil["name"] == ""


def test_a_code_that_is_off_takes_nobody_and_the_teacher_goes_on_reading(house, quiz):
    one = make(house, quiz_id=quiz["id"])
    house.ask("DELETE", f"/classes/{one['id']}", house.staff("librarian"))
    body = {"language": "en", "class_code": one["code"]}
    refused = house.ask("POST", f"/{quiz['id']}/attempts", house.guest(), 422, json=body)
    assert "class_code" in refused["errors"]
    assert view(house, one["teacher_link"])["code"] is None
    (listed,) = house.ask("GET", "/classes", house.staff("librarian"))["items"]
    assert listed["ended_at"]


def test_a_new_link_ends_the_old_one(house):
    one = make(house)
    again = house.ask("POST", f"/classes/{one['id']}/link", house.staff("librarian"))
    assert again["teacher_link"] != one["teacher_link"]
    view(house, one["teacher_link"], 404)
    assert view(house, again["teacher_link"])["pupils"] == []


def test_a_code_of_another_quiz_does_not_open_this_one(house, quiz):
    one = make(house, quiz_id=making.published(house)["id"])
    body = {"language": "en", "class_code": one["code"]}
    house.ask("POST", f"/{quiz['id']}/attempts", house.guest(), 422, json=body)


def test_who_may_make_classes_and_see_them(house, quiz):
    for who in (house.staff("editor"), house.reader("R-1"), house.guest()):
        assert house.call("POST", "/classes", who, json={"name": "5"}).status_code in (401, 403)
    one = make(house)
    assert house.call("GET", f"/classes/by-link/{one['teacher_link']}", house.guest()).status_code in (401, 403)
    librarian = house.staff("librarian")
    assert (
        "quiz_id" in house.ask("POST", "/classes", librarian, 422, json={"name": "5", "quiz_id": one["id"]})["errors"]
    )
    draft = making.draft(house)
    house.ask("POST", "/classes", librarian, 422, json={"name": "5", "quiz_id": draft["id"]})


def test_the_classes_that_may_take_a_quiz_are_named_without_code_or_link(house, quiz):
    librarian, editor = house.staff("librarian"), house.staff("editor")
    own, free = make(house, quiz_id=quiz["id"]), make(house)
    make(house, quiz_id=making.published(house)["id"])
    ended = [make(house), make(house)]
    for one in ended:
        house.ask("DELETE", f"/classes/{one['id']}", librarian)
    extra = [{"class_id": ended[0]["id"], "percent": 50}]
    house.ask("PATCH", f"/{quiz['id']}", editor, json={"extra_time": extra})
    listed = house.ask("GET", f"/{quiz['id']}/classes", editor)["items"]
    assert {each["id"] for each in listed} == {ended[0]["id"], free["id"], own["id"]}
    assert {name for each in listed for name in each} == {"id", "name", "school"}
    assert house.call("GET", f"/{quiz['id']}/classes", house.reader("R-1")).status_code == 403


def test_classes_come_in_pages(house):
    made = [make(house, name=f"{n} «А»")["id"] for n in range(5)]
    seen, cursor = [], None
    while cursor or not seen:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        answered = house.ask("GET", "/classes", house.staff("librarian"), query_string=query)
        seen += [each["id"] for each in answered["items"]]
        cursor = answered["next"]
    assert seen == made[::-1]


def test_a_class_is_found_by_its_name_or_school_and_shown_to_whose_it_is(house, quiz):
    first, second = make(house, name="5 «Ә»", school="№ 7 мектеп"), make(house, name="6 «Б»", school="№ 1")
    librarian = house.staff("librarian")

    def found(search):
        return [
            each["id"] for each in house.ask("GET", "/classes", librarian, query_string={"search": search})["items"]
        ]

    assert (found("мектеп ә"), found("№ 1"), found("жоқ")) == ([first["id"]], [second["id"]], [])
    assert house.ask("GET", f"/classes/{first['id']}", librarian)["school"] == "№ 7 мектеп"
    assert house.call("GET", f"/classes/{first['id']}", house.reader("R-1")).status_code == 403
    assert house.call("GET", f"/classes/{quiz['id']}", librarian).status_code == 404
