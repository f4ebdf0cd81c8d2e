"""Stop messages: before they begin and never after; on both databases."""

import uuid

import pytest

from services.notify.gathering import OTHERS
from shared import auth
from tests.notify import builders as make
from tests.notify.house import House, move

OPERATOR = auth.Principal("staff:1", "staff", name="A. S.", roles={"operator": "all"})
ELSEWHERE = auth.Principal("staff:2", "staff", roles={"operator": ["elsewhere"]})


@pytest.fixture
def house(footing):
    made = House(footing.environment, KITAPHANA_NOTICE_HOLD="15")
    made.hear(make.reader("1"))
    yield made
    made.close()


def ask(house: House, quarantine_id: str, deed: str = "", who: auth.Principal = OPERATOR):
    method = "POST" if deed else "GET"
    return house.call(method, f"/notices/releases/{quarantine_id}" + (f"/{deed}" if deed else ""), who)


def test_messages_wait_their_time_and_then_begin(house):
    quarantine_id = house.declare(move("1", "L1"))
    assert ask(house, quarantine_id).json["state"] == "held"
    assert house.notices() == []
    house.later(minutes=16)
    house.work()
    assert ask(house, quarantine_id).json["state"] == "begun"
    assert house.notice().state == "queued"


def test_stopped_messages_stay_stopped_until_they_are_let_begin(house):
    quarantine_id = house.declare(move("1", "L1"))
    told = ask(house, quarantine_id, "stop").json
    assert (told["state"], told["stopped_by"]) == ("stopped", "A. S.")
    assert ask(house, quarantine_id, "stop").status_code == 200
    house.later(hours=30)
    house.work()
    assert house.notices() == []
    assert ask(house, quarantine_id, "start").json["state"] != "stopped"
    house.work()
    assert house.notice().state == "queued"


def test_what_has_begun_cannot_be_stopped(house):
    quarantine_id = house.declare(move("1", "L1"))
    assert ask(house, quarantine_id, "start").status_code == 200
    house.work()
    answer = ask(house, quarantine_id, "stop")
    assert answer.status_code == 409 and ask(house, quarantine_id).json["state"] == "begun"


def test_messages_are_stopped_while_the_books_still_move(house):
    quarantine_id, run = str(uuid.uuid4()), str(uuid.uuid4())
    house.hear(make.quarantine(quarantine_id))
    assert ask(house, quarantine_id).json["state"] == "gathering"
    assert ask(house, quarantine_id, "stop").json["state"] == "stopped"
    card, change = move("1", "L1")
    house.hear(make.moved(quarantine_id, run, card, change), make.ended(quarantine_id, run, 1))
    house.hear(*(make.ended(quarantine_id, str(uuid.uuid4()), 0, service=service) for service in OTHERS))
    house.later(hours=1)
    house.work()
    assert house.notices() == [] and ask(house, quarantine_id).json["state"] == "stopped"
    ask(house, quarantine_id, "start")
    house.work()
    assert len(house.notices()) == 1


def test_a_new_version_is_not_stopped_by_the_stop_of_the_one_before(house):
    quarantine_id = house.declare(move("1", "L1"))
    ask(house, quarantine_id, "stop")
    house.declare(move("1", "L1", loan_version=3), quarantine_id=quarantine_id, version=2, state="changed")
    assert ask(house, quarantine_id).json == {**ask(house, quarantine_id).json, "version": 2, "state": "held"}
    house.later(minutes=16)
    house.work()
    assert [notice.version for notice in house.notices()] == [2]


def test_who_may_stop(house):
    quarantine_id = house.declare(move("1", "L1"))
    assert ask(house, quarantine_id, "stop", ELSEWHERE).status_code == 403
    assert ask(house, str(uuid.uuid4()), "stop").status_code == 404
    assert ask(house, str(uuid.uuid4())).json["state"] == "none"
