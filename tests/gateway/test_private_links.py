"""A notice's private link: all it says is in the letter's language, and one that has ended leads on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from services.notify.links import hash_of
from services.notify.models import Link
from shared import clock
from tests.gateway.house import GUARDIAN, House, key_in, text_of


@contextmanager
def ended(house: House, path: str) -> Iterator[None]:
    """The link as it is on its thirty-first day."""
    database = house.system.contexts["notify"].database

    def until(moment: timedelta) -> None:
        with database.transaction() as session:
            session.get_one(Link, hash_of(path.removeprefix("/l/"))).until = clock.now() + moment

    until(-timedelta(days=1))
    yield
    until(timedelta(days=29))


def test_what_is_done_by_a_link_is_answered_in_the_letters_language(closed_house: House) -> None:
    """A Kazakh letter, opened on a phone set to English."""
    link, visitor = closed_house.private_link(), closed_house.client("en")
    assert visitor.send(link, f"{link}/renew", loan_id="L4").location == link
    page = visitor.get(link).text
    assert '<html lang="kk">' in page and "Қажет емес" in page and "Not needed" not in page
    visitor.send(link, f"{link}/question", question="Бір кітап менікі емес")
    thanks = text_of(visitor.get(link).text)
    assert "Рақмет. Кітапхана келесі жұмыс күні оқып, сізге хабарласады." in thanks
    empty = visitor.send(link, f"{link}/question", question=" ")
    assert empty.status_code == 422 and '<html lang="kk">' in empty.text


def test_a_language_chosen_on_the_site_stands_above_the_letters(closed_house: House) -> None:
    link, visitor = closed_house.private_link(), closed_house.client("kk")
    visitor.get("/language/ru")
    visitor.send(link, f"{link}/renew", loan_id="L4")
    page = visitor.get(link).text
    assert '<html lang="ru">' in page and "Не нужно" in page


@pytest.mark.parametrize(
    ("language", "title", "reason"),
    [
        ("kk", "Бұл сілтеме енді ашылмайды", "Бұл сілтеменің мерзімі аяқталған"),
        ("ru", "Эта ссылка больше не открывается", "Срок действия ссылки истёк"),
        ("en", "This link does not open any more", "This link has expired or was switched off"),
    ],
)
def test_an_ended_link_leads_to_the_other_ways_to_the_same_books(
    closed_house: House, language: str, title: str, reason: str
) -> None:
    link, visitor = closed_house.private_link(), closed_house.client(language)
    key = key_in(visitor.get("/renew").text)
    with ended(closed_house, link):
        deeds = [visitor.post(f"{link}/{deed}", data={"csrf": key, "question": "?"}) for deed in DEEDS]
        for answer in (visitor.get(link), *deeds, visitor.get("/l/nosuchlink1")):
            assert_leads_on(answer, title, reason)
    assert visitor.get(link).status_code == 200


DEEDS = ("renew", "off", "question")


def assert_leads_on(answer: TestResponse, title: str, reason: str) -> None:
    assert answer.status_code == 404
    assert f"<h1>{title}</h1>" in answer.text and reason in answer.text
    for way in ("/sign-in?back=/books", "/help", "/renew"):
        assert f'href="{way}"' in answer.text, way


def test_a_book_of_another_family_is_no_ended_link(closed_house: House) -> None:
    link, visitor = closed_house.private_link(), closed_house.client("en")
    answer = visitor.send(link, f"{link}/renew", loan_id="L6")
    assert answer.status_code == 404 and "ашылмайды" not in answer.text
    assert closed_house.library.get("/loans/L6")["card_number"] != GUARDIAN
