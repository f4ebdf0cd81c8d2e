"""Readers as accounts tells of them: the least of each, and nothing once they are gone."""

from datetime import date

from services.quizzes.models import Answer, Attempt, Certificate, Mark, Nickname, Reader
from shared import clock
from tests.quizzes import making as make
from tests.quizzes.house import House
from tests.quizzes.making import Player


def test_only_what_quizzes_need_is_kept_and_the_newest_counts(house: House):
    house.registered("KZ1")
    house.registered("KZ1", 3, given_name="Әлима")
    house.registered("KZ1", 2, given_name="Late")
    (row,) = house.rows(Reader)
    kept = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    assert kept == {
        "card_number": "KZ1",
        "reader_id": kept["reader_id"],
        "version": 3,
        "given_name": "Әлима",
        "language": "kk",
        "birth_date": date(2015, 5, 1),
        "guardian_card_number": None,
    }


def played(house: House, card: str) -> Player:
    quizzes = house.ask("GET", "")["items"] or [make.published(house, make.ONE_OF_EACH)]
    player = Player.begins(house, quizzes[0]["id"], house.reader(card), nickname=f"дос {card[-1]}")
    player.answers(player.item(0)["id"], 1)
    player.answers(player.item(7)["id"], f"I am {card}")
    player.finishes()
    with house.database.transaction() as session:
        paper = {"name": "Әлия Қасымова", "who": {"first_name": "Әлия", "age": 9}, "language": "kk", "show_name": True}
        paper |= {"points": 1.0, "of": 1.0, "percent": 100.0}
        session.add(
            Certificate(
                code=card, attempt_id=player.id, quiz_id=player.view["quiz"]["id"], issued_at=clock.now(), **paper
            )
        )
        marked = {"share": "1/2", "comment": "Well done, Әлия", "marked_by": "staff:1", "marked_at": clock.now()}
        session.add(Mark(attempt_id=player.id, item_id=player.item(7)["id"], **marked))
    return player


def test_an_erased_reader_is_gone_and_what_was_played_stays_countable(house: House):
    reader = house.registered("KZ1")
    house.registered("KZ2")
    erased, other = played(house, "KZ1"), played(house, "KZ2")
    before = house.rows(Attempt, id=erased.id)[0].scores
    event = house.hear(
        "reader.erased.v1", {name: reader[name] for name in ("reader_id", "card_number")} | {"version": 2}
    )
    (attempt,) = house.rows(Attempt, id=erased.id)
    assert (attempt.card_number, attempt.taker[:5], attempt.scores, attempt.state) == (
        None,
        "gone:",
        before,
        "finished",
    )
    (paper,) = house.rows(Certificate, code="KZ1")
    assert (paper.name, paper.who, paper.show_name) == (None, None, False)
    assert [row.taker for row in house.rows(Nickname)] == ["reader:KZ2"]
    answers = {row.item_id: row.answer for row in house.rows(Answer, attempt_id=erased.id)}
    assert (answers[erased.item(0)["id"]], answers[erased.item(7)["id"]]) == (1, None)
    assert [(row.share, row.comment) for row in house.rows(Mark, attempt_id=erased.id)] == [("1/2", None)]
    house.ask("GET", f"/attempts/{erased.id}", erased.headers, 404)
    assert other.looks()["nickname"] == "дос 2"
    house.hear_again(event)
    house.registered("KZ1", 1, given_name="Late")
    assert {row.given_name for row in house.rows(Reader)} == {"", "Әлия"}
    assert house.rows(Attempt, id=erased.id)[0].taker == attempt.taker


def test_who_comes_back_begins_anew(house: House):
    reader = house.registered("KZ1")
    played(house, "KZ1")
    house.hear("reader.erased.v1", {name: reader[name] for name in ("reader_id", "card_number")} | {"version": 2})
    house.registered("KZ1", 3, given_name="Жаңа")
    assert [row.given_name for row in house.rows(Reader, card_number="KZ1")] == ["Жаңа"]
    assert house.ask("GET", "/attempts", house.reader("KZ1"))["items"] == []
    assert Player.begins(house, house.ask("GET", "")["items"][0]["id"], house.reader("KZ1")).view["number"] == 1


def test_an_attempt_begun_before_the_erasure_takes_no_more_answers(house: House):
    reader = house.registered("KZ1")
    player = Player.begins(house, make.published(house)["id"], house.reader("KZ1"))
    player.answers(player.item(0)["id"], 0)
    house.hear("reader.erased.v1", {name: reader[name] for name in ("reader_id", "card_number")} | {"version": 2})
    assert player.saves(player.item(0)["id"], None).status_code == 404
    assert [row.answer for row in house.rows(Answer)] == [0]
