"""Online tests in notices: days that a closure moved, and the ones that are open."""

import uuid
from datetime import date, timedelta

import pytest

from services.notify import reopenings
from shared.language import long_date
from tests.notify import builders as make
from tests.notify.house import AFTER, SOON, House, move
from tests.support import library_time


def in_days(days: int) -> str:
    return (library_time.today() + timedelta(days=days)).isoformat()


def quiz_run(house: House, quarantine_id: str, *cards: str, quiz_id: str, version: int = 1) -> None:
    run = str(uuid.uuid4())
    lines = [make.quiz_moved(quarantine_id, run, card, quiz_id, SOON, AFTER) for card in cards]
    house.hear(*lines, make.ended(quarantine_id, run, len(lines), version, service="quizzes"))


def addresses(notice) -> list[str]:
    return [each["address"].rpartition("/")[2] for each in notice.content["data"]["quizzes"]]


@pytest.fixture
def family(house: House) -> House:
    house.hear(make.reader("M-1", language="ru"), make.child("M-1", card="C-1", given_name="Дана"))
    return house


def test_the_moved_day_of_a_quiz_stands_in_the_same_digest_as_the_books(family: House) -> None:
    quarantine_id, run, quiz_id = (str(uuid.uuid4()) for _ in range(3))
    card, *changes = move("C-1", "L-1")
    family.hear(make.quiz(quiz_id), make.quarantine(quarantine_id))
    family.hear(make.moved(quarantine_id, run, card, *changes), make.ended(quarantine_id, run, 1))
    family.hear(make.ended(quarantine_id, str(uuid.uuid4()), 0, service="accounts"))
    family.work()
    assert family.notices() == []
    quiz_run(family, quarantine_id, "C-1", quiz_id=quiz_id)
    family.work()
    family.deliver()
    body = family.notice().body
    assert "Абай жолы" in body
    # The mother reads Russian, so the title is said in Russian.
    assert "Онлайн-тест: В тылу врага" in body


def test_a_day_that_moved_alone_is_a_digest_of_its_own(family: House) -> None:
    quiz_id, quarantine_id = str(uuid.uuid4()), str(uuid.uuid4())
    family.hear(make.quarantine(quarantine_id), make.ended(quarantine_id, str(uuid.uuid4()), 0))
    family.hear(make.ended(quarantine_id, str(uuid.uuid4()), 0, service="accounts"))
    quiz_run(family, quarantine_id, "C-1", quiz_id=quiz_id)
    family.work()
    family.deliver()
    notice = family.notice()
    assert notice.about == ["C-1"]
    # Not heard of in other languages: the title as the event says it.
    assert "Онлайн-тест: Жау тылында" in notice.body


def test_a_closure_declared_by_mistake_is_not_announced_again_with_the_day_put_back(family: House) -> None:
    """Nobody is told of the days of a closure that will not be."""
    quiz_id, quarantine_id = str(uuid.uuid4()), str(uuid.uuid4())
    for version, state, (was, now) in ((1, "declared", (SOON, AFTER)), (2, "cancelled", (AFTER, SOON))):
        run = str(uuid.uuid4())
        line = make.quiz_moved(quarantine_id, run, "C-1", quiz_id, was, now, version=version)
        others = [make.ended(quarantine_id, str(uuid.uuid4()), 0, version, each) for each in ("loans", "accounts")]
        family.hear(make.quarantine(quarantine_id, version, state), *others, line)
        family.hear(make.ended(quarantine_id, run, 1, version, service="quizzes"))
        family.work()
        family.deliver()
    told, put_back = family.notices()
    assert "Первый день закрытия" in told.body
    assert (put_back.kind, put_back.subject) == ("correction", "Исправление: действуют прежние даты")
    assert "отправлено по ошибке" in put_back.body and "закрыти" not in put_back.body
    assert f"Действующая дата: {long_date(date.fromisoformat(SOON), 'ru')}" in put_back.body


def test_the_three_open_quizzes_that_close_first_are_offered(house: House) -> None:
    house.hear(make.reader("A-1"))
    ids = {
        name: str(uuid.uuid4()) for name in ("soon", "later", "no end", "last", "shut", "over", "ahead", "elsewhere")
    }
    house.hear(
        make.quiz(ids["later"], closes_on=in_days(20)),
        make.quiz(ids["soon"], closes_on=in_days(2), opens_on=in_days(-1)),
        make.quiz(ids["last"], closes_on=in_days(30), branch_id="ortalyq"),
        make.quiz(ids["no end"]),
        make.quiz(ids["over"], closes_on=in_days(-1)),
        make.quiz(ids["ahead"], opens_on=in_days(1)),
        make.quiz(ids["elsewhere"], branch_id="zashchita"),
        make.quiz(ids["shut"]),
        make.quiz(ids["shut"], version=2, kind="quiz.closed.v1"),
    )
    house.declare(move("A-1", "L-1"))
    assert addresses(house.notice()) == [ids["soon"], ids["later"], ids["last"]]
    house.deliver()
    assert f"{house.settings.base_url()}/quizzes/{ids['soon']}" in house.notice().body


def test_quizzes_are_offered_to_the_ages_they_are_for(house: House) -> None:
    born = {"A-1": in_days(-8 * 366), "A-2": in_days(-20 * 366), "A-3": None}
    house.hear(*(make.reader(card, birth_date=day) for card, day in born.items()))
    ids = {name: str(uuid.uuid4()) for name in ("small", "grown", "all")}
    house.hear(
        make.quiz(ids["small"], age_from=6, age_to=9, closes_on=in_days(2)),
        make.quiz(ids["grown"], age_from=16, closes_on=in_days(3)),
        make.quiz(ids["all"], closes_on=in_days(4)),
    )
    house.declare(*(move(card, f"L-{card}") for card in born))
    offered = {card: addresses(house.notice(card_number=card)) for card in born}
    assert offered["A-1"] == [ids["small"], ids["all"]]
    assert offered["A-2"] == [ids["grown"], ids["all"]]
    assert offered["A-3"] == [ids["small"], ids["grown"], ids["all"]]


def test_late_and_repeated_news_of_a_quiz_change_nothing(house: House) -> None:
    house.hear(make.reader("A-1"))
    first, moved = make.quiz("", closes_on=in_days(1)), in_days(9)
    second = make.quiz(first.data["quiz_id"], version=2, closes_on=moved)
    house.hear(second)
    house.hear(first)
    house.later(days=2)
    house.declare(move("A-1", "L-1"))
    assert addresses(house.notice()) == [first.data["quiz_id"]]


def test_a_cancelled_closure_offers_none(house: House) -> None:
    house.hear(make.reader("A-1"), make.quiz())
    quarantine_id = house.declare(move("A-1", "L-1"))
    house.deliver()
    back = move("A-1", "L-1", was=AFTER, to=SOON, loan_version=3)
    house.declare(back, quarantine_id=quarantine_id, version=2, state="cancelled")
    assert addresses(house.notice(kind="correction")) == []


def test_the_reopening_notice_offers_them_too(house: House) -> None:
    house.hear(make.reader("A-1"), make.quiz())
    house.declare(move("A-1", "L-1"))
    house.deliver()
    house.later(days=13)
    reopenings.start_due(house.context)
    house.work()
    house.deliver()
    assert "Қазір ашық онлайн-тесттер:\n  Жау тылында – http" in house.notice(kind="reopening").body
