"""The sample library's quiz goes up and is played as the demonstration has it."""

from datetime import timedelta

from demo.online_test import terms
from demo.quiz_of_2020 import KAISENOV, QUESTIONS, TITLE
from services.quizzes.reviewing import right_answer
from tests.quizzes import making as make
from tests.quizzes.house import House
from tests.support import library_time


def test_it_is_published_in_both_languages_and_found_by_either_book(house: House):
    ids = make.items(house, QUESTIONS)
    today = library_time.today()
    made = house.ask("POST", "", house.staff("editor"), status=201, json=terms(ids, today))
    quiz = house.ask("POST", f"/{made['id']}/publish", house.staff("editor"))
    assert (quiz["questions"], quiz["languages"]) == (12, ["kk", "ru"])
    assert quiz["closes_on"] == (today + timedelta(days=10)).isoformat()
    for title in ("жау тылында", "Опалённое детство"):
        (offer,) = house.ask("GET", "/offers", query_string={"title": title})["items"]
        assert offer["quiz"]["title"] == {"kk": TITLE, "ru": TITLE}
        assert offer["matched"] == {"title": title}
    assert quiz["works"][0] == {"title": "Жау тылында", "author": KAISENOV, "isbn": None}


def test_who_knows_everything_has_everything(house: House):
    ids = make.items(house, QUESTIONS)
    made = house.ask("POST", "", house.staff("editor"), status=201, json=terms(ids, library_time.today()))
    house.ask("POST", f"/{made['id']}/publish", house.staff("editor"))
    player = make.Player.begins(house, made["id"], language="kk")
    for item_id, question in zip(ids, QUESTIONS, strict=True):
        player.answers(item_id, right_answer(question))
    result = player.finishes()
    assert (result["percent"], result["passed"]) == (100.0, True)
    assert result["feedback"]["kk"].startswith("Тамаша")
    assert (result["certificate"]["allowed"], result["certificate"]["code"]) == (True, None)
