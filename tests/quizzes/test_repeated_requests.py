"""A player is known before the body is read; a request that is repeated under its key is answered once."""

from tests.quizzes import making as make
from tests.quizzes.house import House
from tests.quizzes.making import Player

NOBODY = {"Accept-Language": "en"}


def test_nobody_is_told_so_before_the_body_is_read(house: House):
    player = Player.begins(house, make.published(house)["id"])
    attempt, item = f"/attempts/{player.id}", player.item(0)["id"]
    for method, path in (
        ("POST", f"/{player.view['quiz']['id']}/attempts"),
        ("PUT", f"{attempt}/answers/{item}"),
        ("POST", f"{attempt}/answers"),
        ("POST", f"{attempt}/finish"),
        ("POST", f"{attempt}/certificate"),
    ):
        house.ask(method, path, NOBODY, 401, data="{", content_type="application/json")


def test_an_attempt_begun_again_under_its_key_is_the_same_even_once_it_is_handed_in(house: House):
    quiz = make.published(house)
    player = house.guest()
    guest = player | {"Idempotency-Key": "begin-1"}
    body = {"language": "kk", "nickname": make.nickname()}
    first = house.call("POST", f"/{quiz['id']}/attempts", guest, json=body)
    assert first.status_code == 201
    house.ask("POST", f"/attempts/{first.json['id']}/finish", player)
    again = house.call("POST", f"/{quiz['id']}/attempts", guest, json=body)
    assert (again.status_code, again.json["id"]) == (201, first.json["id"])
    house.ask("POST", f"/{quiz['id']}/attempts", guest, 422, json=body | {"language": "ru"})
    anew = house.ask("POST", f"/{quiz['id']}/attempts", player | {"Idempotency-Key": "begin-2"}, 201, json=body)
    assert (anew["number"], anew["id"] != first.json["id"]) == (2, True)


def test_two_players_behind_one_address_may_use_the_same_key(house: House):
    quiz = make.published(house)
    answers = [
        house.call(
            "POST",
            f"/{quiz['id']}/attempts",
            house.guest() | {"Idempotency-Key": "1"},
            json={"language": "kk", "nickname": make.nickname()},
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json["id"] != answers[1].json["id"]
