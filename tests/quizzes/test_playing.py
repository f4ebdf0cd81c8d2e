"""Attempts: begun once, played from any device, ended by hand or by the clock."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from services.quizzes.codec import to_json
from services.quizzes.items import Choice, Open, Single
from services.quizzes.models import Answer, Attempt, SchoolClass
from services.quizzes.routes.playing import STARTS_OF_A_GUEST
from shared import clock
from shared.tables import rate_limits
from tests.quizzes import making as make
from tests.quizzes.house import House
from tests.quizzes.making import Player
from tests.support import library_time


def school_class(house: House, code: str = "K7M2PX", **others: object) -> str:
    row = {"id": "00000000-0000-0000-0000-00000000000c", "name": "5 А", "school": "№ 1", "code": code, "quiz_id": None}
    more = {"link": "l", "created_by": "staff:1", "created_at": clock.now(), "ended_at": None}
    with house.database.transaction() as session:
        session.add(SchoolClass(**row | more | others))
    return str(row["id"])


def test_an_attempt_is_begun_once_and_goes_on_on_another_device(house: House):
    quiz = make.published(house, make.ONE_OF_EACH, per_page=3)
    phone = Player.begins(house, quiz["id"], house.reader("KZ1"), language="ru")
    assert [len(page) for page in phone.view["pages"]] == [3, 3, 2]
    assert (phone.view["number"], phone.view["state"], phone.view["ends_at"]) == (1, "open", None)
    item = phone.item(0)
    chosen = item["choices"][1]["id"]
    assert phone.saves(item["id"], chosen).json["saved"] is True
    again = house.call("POST", f"/{quiz['id']}/attempts", house.reader("KZ1"), json={"language": "kk"})
    assert (again.status_code, again.json["id"], again.json["language"]) == (200, phone.id, "ru")
    assert again.json["answers"][item["id"]]["answer"] == chosen
    assert again.json["items"] == phone.view["items"]
    assert again.json["answered"] == 1


def test_every_kind_of_answer_is_kept_graded_and_shown_again(house: House):
    quiz = make.published(house, make.ONE_OF_EACH, pass_percent=60)
    player = Player.begins(house, quiz["id"], house.reader("KZ1"))
    ids = [item["id"] for item in player.view["items"]]
    right = [1, [0, 1], True, "secret 6", "918273,4", {"0": 0, "1": 1}, [0, 1, 2], "Because."]
    for item_id, answer in zip(ids, right, strict=True):
        assert player.answers(item_id, answer)["saved"] is True
    result = player.finishes()
    assert (result["points"], result["of"], result["percent"], result["to_be_marked"]) == (7.0, 10.0, 70.0, 1)
    assert (result["passed"], result["feedback"], player.looks()["state"]) == (True, None, "finished")
    assert house.told("attempt.graded.v1") == [], "a person has still to mark"
    given = [line["given"] for line in result["review"]]
    assert given == [player.known_as(item_id, answer) for item_id, answer in zip(ids, right, strict=True)]
    assert [line["points"] for line in result["review"]] == [1.0] * 7 + [None]


def test_handing_in_twice_is_once_and_is_told_once(house: House):
    quiz = make.published(house, pass_percent=100)
    player = Player.begins(house, quiz["id"], house.reader("KZ1"))
    player.answers(player.item(0)["id"], 0)
    first = player.finishes()
    assert player.finishes() == first
    assert (first["points"], first["percent"], first["passed"]) == (1.0, 50.0, False)
    (told,) = house.told("attempt.graded.v1")
    expected = {"attempt_id": player.id, "quiz_id": quiz["id"], "card_number": "KZ1", "percent": 50.0, "passed": False}
    assert {name: told[name] for name in expected} == expected
    refused = player.saves(player.item(1)["id"], None)
    assert (refused.status_code, refused.json["reason"]) == (409, "handed_in")
    assert house.ask("GET", f"/attempts/{player.id}/result", player.headers) == first


def test_what_is_another_s_does_not_exist(house: House):
    quiz = make.published(house)
    mine = Player.begins(house, quiz["id"], house.reader("KZ1"))
    item_id = mine.item(0)["id"]
    for stranger in (house.reader("KZ2"), house.guest()):
        body = mine.saving(None)
        house.ask("PUT", f"/attempts/{mine.id}/answers/{item_id}", stranger, 404, json=body)
        many = {"answers": [body | {"item_id": item_id}]}
        house.ask("POST", f"/attempts/{mine.id}/answers", stranger, 404, json=many)
        house.ask("POST", f"/attempts/{mine.id}/finish", stranger, 404)
        house.ask("GET", f"/attempts/{mine.id}", stranger, 404)
        house.ask("GET", f"/attempts/{mine.id}/result", stranger, 404)
    house.ask("PUT", f"/attempts/{mine.id}/answers/{item_id}", {}, 401, json=mine.saving(None))
    house.ask("GET", f"/attempts/{mine.id}", house.staff("editor"), 404)
    assert house.ask("GET", f"/attempts/{mine.id}", house.staff("librarian"))["id"] == mine.id
    other = make.published(house)
    elsewhere = Player.begins(house, other["id"], house.reader("KZ1")).item(0)["id"]
    assert mine.saves(elsewhere, None).status_code == 404
    assert house.rows(Answer) == []


@pytest.mark.parametrize("at", range(len(make.ONE_OF_EACH)))
def test_an_answer_of_the_wrong_type_is_refused_and_what_was_kept_stays(house: House, at: int):
    right = [1, [0, 1], True, "a", "5", {"0": 0}, [0, 1, 2], "b"][at]
    quiz = make.published(house, [make.ONE_OF_EACH[at]])
    player = Player.begins(house, quiz["id"])
    item_id = player.item(0)["id"]
    player.answers(item_id, right)
    before = player.kept()
    wrong = [5, 1.5, {"x": "y"}, [1], [[]], [None], "a" * 20_001, "none-such", False]
    for answer in wrong:
        refused = player.saves(item_id, answer)
        good = (at == 2 and answer is False) or (at in (3, 4, 7) and answer == "none-such")
        assert refused.status_code == (200 if good else 422), (answer, refused.text)
        if good:
            player.answers(item_id, right)
    assert player.kept() == before


def test_a_body_of_ten_megabytes_or_no_sense_is_refused(house: House):
    player = Player.begins(house, make.published(house, [Open(text=make.words("?"))])["id"])
    address = f"/attempts/{player.id}/answers/{player.item(0)['id']}"
    assert player.saves(player.item(0)["id"], "a" * 10_000_000).status_code == 413
    for wrong, field in (
        ({"number": -1}, "number"),
        ({"number": 1.5}, "number"),
        ({"device": "a b"}, "device"),
        ({"device": ""}, "device"),
        ({"given_at": "yesterday"}, "given_at"),
        ({"given_at": "2026-01-01T00:00:00"}, "given_at"),
        ({"answer": "a\u0000b"}, "answer"),
        ({"surprise": 1}, "surprise"),
    ):
        refused = house.ask("PUT", address, player.headers, 422, json=player.saving("x") | wrong)
        assert list(refused["errors"]) == [field]
    missing = {name: value for name, value in player.saving("x").items() if name != "answer"}
    house.ask("PUT", address, player.headers, 422, json=missing)
    house.ask("PUT", address, player.headers, 415, data="x", content_type="text/plain")
    house.ask("PUT", address, player.headers, 400, data="{", content_type="application/json")
    assert house.rows(Answer) == []


def test_two_tabs_keep_the_newest_whichever_arrives_last(house: House):
    quiz = make.published(house)
    player = Player.begins(house, quiz["id"])
    house.later(minutes=10)
    item_id = player.item(0)["id"]
    first, second = (choice["id"] for choice in player.item(0)["choices"][:2])
    newer = player.saving(second, ago=10, device="tab-b")
    older = player.saving(first, ago=60, device="tab-a")
    address = f"/attempts/{player.id}/answers/{item_id}"
    assert house.ask("PUT", address, player.headers, json=newer)["saved"] is True
    late = house.ask("PUT", address, player.headers, json=older)
    assert (late["saved"], late["kept"]["answer"], late["kept"]["device"]) == (False, second, "tab-b")
    assert house.ask("PUT", address, player.headers, json=newer)["saved"] is True, "twice is once"
    assert player.kept() == {item_id: second}
    taken_back = house.ask("PUT", address, player.headers, json=player.saving(None, device="tab-b"))
    assert (taken_back["saved"], player.looks()["answered"]) == (True, 0)


def test_an_offline_spell_is_judged_answer_by_answer(house: House):
    quiz = make.published(house, make.ONE_OF_EACH)
    player = Player.begins(house, quiz["id"])
    house.later(minutes=10)
    one, truth, number = player.item(0), player.item(2), player.item(4)
    results = player.sends(
        (one["id"], player.saving(one["choices"][0]["id"], ago=50)),
        (one["id"], player.saving(one["choices"][1]["id"], ago=40)),
        (truth["id"], player.saving("yes", ago=30)),
        (number["id"], player.saving("12", ago=20)),
        ("00000000-0000-0000-0000-000000000009", player.saving("12", ago=20)),
    )
    assert [result["saved"] for result in results] == [False, True, False, True, False]
    assert "problem" not in results[0]
    assert results[2]["problem"] == "Answer true or false."
    assert player.kept() == {one["id"]: one["choices"][1]["id"], number["id"]: "12"}
    too_many = {"answers": [player.saving(None) | {"item_id": one["id"]}] * 501}
    house.ask("POST", f"/attempts/{player.id}/answers", player.headers, 422, json=too_many)
    house.ask("POST", f"/attempts/{player.id}/answers", player.headers, 422, json={"answers": []})


def test_what_was_given_before_the_quiz_closed_still_arrives_for_a_day(house: House):
    quiz = make.published(house)
    player = Player.begins(house, quiz["id"], house.reader("KZ1"))
    item_id, known = player.item(0)["id"], player.known_as(player.item(0)["id"], 0)
    house.later(minutes=5)
    house.ask("POST", f"/{quiz['id']}/close", house.staff("editor"))
    house.later(hours=23)
    late = player.saves(item_id, known)
    assert (late.status_code, late.json["reason"]) == (409, "closed")
    assert player.saves(item_id, known, ago=23 * 3600 + 60).json["saved"] is True
    (refused,) = player.sends((player.item(1)["id"], player.saving(None)))
    assert (refused["saved"], refused["reason"]) == (False, "closed")
    house.later(hours=2)
    assert player.saves(item_id, None, ago=25 * 3600 + 30).json["reason"] == "closed"
    house.tick()
    assert player.looks()["result"]["percent"] == 50.0
    assert [told["attempt_id"] for told in house.told("attempt.graded.v1")] == [player.id]
    assert house.call("POST", f"/{quiz['id']}/attempts", house.reader("KZ2"), json={}).json["reason"] == "closed"


def test_attempts_are_counted(house: House):
    quiz = make.published(house, attempts_allowed=2)
    reader = house.reader("KZ1")
    for number in (1, 2):
        player = Player.begins(house, quiz["id"], reader)
        assert player.view["number"] == number
        player.finishes()
    refused = house.ask("POST", f"/{quiz['id']}/attempts", reader, 409, json={})
    assert refused["reason"] == "no_attempts_left"
    lines = house.ask("GET", "/attempts", reader)["items"]
    assert [(line["number"], line["state"], line["percent"]) for line in lines] == [(2, "graded", 0), (1, "graded", 0)]
    page = house.ask("GET", "/attempts", reader, query_string={"limit": 1})
    rest = house.ask("GET", "/attempts", reader, query_string={"limit": 1, "cursor": page["next"]})
    assert (page["items"] + rest["items"], rest["next"]) == (lines, None)
    assert house.ask("GET", "/attempts?card_number=KZ1", house.staff("librarian"))["items"] == lines
    house.ask("GET", "/attempts?card_number=KZ1", house.reader("KZ2"), 403)
    assert house.ask("GET", f"/attempts?quiz_id={quiz['id']}", reader)["items"] == lines
    assert house.ask("GET", f"/attempts?quiz_id={make.published(house)['id']}", reader)["items"] == []
    assert (lines[0]["quiz_id"], lines[0]["points"], lines[0]["of"]) == (quiz["id"], 0.0, 2.0)
    assert house.ask("GET", "/attempts?card_number=KZ1", {})["items"] == []
    guest = Player.begins(house, make.published(house)["id"], house.token("service") | house.guest())
    assert [line["id"] for line in house.ask("GET", "/attempts", guest.headers)["items"]] == [guest.id]


def test_who_may_begin(house: House):
    for_readers = make.published(house, guests=False)
    house.ask("POST", f"/{for_readers['id']}/attempts", house.guest(), 403, json={"language": "kk"})
    later = make.published(house, opens_on=(library_time.today() + timedelta(days=1)).isoformat())
    refused = house.ask("POST", f"/{later['id']}/attempts", house.reader("KZ1"), 409, json={})
    assert refused["reason"] == "not_open_yet"
    in_kazakh = make.published(house, languages=["kk"])
    house.ask("POST", f"/{in_kazakh['id']}/attempts", house.guest(), 422, json={"language": "ru"})
    house.ask("POST", f"/{in_kazakh['id']}/attempts", {"X-Guest-Key": "short"}, 401, json={})
    house.ask("POST", f"/{make.draft(house)['id']}/attempts", house.guest(), 404, json={})


def test_classes_are_found_by_a_code_that_is_still_good(house: House):
    quiz, other = make.published(house), make.published(house)
    class_id = school_class(house, quiz_id=quiz["id"])
    player = Player.begins(house, quiz["id"], class_code="k7m2px")
    assert [row.class_id for row in house.rows(Attempt, id=player.id)] == [class_id]
    house.ask("POST", f"/{other['id']}/attempts", house.guest(), 422, json={"class_code": "K7M2PX"})
    with house.database.transaction() as session:
        session.get_one(SchoolClass, class_id).ended_at = clock.now()
    house.ask("POST", f"/{quiz['id']}/attempts", house.guest(), 422, json={"class_code": "K7M2PX"})


def test_guests_do_not_begin_without_end(house: House):
    quiz = make.published(house)
    guest = house.guest()
    player = Player.begins(house, quiz["id"], guest)
    with house.database.transaction() as session:
        session.execute(rate_limits.update().where(rate_limits.c.count == 1).values(count=STARTS_OF_A_GUEST))
    refused = house.call("POST", f"/{quiz['id']}/attempts", guest, json={})
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
    assert player.saves(player.item(0)["id"], None).status_code == 200, "who has begun goes on"
    assert Player.begins(house, quiz["id"], house.reader("KZ1")).view["number"] == 1


def test_a_question_corrected_later_is_graded_as_it_was_shown(house: House):
    quiz = make.published(house, [make.single("Who?", "Abai", "Pushkin")])
    player = Player.begins(house, quiz["id"])
    (item_id,) = quiz["pools"][0]["item_ids"]
    abai, pushkin = (Choice(make.words(name)) for name in ("Abai", "Pushkin"))
    turned = Single(text=make.words("Who now?"), choices=(abai, replace(pushkin, weight=Fraction(1))))
    house.ask("PATCH", f"/items/{item_id}", house.staff("editor"), json={"item": to_json(turned)})
    player.answers(item_id, 0)
    assert player.looks()["items"][0]["text"]["en"] == "Who?"
    assert player.finishes()["percent"] == 100.0
    newcomer = Player.begins(house, quiz["id"])
    newcomer.answers(item_id, 0)
    assert newcomer.finishes()["percent"] == 0.0


def test_pools_draw_by_the_taker_and_points_of_a_pool_count(house: House):
    ids = make.items(house, [make.single(f"Question {at}?") for at in range(12)])
    pools = [{"item_ids": ids[:10], "draw": 3}, {"item_ids": ids[10:], "points": "2.50"}]
    quiz = make.published(house, pools=pools, shuffle_items=True)
    assert quiz["questions"] == 5
    drawn = set()
    for at in range(6):
        player = Player.begins(house, quiz["id"], house.reader(f"KZ{at}"))
        asked = [item["id"] for item in player.view["items"]]
        assert (len(asked), len(set(asked) & set(ids[:10])), set(ids[10:]) <= set(asked)) == (5, 3, True)
        drawn.add(tuple(asked))
    assert len(drawn) > 1
    player.answers(ids[10], 0)
    result = player.finishes()
    assert (result["points"], result["of"]) == (2.5, 8.0)
    worth = {item["id"]: Decimal(item["points"]) for item in player.view["items"]}
    assert worth[ids[10]] == Decimal("2.5")


def test_feedback_goes_by_the_band_the_score_reaches(house: House):
    names = {0: "low", 50: "half", 100: "all"}
    bands = [{"from_percent": percent, "text": {"en": name}} for percent, name in names.items()]
    quiz = make.published(house, feedback=bands)
    for right, said in ((0, "low"), (1, "half"), (2, "all")):
        player = Player.begins(house, quiz["id"])
        for at in range(right):
            player.answers(player.item(at)["id"], 0)
        assert player.finishes()["feedback"] == {"en": said}
