"""My books, the books before them and the short form of renewal, as a browser without scripts gets them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from services.gateway.pages import renewal
from services.loans.models import Loan, Reader
from shared.language import LANGUAGES, long_date
from tests.gateway.house import ALONE, SON, TODAY, House, Visitor, bring, loan, text_of
from tests.gateway.test_pages import newcomer, reopening, with_pin
from tests.support.eventually import eventually


def test_what_the_family_had_before_is_a_page_of_its_own(closed_house: House) -> None:
    visitor = closed_house.signed_in()
    page = visitor.get("/books").text
    assert "Әке мен бала" not in page and 'href="/books/past"' in page
    words = text_of(visitor.get("/books/past").text)
    assert words.index("Әлия") < words.index("Әке мен бала Ыбырай Алтынсарин Received")
    assert "Марғау Шалп" not in words
    assert "There are none yet" in closed_house.signed_in(SON).get("/books/past").text
    assert 'href="/books/past"' not in closed_house.client().get(closed_house.private_link()).text


def test_hundreds_of_books_brought_back_never_hide_the_one_on_loan(open_house: House) -> None:
    """Numbered so that the book on loan would stand last of all by its number."""
    newcomer(open_house, "2005", email="many@example.org")
    many = [loan(f"A{n:03}", "2005", "Абай", f"Қара сөздер {n:03}", -20 - n, "returned") for n in range(600)]
    bring(open_house.library, "loans", [*many, loan("Z", "2005", "Ғабит Мүсірепов", "Ұлпан", 9)])
    visitor = with_pin(open_house, "2005")
    words = text_of(visitor.get("/books").text)
    assert f"1 book. Bring them on: {long_date(TODAY + timedelta(days=9), 'en')}" in words
    assert "Ұлпан" in words and "Қара сөздер" not in words
    first = visitor.get("/books/past").text
    assert len(re.findall("Қара сөздер", first)) == 50 and "Қара сөздер 000" in first
    older = visitor.get(unescape(re.search(r'href="(/books/past\?cursor=[^"]+)"', first)[1])).text
    assert len(re.findall("Қара сөздер", older)) == 50 and "Қара сөздер 050" in older


def test_more_books_than_fit_on_one_page_are_reached_from_it(open_house: House) -> None:
    newcomer(open_house, "2006")
    books = [loan(f"M{n:03}", "2006", "Абай", f"Кітап {n:03}", 9) for n in range(501)]
    bring(open_house.library, "loans", books)
    visitor = with_pin(open_house, "2006")
    first = visitor.get("/books").text
    assert "These are not all" in first and "Кітап 500" not in first
    rest = visitor.get("/books" + unescape(re.search(r'href="(\?cursor=[^"]+)"', first)[1])).text
    assert "Кітап 500" in rest and "Кітап 499" not in rest and "These are not all" not in rest


def test_a_blocked_card_and_the_limit_of_renewals_are_said_beside_the_book(open_house: House) -> None:
    newcomer(open_house, "2007")
    bring(open_house.library, "loans", [loan(92, "2007", "Жүсіпбек Аймауытов", "Ақбілек", 2)])
    visitor = with_pin(open_house, "2007")
    with open_house.system.contexts["loans"].database.transaction() as session:
        session.get_one(Loan, "L92").renewals = 99
    visitor.send("/books", "/books/renew", loan_id="L92")
    assert "Renewed as often as allowed. Please call the library." in card_of(visitor, "Ақбілек")
    open_house.library.call("PATCH", "/readers/2007", json_body={"blocked": True})
    eventually(lambda: is_blocked(open_house, "2007"), 30)
    visitor.send("/books", "/books/renew", loan_id="L92")
    assert "The card is blocked. Please call the library." in card_of(visitor, "Ақбілек")


def is_blocked(house: House, card: str) -> bool:
    with house.system.contexts["loans"].database.reading() as session:
        return session.get_one(Reader, card).blocked


def card_of(visitor: Visitor, title: str) -> str:
    """The part of My books about that book."""
    page = visitor.get("/books").text
    return page[page.index(title) : page.index("</li>", page.index(title))]


@pytest.mark.parametrize(
    ("language", "said"),
    [("kk", "Қажет емес. Қайтару күні:"), ("ru", "Не нужно. Ваш срок:"), ("en", "Not needed. Your date:")],
)
def test_the_short_form_leads_with_the_date_where_nothing_is_to_be_gained(
    closed_house: House, language: str, said: str
) -> None:
    page = closed_house.client(language).send("/renew", "/renew", card_number=ALONE, surname="Петрова").text
    lead = text_of(page[page.index('class="lead"') : page.index("</div>", page.index('class="lead"'))])
    assert lead.endswith(f"{said} {long_date(reopening(closed_house), language)}")


@pytest.mark.parametrize(
    ("books", "lead"),
    [
        ([], renewal.Lead("nothing")),
        ([("not_needed", "2026-02-16"), (None, "2026-03-02")], renewal.Lead("renewed")),
        ([("not_needed", "2026-02-16"), ("card_blocked", "2026-02-10")], renewal.Lead("refused")),
        ([("not_needed", "2026-02-16")] * 2, renewal.Lead("one_day", "2026-02-16")),
        ([("not_needed", "2026-02-18"), ("not_needed", "2026-02-16")], renewal.Lead("several_days", "2026-02-16")),
        ([("not_needed", None), ("not_needed", "2026-02-16")], renewal.Lead("several_days", "2026-02-16")),
        ([("not_needed", None)], renewal.Lead("until_open")),
    ],
)
def test_what_the_short_form_leads_with(books: list[tuple[str | None, str | None]], lead: renewal.Lead) -> None:
    outcomes = [{"reason": reason, "due_on": due_on} for reason, due_on in books]
    renewed = sum(reason is None for reason, _ in books)
    assert renewal.leading({"renewed": renewed, "books": outcomes}) == lead


TOO_VAGUE = {"kk": "тізімді қараңыз", "ru": "смотрите список", "en": "see the list"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_that_is_refused_says_why_and_not_that_there_is_a_list(open_house: House, language: str) -> None:
    much = "7" * 101
    answer = open_house.client(language).send("/renew", "/renew", card_number=much, surname="Петрова")
    alert = text_of(re.search(r'role="alert".*?</div>', answer.text, re.DOTALL)[0])
    assert answer.status_code == 422 and "100" in alert and TOO_VAGUE[language] not in alert
    refused = open_house.signed_in(language=language).send("/books", "/books/renew", loan_id=much)
    assert refused.status_code == 422 and TOO_VAGUE[language] not in refused.text


def test_the_answer_of_the_short_form_has_a_title_of_its_own(closed_house: House) -> None:
    titles = [
        re.search("<title>([^<]+)</title>", page)[1]
        for page in (
            closed_house.client().get("/renew").text,
            closed_house.client().send("/renew", "/renew", card_number=ALONE, surname="Петрова").text,
        )
    ]
    assert titles[1].startswith("Renew books online: what came of it") and titles[0] != titles[1]


def test_too_many_tries_are_told_when_to_come_back_in_minutes(open_house: House) -> None:
    visitor = open_house.client()
    answers = [visitor.send("/renew", "/renew", card_number="tried often", surname="x") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [404] * 5 + [429]
    assert "come back in 15 min." in answers[-1].text


def test_a_calendar_link_is_shown_once_listed_and_switched_off(open_house: House) -> None:
    visitor = open_house.signed_in()
    page = visitor.send("/books", "/books/calendar").text
    link = re.search(r'value="(http[^"]+\.ics)"', page)[1]
    assert f'href="webcal:{link.partition(":")[2]}"' in page
    feed = "/" + link.split("/", 3)[3]
    assert open_house.client().get(feed).text.startswith("BEGIN:VCALENDAR")
    listed = visitor.get("/books/calendar").text
    assert link not in listed
    numbers = re.findall(r'name="calendar_id" value="([^"]+)"', listed)
    assert visitor.send("/books/calendar", "/books/calendar/off", calendar_id="mine").status_code == 400
    stranger = open_house.signed_in(SON)
    assert stranger.send("/books/calendar", "/books/calendar/off", calendar_id=numbers[0]).status_code == 404
    answer = visitor.send("/books/calendar", "/books/calendar/off", calendar_id=numbers[0])
    assert (answer.status_code, answer.location) == (303, "/books/calendar")
    rest = visitor.get("/books/calendar").text
    assert "The calendar link is switched off." in rest and numbers[0] not in rest
    assert open_house.client().get(feed).status_code == 404
