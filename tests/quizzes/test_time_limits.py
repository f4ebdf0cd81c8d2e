"""Time limits: their grace, answers that arrive late, and more time for some."""

from datetime import datetime, timedelta

from tests.quizzes import making as make
from tests.quizzes.house import House
from tests.quizzes.making import Player
from tests.quizzes.test_playing import school_class


def test_a_time_limit_has_its_grace_and_then_the_clock_hands_in(house: House):
    quiz = make.published(house, time_limit_minutes=10, grace_minutes=2)
    player = Player.begins(house, quiz["id"], house.reader("KZ1"))
    item_id, known = player.item(0)["id"], player.known_as(player.item(0)["id"], 0)
    house.later(minutes=11)
    house.tick()
    assert player.saves(item_id, known).json["saved"] is True
    house.later(minutes=2)
    late = player.saves(item_id, None)
    assert (late.status_code, late.json["reason"]) == (409, "time_is_over")
    house.tick()
    assert player.looks()["state"] == "open", "what was given in time may still be on its way"
    house.later(hours=24)
    house.tick()
    shown = player.looks()
    assert (shown["state"], shown["result"]["percent"]) == ("graded", 50.0)


def test_an_offline_spell_loses_nothing_that_was_given_within_the_limit(house: House):
    quiz = make.published(house, time_limit_minutes=1, grace_minutes=0, late_minutes=30)
    player = Player.begins(house, quiz["id"], house.reader("KZ1"))
    first, second = (player.item(at)["id"] for at in (0, 1))
    house.later(seconds=63)
    house.tick()
    assert player.saves(first, player.known_as(first, 0), ago=33).json["saved"] is True
    assert player.saves(second, player.known_as(second, 0), ago=1).json["reason"] == "time_is_over"
    house.later(minutes=20)
    many = player.sends(
        (second, player.saving(player.known_as(second, 0), ago=20 * 60 + 30)), (first, player.saving(None, ago=60))
    )
    assert [each.get("reason", each["saved"]) for each in many] == [True, "time_is_over"]
    house.later(minutes=11)
    assert player.saves(first, None, ago=31 * 60 + 20).json["reason"] == "time_is_over"
    house.tick()
    assert player.looks()["result"]["percent"] == 100.0


def test_an_answer_that_claims_to_be_older_than_its_attempt_is_as_old_as_that(house: House):
    player = Player.begins(house, make.published(house, time_limit_minutes=10)["id"])
    house.later(hours=1)
    saved = player.saves(player.item(0)["id"], None, ago=100 * 3600).json
    assert saved["kept"]["given_at"] == player.view["started_at"]


def test_without_lateness_the_clock_hands_in_after_the_grace(house: House):
    quiz = make.published(house, time_limit_minutes=10, grace_minutes=2, late_minutes=0)
    player = Player.begins(house, quiz["id"], house.reader("KZ1"))
    house.later(minutes=13)
    assert player.saves(player.item(0)["id"], None, ago=300).json["reason"] == "time_is_over"
    house.tick()
    assert player.looks()["state"] == "graded"


def test_extra_time_reaches_who_is_in_the_middle_of_it_and_none_is_taken_back(house: House):
    class_id = school_class(house)
    quiz = make.published(house, time_limit_minutes=10, grace_minutes=0, late_minutes=0)
    reader = Player.begins(house, quiz["id"], house.reader("KZ1"))
    pupil = Player.begins(house, quiz["id"], class_code="K7M2PX")
    other = Player.begins(house, quiz["id"])

    def minutes() -> list[float | None]:
        views = [player.looks() for player in (reader, pupil, other)]
        spans = [
            each["ends_at"] and datetime.fromisoformat(each["ends_at"]) - datetime.fromisoformat(each["started_at"])
            for each in views
        ]
        return [span and span / timedelta(minutes=1) for span in spans]

    def change(**terms: object) -> None:
        house.ask("PATCH", f"/{quiz['id']}", house.staff("editor"), json=terms)

    house.later(minutes=9)
    change(extra_time=[{"card_number": "KZ1", "percent": 50}, {"class_id": class_id, "percent": 100}])
    assert minutes() == [15, 20, 10]
    house.later(minutes=5)
    house.tick()
    item_id = reader.item(0)["id"]
    assert reader.saves(item_id, reader.known_as(item_id, 0)).json["saved"] is True
    assert (reader.looks()["state"], other.looks()["state"]) == ("open", "graded")
    change(extra_time=[], time_limit_minutes=5)
    assert minutes()[:2] == [15, 20]
    change(time_limit_minutes=None)
    assert minutes()[:2] == [None, None]


def test_readers_and_classes_may_have_extra_time(house: House):
    class_id = school_class(house)
    extra = [{"card_number": "KZ1", "percent": 50}, {"class_id": class_id, "percent": 100}]
    quiz = make.published(house, time_limit_minutes=10, extra_time=extra)

    def minutes(headers: dict[str, str], **said: object) -> float:
        view = Player.begins(house, quiz["id"], headers, **said).view
        begun, ends = (datetime.fromisoformat(view[name]) for name in ("started_at", "ends_at"))
        return (ends - begun) / timedelta(minutes=1)

    assert minutes(house.reader("KZ1")) == 15
    assert minutes(house.guest(), class_code=" k7m2px ") == 20
    assert minutes(house.guest()) == 10


def test_past_its_time_another_attempt_may_begin_before_the_clock_comes_by(house: House):
    quiz = make.published(house, time_limit_minutes=10, grace_minutes=0)
    first = Player.begins(house, quiz["id"], house.reader("KZ1"))
    house.later(minutes=11)
    second = Player.begins(house, quiz["id"], house.reader("KZ1"))
    assert (second.view["number"], second.view["state"]) == (2, "open")
    assert first.looks()["state"] == "graded"
