"""Certificates over HTTP: who gets one, what anybody may know of it."""

import pytest

from tests.quizzes import making
from tests.quizzes.attempting import played, start
from tests.quizzes.house import House

RIGHT = {"First?": "Abai", "Second?": "Abai"}
WRONG = {"First?": "Pushkin", "Second?": "Goethe"}


@pytest.fixture
def quiz(house: House):
    return making.published(house, certificate=True, pass_percent=60, works=[{"title": "Жау тылында"}])


def wish(house, attempt, who, status=None, **given):
    body = {"name": "Әлия Қасымова", "language": "kk"} | given
    return house.ask("POST", f"/attempts/{attempt['id']}/certificate", who, status, json=body)


def check(house, code, language="en", status=None):
    return house.ask("GET", f"/certificates/{code}", {"Accept-Language": language}, status)


def test_a_child_is_shown_by_first_name_and_age(house, quiz):
    house.registered("R-1", given_name="Алия", birth_date="2015-05-01")
    reader = house.reader("R-1")
    attempt = played(house, quiz["id"], reader, RIGHT)
    offered = attempt["result"]["certificate"]
    assert (offered["allowed"], offered["code"]) == (True, None)
    made = wish(house, attempt, reader)
    assert len(made["code"]) == 20
    assert made["url"] == f"{house.system.settings.base_url()}/c/{made['code']}"
    shown = check(house, made["code"])
    assert (shown["valid"], shown["percent"], shown["quiz"]["id"]) == (True, 100.0, quiz["id"])
    assert shown["who"] == offered["who"]
    first_name, _, age = shown["who"].partition(", ")
    assert first_name == "Алия"
    assert age.endswith("years old")
    assert check(house, made["code"], "kk")["who"].endswith(" жас")
    assert check(house, made["code"], "ru")["who"].startswith("Алия, 1")
    assert "Қасымова" not in str(shown)


def test_the_name_is_shown_with_consent_only(house, quiz):
    reader = house.reader("R-1")
    attempt = played(house, quiz["id"], reader, RIGHT)
    made = wish(house, attempt, reader, show_name=True)
    assert check(house, made["code"])["who"] == "Әлия Қасымова"
    again = wish(house, attempt, reader, name="Әлия Қ.", show_name=False)
    assert again == made
    assert check(house, made["code"])["who"] is None


def test_a_guest_is_shown_by_nickname_until_it_is_hidden(house, quiz):
    guest = house.guest()
    attempt = played(house, quiz["id"], guest, RIGHT, nickname="бүркіт")
    made = wish(house, attempt, guest)
    assert check(house, made["code"])["who"] == "бүркіт"
    house.ask("POST", "/nicknames/hide", house.staff("librarian"), json={"attempt_id": attempt["id"]})
    assert check(house, made["code"])["who"] is None


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_sheet_is_for_who_has_the_code(house, quiz, language):
    guest = house.guest()
    made = wish(house, played(house, quiz["id"], guest, RIGHT), guest, language=language)
    answer = house.call("GET", f"/certificates/{made['code']}.pdf")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF-")
    assert f"/Lang({language})".encode() in answer.data
    assert "no-store" in answer.headers["Cache-Control"]
    printed = "-".join(made["code"][at : at + 5] for at in range(0, 20, 5)).lower()
    assert check(house, printed)["code"] == made["code"]


def test_who_has_not_passed_gets_none(house, quiz):
    guest = house.guest()
    attempt = played(house, quiz["id"], guest, WRONG)
    assert attempt["result"]["certificate"]["allowed"] is False
    wish(house, attempt, guest, 409)
    wish(house, start(house, quiz["id"], guest), guest, 409)
    without = making.published(house)
    wish(house, played(house, without["id"], guest, RIGHT), guest, 409)


def test_nobody_gets_anothers(house, quiz):
    attempt = played(house, quiz["id"], house.reader("R-1"), RIGHT)
    wish(house, attempt, house.reader("R-2"), 404)
    wish(house, attempt, house.guest(), 404)
    wish(house, attempt, house.staff("librarian"), 401)
    wish(house, attempt, {"Accept-Language": "en"}, 401)


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, None])
def test_a_name_that_cannot_be_printed(house, quiz, name):
    guest = house.guest()
    attempt = played(house, quiz["id"], guest, RIGHT)
    assert "name" in wish(house, attempt, guest, 422, name=name)["errors"]


def test_a_withdrawn_one_says_only_that(house, quiz):
    guest = house.guest()
    attempt = played(house, quiz["id"], guest, RIGHT)
    code = wish(house, attempt, guest, show_name=True)["code"]
    path = f"/certificates/{code}/withdraw"
    assert house.call("POST", path, house.staff("editor"), json={"reason": "x"}).status_code == 403
    house.ask("POST", path, house.staff("librarian"), 422, json={})
    house.ask("POST", path, house.staff("librarian"), json={"reason": "Copied"})
    shown = check(house, code)
    assert (shown["valid"], set(shown)) == (False, {"code", "valid", "withdrawn_on", "quiz"})
    house.ask("GET", f"/certificates/{code}.pdf", None, 409)
    wish(house, attempt, guest, 409)
    house.ask("POST", path, house.staff("librarian"), json={"reason": "again"})


def test_an_erased_reader_leaves_a_certificate_without_a_name(house, quiz):
    data = house.registered("R-1", birth_date="1990-05-01")
    reader = house.reader("R-1")
    code = wish(house, played(house, quiz["id"], reader, RIGHT), reader, show_name=True)["code"]
    gone = {"reader_id": data["reader_id"], "version": 2, "card_number": "R-1"}
    house.hear("reader.erased.v1", gone)
    shown = check(house, code)
    assert (shown["valid"], shown["who"]) == (True, None)
    house.ask("GET", f"/certificates/{code}.pdf", None, 404)


def test_no_such_code(house):
    check(house, "A" * 20, status=404)
    house.ask("GET", f"/certificates/{'A' * 20}.pdf", None, 404)
