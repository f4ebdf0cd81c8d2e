"""What players are called before others."""

import pytest

from services.quizzes.models import Nickname
from services.quizzes.nicknames import folded, is_bad
from tests.quizzes import making as make
from tests.quizzes.house import House
from tests.quizzes.making import Player


@pytest.mark.parametrize(
    "name",
    [
        *("Қыран", "Ұшқыр 7", "book worm", "Book Worm", "BookWorm", "Тұлпар-2", "дос", "Abai", "ӘЛЕМ", "Шебер"),
        *("Көктем", "Жолбарыс 7", "Кітапқұмар", "Алина", "Мадина", "Ерасыл", "Қасиет", "Шолпан 5", "Айгүлін"),
        "Бүркіт 3f29110a",
        "Бүркіт a2911",
        *("Сова", "Лев", "Ева", "Остров", "морская корова", "алтын қыран", "қар қызы", "синий дельфин", "sky 2030"),
        "Supernova",
    ],
)
def test_a_made_up_name_is_taken(house: House, name: str):
    player = Player.begins(house, make.published(house)["id"], nickname=f"  {name} ")
    assert player.view["nickname"] == name


@pytest.mark.parametrize(
    "name",
    [
        "Я",
        "а" * 21,
        "Әлия Қасымова",
        "Иван-Петров",
        "Anna Maria Smith",
        *("ИВАНОВ ИВАН", "SMITH JOHN", "әлия қасымова", "Ахметов Е", "Aliya K", "Қасымова", "Иванов", "87051234567"),
        *("иванов", "Ivanova", "қасымұлы", "Серікқызы", "Нұрбаева 5", "Достоевский", "иванoв7", "ИвановИван"),
        *(
            "серік ахмет",
            "aliya smith",
            "К Серік",
            "Иван Иванович",
            "Жанторе Сансызбай",
            "8 705 123 45 67",
            "JohnSmith",
        ),
        "a@b.kz",
        "+77012223344",
        "<b>",
        "a\nb\tc!",
        "__",
    ],
)
def test_names_of_people_and_addresses_are_not(house: House, name: str):
    quiz = make.published(house)
    answer = house.ask("POST", f"/{quiz['id']}/attempts", house.guest(), 422, json={"nickname": name})
    assert list(answer["errors"]) == ["nickname"]
    assert house.rows(Nickname) == []


@pytest.mark.parametrize("name", ["ДУРАК", "дуpак", "сука7", "fuck you", "Хyй", "иди0т", "ақымақ"])
def test_insults_are_not_however_they_are_typed(name: str):
    assert is_bad(name)


@pytest.mark.parametrize("name", ["Суккулент", "Сукно", "Хуторок", "Class", "Рассвет", "Алтын"])
def test_what_only_sounds_alike_is_no_insult(name: str):
    assert not is_bad(name)


def test_a_name_is_taken_once_in_a_quiz_and_may_be_changed(house: House):
    quiz, other = make.published(house), make.published(house)
    first = Player.begins(house, quiz["id"], nickname="Қыран 7")
    refused = house.ask("POST", f"/{quiz['id']}/attempts", house.guest(), 422, json={"nickname": "кыран-7"})
    assert "called so already" in str(refused["errors"]["nickname"])
    assert Player.begins(house, other["id"], nickname="Қыран 7").view["nickname"] == "Қыран 7"
    first.finishes()
    assert Player.begins(house, quiz["id"], first.headers, nickname="Қыран 8").view["nickname"] == "Қыран 8"
    assert Player.begins(house, quiz["id"], nickname="Қыран 7").view["nickname"] == "Қыран 7"


def test_staff_hide_a_name_and_it_stays_hidden(house: House):
    quiz = make.published(house)
    players = [Player.begins(house, quiz["id"], nickname=name) for name in ("бөрі", "арлан")]
    librarian = house.staff("librarian")
    house.ask("POST", "/nicknames/hide", librarian, 204, json={"attempt_id": players[0].id})
    listed = house.ask("GET", f"/nicknames?quiz_id={quiz['id']}", librarian)["items"]
    assert listed == [
        {"nickname": "арлан", "hidden": False, "attempt_id": players[1].id, "state": "open", "points": None},
        {"nickname": "бөрі", "hidden": True, "attempt_id": players[0].id, "state": "open", "points": None},
    ]
    players[0].finishes()
    Player.begins(house, quiz["id"], players[0].headers, nickname="Бөрі")
    assert [row.hidden for row in house.rows(Nickname, folded=folded("бөрі"))] == [True]
    house.ask("POST", "/nicknames/hide", librarian, 204, json={"attempt_id": players[0].id, "hidden": False})
    assert [row.hidden for row in house.rows(Nickname)] == [False, False]
    house.ask("POST", "/nicknames/hide", house.staff("editor"), 403, json={"attempt_id": players[0].id})
    page = house.ask("GET", f"/nicknames?quiz_id={quiz['id']}&limit=1", librarian)
    rest = house.ask("GET", f"/nicknames?quiz_id={quiz['id']}&limit=1&cursor={page['next']}", librarian)
    assert [row["nickname"] for row in page["items"] + rest["items"]] == ["арлан", "бөрі"]

    def found(**query: str) -> list[str]:
        more = "".join(f"&{name}={value}" for name, value in query.items())
        return [
            row["nickname"] for row in house.ask("GET", f"/nicknames?quiz_id={quiz['id']}{more}", librarian)["items"]
        ]

    assert found(search="БОРИ") == ["бөрі"] and found(search="%25") == []
    house.ask("POST", "/nicknames/hide", librarian, 204, json={"attempt_id": players[1].id})
    assert found(hidden="true") == ["арлан"] and found(hidden="false") == ["бөрі"]


def test_a_guest_has_to_be_called_something_and_a_reader_need_not(house: House):
    quiz, guest = make.published(house), house.guest()
    for said in ({}, {"nickname": ""}, {"nickname": None}):
        refused = house.ask("POST", f"/{quiz['id']}/attempts", guest, 422, json=said)
        assert list(refused["errors"]) == ["nickname"]
    player = Player.begins(house, quiz["id"], guest, nickname="сова")
    assert house.ask("POST", f"/{quiz['id']}/attempts", guest, 200, json={})["id"] == player.id
    player.finishes()
    again = house.ask("POST", f"/{quiz['id']}/attempts", guest, 201, json={})
    assert (again["number"], again["nickname"]) == (2, "сова")
    house.ask("POST", f"/{quiz['id']}/attempts", house.reader("R-1"), 201, json={})
