"""Where a reader meets a quiz: listed, beside books on loan and just returned, for a child, among the best results."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from services.gateway import open_quizzes
from shared.language import long_date
from tests.gateway import quizzing
from tests.gateway.console import at_desk
from tests.gateway.house import (
    ALONE,
    DAUGHTER,
    GUARDIAN,
    SON,
    TODAY,
    House,
    Visitor,
    calls_of,
    in_days,
    new_site,
    text_of,
)
from tests.gateway.quizzing import SINGLE
from tests.gateway.test_quiz_pages import begin, hand_in_all


def test_open_quizzes_are_listed_and_found(quiz_house: House) -> None:
    quiz_id = quizzing.published(
        quiz_house, [SINGLE], "listed", title={"kk": "Ерекше тест", "ru": "Особый тест", "en": "A special test"}
    )
    visitor = quiz_house.client("kk")
    page = visitor.get("/quizzes")
    assert f"/quizzes/{quiz_id}" in page.text and "Жау тылында" in text_of(page.text)
    assert f"/quizzes/{quiz_id}" in visitor.get("/quizzes?search=ерекше").text
    nothing = text_of(visitor.get("/quizzes?search=zzzz").text)
    assert "Табылмады: zzzz" in nothing


def test_a_quiz_still_to_open_names_its_day_and_cannot_be_begun(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE], "ahead", opens_on=in_days(3))
    page = quiz_house.client("en").get(f"/quizzes/{quiz_id}").text
    assert f"not open yet. Opens: {long_date(TODAY + timedelta(days=3), 'en')}" in text_of(page)
    assert f"/quizzes/{quiz_id}/start" not in page and "Begin" not in page
    assert f"Ашылатын күні: {long_date(TODAY + timedelta(days=3), 'kk')}" in text_of(
        quiz_house.client("kk").get(f"/quizzes/{quiz_id}").text
    )


@pytest.mark.parametrize(
    ("quiz", "expected"),
    [
        ({"open": True, "state": "published", "opens_on": None}, "open"),
        ({"open": False, "state": "published", "opens_on": "2026-03-02"}, "not_yet"),
        ({"open": False, "state": "published", "opens_on": "2026-03-01"}, "not_yet"),
        ({"open": False, "state": "published", "opens_on": "2026-02-01"}, "closed"),
        ({"open": False, "state": "published", "opens_on": None}, "closed"),
        ({"open": False, "state": "closed", "opens_on": "2026-03-02"}, "closed"),
    ],
)
def test_a_quiz_past_its_last_day_is_closed_before_the_tick_says_so(quiz: dict[str, Any], expected: str) -> None:
    assert open_quizzes.stage(quiz, date(2026, 3, 1)) == expected


def test_a_title_shown_in_another_language_says_which(quiz_house: House) -> None:
    only = {"title": {"kk": "Ертегі тесті"}, "about": {"ru": "После чтения сказки."}, "languages": ["kk"]}
    quiz_id = quizzing.published(quiz_house, [SINGLE], "one tongue", **only)
    page = quiz_house.client("en").get(f"/quizzes/{quiz_id}").text
    assert "Ертегі тесті (ҚАЗ)" in text_of(page) and "После чтения сказки. (РУС)" in text_of(page)
    assert "Ертегі тесті (ҚАЗ)" in text_of(quiz_house.client("en").get("/quizzes?search=ертегі").text)
    assert "Ертегі тесті (ҚАЗ)" not in text_of(quiz_house.client("kk").get(f"/quizzes/{quiz_id}").text)


def test_the_result_tells_the_next_test_and_the_next_book(quiz_house: House) -> None:
    works = [{"title": "Ұшқан ұя", "author": "Бауыржан Момышұлы", "isbn": None}]
    visitor, quiz_id = quiz_house.client("kk"), quizzing.published(quiz_house, [SINGLE], "first")
    following = quizzing.published(quiz_house, [SINGLE], "next", works=works)
    page = visitor.get(hand_in_all(visitor, begin(quiz_house, quiz_id, visitor, language="en"))).text
    books, _, tests = page.partition('id="next">Келесі онлайн-тест')
    assert "Енді не оқимыз?" in books and "Ұшқан ұя Бауыржан Момышұлы" in text_of(books)
    assert f'href="/quizzes/{following}"' in tests and f'href="/quizzes/{following}"' not in books


def test_a_draft_is_nobodys_business(quiz_house: House) -> None:
    quiz_id = quizzing.draft(quiz_house, [SINGLE], "hidden")
    assert quiz_house.client().get(f"/quizzes/{quiz_id}").status_code == 404


def test_borrowed_and_returned_books_offer_their_quiz_and_home_tells_of_it(quiz_house: House) -> None:
    works = [{"title": "Абай  жолы", "author": None}, {"title": "Әке мен бала", "author": None}]
    quiz_id = quizzing.published(quiz_house, [SINGLE], "books", works=works)
    fresh = Visitor(new_site(quiz_house)[0], "en")
    fresh.send("/sign-in", "/sign-in", login=GUARDIAN, secret=quiz_house.pins[GUARDIAN])
    fresh.get("/language/en")
    assert f"/quizzes/{quiz_id}" not in fresh.get("/books").text, "the branches come first"
    page = fresh.get("/books").text
    assert page.count(f'href="/quizzes/{quiz_id}"') == 1
    assert fresh.get("/books/past").text.count(f'href="/quizzes/{quiz_id}"') == 1, "after bringing it back too"
    assert f"/quizzes/{quiz_id}" in fresh.get("/").text
    assert "Today" in text_of(fresh.get("/").text)


def my_books(house: House, card: str) -> Any:
    """The page of a site that has asked for the open quizzes."""
    fresh = Visitor(new_site(house)[0], "en")
    fresh.send("/sign-in", "/sign-in", login=card, secret=house.pins[card])
    fresh.get("/language/en")
    fresh.get("/books")
    return fresh.get("/books").text


@pytest.mark.parametrize(
    ("printed", "scanned", "page"),
    [("978-5-17-118366-0", "9785171183660", "desk"), ("5-17-118367-8", "9785171183677", "returns")],
    ids=["13 digits with hyphens", "the older 10 digits"],
)
def test_a_book_with_its_number_however_written_offers_its_test_till_after_its_return(
    quiz_house: House, printed: str, scanned: str, page: str
) -> None:
    title = quizzing.words("Нөмірмен тест", "Тест по номеру", f"Test by number {printed}")
    works = [{"title": "Another edition's title", "isbn": printed}]
    quiz_id = quizzing.published(quiz_house, [SINGLE], "isbn", works=works, title=title)
    lent = {"card_number": ALONE, "isbn": scanned, "title": f"Book {scanned}", "branch_id": "ortalyq"}
    quiz_house.library.post("/loans", lent, expect=201)
    assert f'href="/quizzes/{quiz_id}"' in my_books(quiz_house, ALONE)

    librarian, at = at_desk(quiz_house, "librarian"), f"/staff/{page}"
    done = librarian.get(librarian.send(at, at, code=scanned, mode="return").location).text
    assert f"Online test for this book: {title['en']}" in text_of(done) and f'href="/quizzes/{quiz_id}"' in done
    after = my_books(quiz_house, ALONE)
    assert f'href="/quizzes/{quiz_id}"' in after and "Tests on books just returned" in after


def test_books_returned_long_ago_keep_their_tests_on_a_page_of_their_own() -> None:
    quiz = {"id": "q", "works": [{"title": "Абай жолы"}]}
    known = open_quizzes.on_books(orjson.dumps({"items": [quiz]}))
    loans = [{"title": "Абай  ЖОЛЫ", "isbn": None, "returned_on": day} for day in ("2026-03-01", None)]
    assert open_quizzes.of_returned(loans, known, date(2026, 3, 15)) == {"Абай  ЖОЛЫ": [quiz]}
    assert open_quizzes.of_returned(loans, known, date(2026, 3, 16)) == {}
    assert open_quizzes.on_books(b"null").about("Абай жолы", None) == []


def test_those_who_know_as_much_share_a_place(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE], "places", leaderboard=True, pass_percent=None)
    names = [quizzing.nickname() for _ in range(3)]
    for at, nickname in enumerate(names):
        visitor = quiz_house.client()
        path = begin(quiz_house, quiz_id, visitor, nickname=nickname)
        if at < 2:
            hand_in_all(visitor, path)
        else:
            visitor.send(f"{path}/hand-in", f"{path}/hand-in")
    at = f"/quizzes/{quiz_id}"
    assert f'href="{at}/best"' in quiz_house.client().get(at).text
    words = text_of(quiz_house.client().get(f"{at}/best").text)
    placed = {nickname: place for place, nickname in re.findall(r"(\d+)\. (Бүркіт \w+)", words)}
    assert placed == dict(zip(names, ("1", "1", "3"), strict=True))


def test_a_guardian_plays_for_a_child_and_allows_the_full_name(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE], "family")
    parent, at = quiz_house.signed_in(GUARDIAN), f"/quizzes/{quiz_id}"
    page = parent.get(at).text
    assert re.findall(r'name="for_card" value="(\d*)"', page) == ["", SON, DAUGHTER]
    assert "Who is playing? I myself Ерасыл Әлия" in text_of(page)
    assert "for_card" not in quiz_house.signed_in(SON).get(at).text
    foreign = parent.send(at, f"{at}/start", language="en", for_card=ALONE)
    assert foreign.status_code == 422 and 'id="for_card-fault"' in foreign.text

    path = begin(quiz_house, quiz_id, parent, nickname="", for_card=SON)
    assert begin(quiz_house, quiz_id, quiz_house.signed_in(SON), nickname="") == path, "the child's own attempt"
    result = hand_in_all(parent, path)
    assert "See how it will look" in parent.get(result).text
    assert 'name="show_name" value="yes"' in parent.get(result).text
    son = quiz_house.signed_in(SON)
    alone = son.get(result).text
    assert 'type="radio" name="show_name"' not in alone and "A parent can sign in with their own card" in alone
    to = result.replace("/result", "/certificate")
    assert son.send(result, to, name="Ерасыл Серіков", language="kk", sure="yes").status_code == 303
    code = re.search(r'href="(/c/[^"]+)"', son.get(result).text)
    assert code and "Серіков" not in text_of(quiz_house.client().get(code[1]).text)

    for visitor, said, shown in (
        (son, "Ask a parent", False),
        (quiz_house.signed_in(ALONE), "not yours or your child", False),
        (parent, "This page says the full name.", True),
    ):
        done = visitor.send(code[1], f"{code[1]}/consent", show_name="yes")
        assert said in text_of(visitor.get(done.location).text)
        assert ("Ерасыл Серіков" in text_of(quiz_house.client().get(code[1]).text)) is shown
    librarian = at_desk(quiz_house, "librarian")
    librarian.send(code[1], f"{code[1]}/consent", show_name="")
    assert "Серіков" not in text_of(quiz_house.client().get(code[1]).text)
    assert "Show the full name" not in quiz_house.client().get(code[1]).text


def test_books_ask_for_open_quizzes_at_most_once_a_minute(quiz_house: House) -> None:
    site, counted = new_site(quiz_house)
    visitor = Visitor(site, "en")
    visitor.send("/sign-in", "/sign-in", login=GUARDIAN, secret=quiz_house.pins[GUARDIAN])
    before = calls_of(counted)
    assert [visitor.get("/books").status_code for _ in range(3)] == [200] * 3
    assert calls_of(counted) - before == 9
    assert (counted["quizzes"].calls, counted["quarantines"].calls) == (1, 2), "in place of the branches"
