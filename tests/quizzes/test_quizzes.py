"""A quiz from draft to closed: what hinders publishing, who may, what others hear."""

from datetime import timedelta
from fractions import Fraction

import pytest

from services.quizzes.items import Choice, Multiple, Single, Texts
from services.quizzes.models import Quiz, QuizItem, QuizWork
from shared import clock
from shared.isbn import isbn_13
from tests.quizzes import making as make
from tests.quizzes.house import House
from tests.support import library_time


@pytest.fixture
def editor(house: House) -> dict[str, str]:
    return house.staff("editor")


def day(ahead: int) -> str:
    return (library_time.today() + timedelta(days=ahead)).isoformat()


def faults(house: House, quiz: dict[str, object]) -> dict[str, str]:
    found = house.ask("POST", f"/{quiz['id']}/check", house.staff("editor"))["faults"]
    refused = house.call("POST", f"/{quiz['id']}/publish", house.staff("editor"))
    assert (refused.status_code == 422) == bool(found)
    if found:
        assert set(refused.json["errors"]) == {fault["place"] for fault in found}
    return {fault["place"]: fault["message"] for fault in found}


def test_a_quiz_is_published_seen_and_told(house: House, editor: dict[str, str]):
    quiz = make.draft(house, closes_on=day(5), works=[{"title": "Абай жолы"}], pass_percent=50)
    house.ask("GET", f"/{quiz['id']}", {}, 404)
    assert house.ask("GET", "")["items"] == []
    assert house.told() == []
    done = house.ask("POST", f"/{quiz['id']}/publish", editor)
    assert (done["state"], done["version"], done["questions"]) == ("published", 2, 2)
    face = house.ask("GET", f"/{quiz['id']}", {})
    assert (face["open"], face["closes_on"], face["original_closes_on"]) == (True, day(5), day(5))
    assert not {"pools", "review", "extra_time", "version", "feedback"} & set(face)
    (told,) = house.told("quiz.published.v1")
    assert (told["quiz_id"], told["version"], told["closes_on"]) == (quiz["id"], 2, day(5))
    assert told["works"] == [{"title": "Абай жолы", "author": None, "isbn": None}]
    house.ask("POST", f"/{quiz['id']}/publish", editor, 409)
    house.ask("DELETE", f"/{quiz['id']}", editor, 409)


def test_what_hinders_publishing_is_named(house: House):
    wrong = Single(text=make.words("?"), choices=(Choice(make.words("a")), Choice(make.words("b"))))
    assert "There is no right answer." in faults(house, make.draft(house, [wrong])).values()
    thirds = tuple(Choice(make.words(name), Fraction(1, 3)) for name in "ab")
    uneven = Multiple(text=make.words("?"), choices=thirds)
    (message,) = faults(house, make.draft(house, [uneven])).values()
    assert message == "The weights of the right answers add up to 66.6667 per cent, not to 100."
    ids = make.items(house, [make.single()])
    few = make.draft(house, pools=[{"item_ids": ids, "draw": 2}])
    assert faults(house, few) == {"pools.1.draw": "The pool holds 1 questions, fewer than the 2 to be drawn."}
    assert faults(house, make.draft(house, pools=[{"item_ids": ids}, {"item_ids": ids}])) == {
        "pools.2.item_ids": "A question stands in two pools."
    }
    in_kazakh = Single(text=Texts(kk="?"), choices=(Choice(Texts(kk="а"), Fraction(1)), Choice(Texts(kk="б"))))
    assert {place.rpartition(".")[2] for place in faults(house, make.draft(house, [in_kazakh]))} == {"ru", "en"}
    assert faults(house, make.draft(house, [in_kazakh], languages=["kk"])) == {}


def test_terms_that_contradict_each_other_hinder_publishing(house: House):
    assert set(faults(house, make.draft(house, title={"kk": "Тест"}))) == {"title.ru", "title.en"}
    assert set(faults(house, make.draft(house, opens_on=day(3), closes_on=day(2)))) == {"closes_on"}
    assert set(faults(house, make.draft(house, closes_on=day(-1)))) == {"closes_on"}
    assert set(faults(house, make.draft(house, age_from=12, age_to=9))) == {"age_to"}
    empty = {"title": {"kk": "а"}, "languages": ["kk"]}
    nothing = house.ask("POST", "", house.staff("editor"), status=201, json=empty)
    assert set(faults(house, nothing)) == {"pools"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": {"de": "Quiz"}}, "title"),
        ({"languages": []}, "languages"),
        ({"pass_percent": 101}, "pass_percent"),
        ({"counts": "worst"}, "counts"),
        ({"review": {"answers": "at once"}}, "review"),
        ({"works": [{"title": "Абай", "isbn": "12"}]}, "works"),
        ({"extra_time": [{"percent": 50}]}, "extra_time.1"),
        ({"branch_id": "nowhere"}, "branch_id"),
        ({"pools": [{"item_ids": ["00000000-0000-0000-0000-000000000009"]}]}, "pools"),
        ({"surprise": True}, "surprise"),
    ],
)
def test_terms_that_cannot_be_are_refused_by_their_field(house: House, editor, wrong, field):
    good = {"title": {"kk": "Тест"}, "languages": ["kk"]}
    answer = house.ask("POST", "", editor, 422, json=good | wrong)
    assert list(answer["errors"]) == [field]


def test_only_what_is_given_changes_and_two_do_not_change_it_at_once(house: House, editor: dict[str, str]):
    quiz = make.published(house, closes_on=day(5), per_page=3)
    house.told()
    match = {"If-Match": house.call("GET", f"/{quiz['id']}/whole", editor).headers["ETag"]}
    changed = house.ask("PATCH", f"/{quiz['id']}", editor, json={"pass_percent": 70}, headers=match)
    assert (changed["pass_percent"], changed["per_page"], changed["closes_on"]) == (70, 3, day(5))
    house.ask("PATCH", f"/{quiz['id']}", editor, 412, json={"pass_percent": 80}, headers=match)
    (told,) = house.told("quiz.published.v1")
    assert (told["version"], told["pass_percent"]) == (3, 70)
    house.ask("PATCH", f"/{quiz['id']}", editor, 422, json={"pools": []})
    assert house.ask("GET", f"/{quiz['id']}/whole", editor)["questions"] == 2


def test_a_quiz_closes_by_hand_and_opens_again(house: House, editor: dict[str, str]):
    quiz = make.published(house)
    house.ask("POST", f"/{quiz['id']}/reopen", editor, 409)
    house.ask("POST", f"/{quiz['id']}/close", editor)
    house.ask("POST", f"/{quiz['id']}/close", editor, 409)
    assert house.ask("GET", f"/{quiz['id']}", {})["open"] is False
    house.tick()
    assert house.ask("POST", f"/{quiz['id']}/reopen", editor)["state"] == "published"
    kinds = [(data["version"], data["quiz_id"]) for data in house.told("quiz.closed.v1", "quiz.published.v1")]
    assert kinds == [(2, quiz["id"]), (3, quiz["id"]), (4, quiz["id"])]


def test_a_quiz_closes_when_its_last_day_has_ended_where_its_branch_is(house: House, editor: dict[str, str]):
    house.branch("oskemen")
    quiz = make.published(house, closes_on=day(0), branch_id="oskemen")
    with house.database.reading() as session:
        ends = session.get_one(Quiz, quiz["id"]).closes_at
    house.later(seconds=(ends - clock.now()).total_seconds() - 60)
    house.tick()
    assert house.ask("GET", f"/{quiz['id']}", {})["open"] is True
    house.later(seconds=61)
    assert house.ask("GET", f"/{quiz['id']}", {})["open"] is False
    house.tick()
    assert house.ask("GET", f"/{quiz['id']}", {})["state"] == "closed"
    assert [data["version"] for data in house.told("quiz.closed.v1")] == [3]
    house.ask("POST", f"/{quiz['id']}/reopen", editor, 422)
    again = house.ask("PATCH", f"/{quiz['id']}", editor, json={"closes_on": day(2)})
    assert (again["state"], again["closes_on"]) == ("published", day(2))


def test_a_branch_that_moves_to_another_zone_takes_its_last_days_along(house: House):
    house.branch("oskemen", time_zone="Asia/Almaty")
    quiz = make.published(house, closes_on=day(3), opens_on=day(0), branch_id="oskemen")

    def ends() -> tuple[object, object]:
        with house.database.reading() as session:
            row = session.get_one(Quiz, quiz["id"])
            return row.opens_at, row.closes_at

    before = ends()
    house.branch("oskemen", version=3, time_zone="UTC")
    assert [after - was for was, after in zip(before, ends(), strict=True)] == [timedelta(hours=5)] * 2
    house.branch("oskemen", version=2, time_zone="Asia/Tokyo")
    assert ends()[1] - before[1] == timedelta(hours=5), "an older version that comes late changes nothing"


def test_editors_of_one_branch_keep_to_their_own(house: House):
    house.branch("oskemen")
    house.branch("ridder")
    here = house.staff("editor", ["oskemen"])
    quiz = make.published(house, branch_id="ridder")
    for method, path in (("GET", "whole"), ("POST", "check"), ("POST", "publish"), ("POST", "close")):
        house.ask(method, f"/{quiz['id']}/{path}", here, 403)
    house.ask("PATCH", f"/{quiz['id']}", here, 403, json={"pass_percent": 1})
    own = make.draft(house, branch_id="oskemen")
    house.ask("PATCH", f"/{own['id']}", here, json={"pass_percent": 1})
    house.ask("PATCH", f"/{own['id']}", here, 403, json={"branch_id": "ridder"})
    house.ask("POST", "", here, 403, json={"title": {"kk": "а"}, "branch_id": "ridder"})


def test_lists_are_searched_paged_and_show_drafts_to_staff_only(house: House, editor: dict[str, str]):
    names = ["Абай", "Көксерек", "Ұлпан"]
    made = [make.published(house, title={"kk": name, "ru": name, "en": name}) for name in names]
    make.draft(house)
    later = make.published(house, opens_on=day(2))
    everything = house.ask("GET", "", query_string={"open": True})["items"]
    assert [quiz["id"] for quiz in everything] == [quiz["id"] for quiz in reversed(made)]
    assert house.ask("GET", "")["items"][0] | {"open": False} == house.ask("GET", f"/{later['id']}", {})
    (found,) = house.ask("GET", "", query_string={"search": "коксерек"})["items"]
    assert found["title"]["kk"] == "Көксерек"
    page = house.ask("GET", "", query_string={"limit": 3})
    rest = house.ask("GET", "", query_string={"limit": 3, "cursor": page["next"]})
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (3, 1, None)
    house.ask("GET", "", {"Accept-Language": "en"}, 403, query_string={"state": "all"})
    staff = house.ask("GET", "", editor, query_string={"state": "all"})["items"]
    assert (len(staff), staff[0]["grace_minutes"], "pools" in staff[0]) == (5, 2, False)
    assert "review" not in everything[0]
    assert len(house.ask("GET", "", editor, query_string={"state": "draft"})["items"]) == 1
    house.ask("GET", "", None, 422, query_string={"cursor": "WzEsMl0"})


def test_offers_are_found_by_number_or_title_in_any_form(house: House, editor: dict[str, str]):
    quiz = make.published(
        house, works=[{"title": "Опалённое  детство", "isbn": "0-306-40615-2"}, {"title": "Жау тылында"}]
    )
    closed = make.published(house, works=[{"title": "Жау тылында"}])
    house.ask("POST", f"/{closed['id']}/close", editor)
    for query in ({"isbn": "9780306406157"}, {"isbn": "0306406152"}, {"title": "опаленное ДЕТСТВО"}):
        (offer,) = house.ask("GET", "/offers", query_string=query)["items"]
        assert (offer["quiz"]["id"], offer["matched"]) == (quiz["id"], query)
    both = house.ask("GET", "/offers?title=Жау тылында&title=Абай&isbn=9780306406157&isbn=x")["items"]
    assert [offer["quiz"]["id"] for offer in both] == [quiz["id"]]
    assert house.ask("GET", "/offers?title=&isbn=")["items"] == []
    house.ask("PATCH", f"/{quiz['id']}", editor, json={"works": []})
    assert house.ask("GET", "/offers?title=Жау тылында")["items"] == []


def test_numbers_of_books_have_one_form():
    assert isbn_13("0-306-40615-2") == isbn_13("978-0-306-40615-7") == "9780306406157"
    assert isbn_13("ISBN 978\u20110\u2011306\u201140615\u20117") == isbn_13("ISBN-10: 0306406152") == "9780306406157"
    assert isbn_13("080442957X") == "9780804429573"
    assert [isbn_13(wrong) for wrong in (None, "", "12", "abcdefghij")] == [None] * 4


def test_a_deleted_draft_leaves_nothing(house: House, editor: dict[str, str]):
    quiz = make.draft(house, works=[{"title": "Абай"}])
    house.ask("DELETE", f"/{quiz['id']}", editor, 204)
    house.ask("GET", f"/{quiz['id']}/whole", editor, 404)
    assert house.rows(Quiz) == house.rows(QuizItem) == house.rows(QuizWork) == []
