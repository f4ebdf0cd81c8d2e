"""Readers' pages as a browser without scripts gets them."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from shared.language import LANGUAGES, long_date
from tests.gateway.house import (
    ALONE,
    DAUGHTER,
    GUARDIAN,
    SON,
    TODAY,
    House,
    Visitor,
    bring,
    in_days,
    key_in,
    loan,
    reader,
    text_of,
)


def reopening(house: House, branch_id: str = "ortalyq") -> date:
    return date.fromisoformat(house.library.get(f"/branches/{branch_id}")["closed"]["reopens_on"])


def test_home_while_open_has_no_banner(open_house: House) -> None:
    page = open_house.client().get("/").text
    assert "SpecialAnnouncement" not in page and 'class="banner"' not in page
    assert "Open now" in page or "Closed at this hour" in page


def test_the_language_is_kept_and_so_is_the_page(open_house: House) -> None:
    visitor = open_house.client("en")
    answer = visitor.get("/language/ru?back=/renew")
    assert (answer.status_code, answer.location) == (303, "/renew")
    assert '<html lang="ru">' in visitor.get("/renew").text
    assert visitor.get("/language/de").status_code == 404
    assert visitor.get("/language/kk?back=//elsewhere.example").location == "/"


@pytest.mark.parametrize("language", LANGUAGES)
def test_my_books_lead_with_the_answer(closed_house: House, language: str) -> None:
    visitor = closed_house.signed_in()
    visitor.get(f"/language/{language}")
    words = text_of(visitor.get("/books").text)
    opens = long_date(reopening(closed_house), language)
    assert words.index(opens) < words.index("Абай жолы")
    was = long_date(TODAY + timedelta(days=3), language)
    reason = {"kk": "Тұмауға", "ru": "гриппа", "en": "influenza"}[language]
    assert was in words and reason in words and ".." not in words


def test_a_guardian_sees_the_childrens_books_and_what_did_not_move(closed_house: House) -> None:
    words = text_of(closed_house.signed_in().get("/books").text)
    order = ["Айгүл (me)", "Абай жолы", "Ерасыл", "Менің атым Қожа", "Әлия", "Марғау Шалп"]
    places = [words.index(each) for each in order]
    assert places[2] < places[3] and places[0] < places[1]
    assert "not changed" in words


def test_a_child_sees_only_their_own(closed_house: House) -> None:
    words = text_of(closed_house.signed_in(SON).get("/books").text)
    assert "Менің атым Қожа" in words and "Абай жолы" not in words and "Марғау Шалп" not in words


def test_a_renewal_that_gains_nothing_says_why_beside_the_book(closed_house: House) -> None:
    visitor = closed_house.signed_in(DAUGHTER)
    assert visitor.send("/books", "/books/renew", loan_id="L4").status_code == 303
    page = visitor.get("/books").text
    card = page[page.index("Марғау Шалп") :]
    assert "Not needed" in card[: card.index("</li>")]
    assert "Not needed" not in visitor.get("/books").text


def test_renewing_one_and_all(open_house: House) -> None:
    visitor = open_house.signed_in(SON)
    visitor.send("/books", "/books/renew", loan_id="L2")
    assert "Books renewed: 1" in visitor.get("/books").text
    visitor.send("/books", "/books/renew")
    again = text_of(visitor.get("/books").text)
    assert "Books renewed: 1" in again and "Not needed" in again
    assert again.index("Not renewed: 1. The reason stands beside each book.") < again.index("Менің атым Қожа")


def test_nobody_renews_the_book_of_another_family(open_house: House) -> None:
    visitor = open_house.signed_in(SON)
    assert visitor.send("/books", "/books/renew", loan_id="L6").status_code == 404
    assert visitor.send("/books", "/books/renew", loan_id="L1").status_code == 404


def test_the_short_form_renews_by_card_and_surname(open_house: House) -> None:
    answer = open_house.client().send("/renew", "/renew", card_number=ALONE, surname="ПЕТРОВА")
    words = text_of(answer.text)
    assert answer.status_code == 200
    assert long_date(TODAY + timedelta(days=14), "en") in words
    assert "Маленький принц" not in words


def test_the_short_form_says_the_same_for_unknown_card_and_wrong_surname(closed_house: House) -> None:
    pairs = [(GUARDIAN, "Басқа"), ("no such card", "Басқа")]
    answers = [closed_house.client().send("/renew", "/renew", card_number=card, surname=name) for card, name in pairs]
    said = [re.search(r'role="alert".*?</div>', answer.text, re.DOTALL)[0] for answer in answers]
    assert said[0] == said[1] and [answer.status_code for answer in answers] == [404, 404]
    assert 'value="Басқа"' in answers[0].text, "what was typed is kept"


def test_a_private_link_opens_the_familys_books_until_it_is_switched_off(closed_house: House) -> None:
    link = closed_house.private_link("anna@example.org")
    page = closed_house.client("kk").get(link)
    words = text_of(page.text)
    assert page.status_code == 200 and "Маленький принц" in words and "Анна" in words
    assert "Петрова" not in words and "anna@" not in words
    assert '<html lang="ru">' in page.text, "in the language of the message that brought one here"
    visitor = closed_house.client()
    assert visitor.send(link, f"{link}/renew", loan_id="L6").location == link
    assert "Не нужно" in visitor.get(link).text
    assert visitor.send(link, f"{link}/renew", loan_id="L1").status_code == 404, "a book of another family"
    assert visitor.send(link, f"{link}/off").location == "/"
    gone = closed_house.client("en").get(link)
    assert gone.status_code == 404 and "switched off" in gone.text


def test_the_inbox_and_that_reading_counts(closed_house: House) -> None:
    visitor = closed_house.signed_in(ALONE)
    inbox = visitor.get("/notices").text
    assert 'class="new"' in inbox and "Маленький принц" not in inbox
    address = re.search(r'href="(/notices/[0-9a-f-]{36})"', inbox)[1]
    subject = re.search(r'<b lang="ru">([^<]+)</b>', inbox)[1]
    letter = visitor.get(address).text
    assert f"<title>{subject} · " in letter, "not the same title for every message"
    assert "Маленький принц — Антуан де Сент-Экзюпери" in letter and "/l/" not in letter and 'href="/books"' in letter
    assert 'class="new"' not in visitor.get("/notices").text
    assert closed_house.signed_in(GUARDIAN).get(address).status_code == 404


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("kk", "хабарлама ата-анаңызға не қамқоршыңызға жіберіледі"),
        ("ru", "получает родитель или опекун"),
        ("en", "go to your guardian"),
    ],
)
def test_a_childs_empty_inbox_says_where_the_messages_are(closed_house: House, language: str, said: str) -> None:
    page = closed_house.signed_in(SON, language).get("/notices").text
    lead = page[page.index('class="lead"') : page.index("</div>", page.index('class="lead"'))]
    assert said in lead and 'href="/books"' in lead
    assert said not in closed_house.signed_in(GUARDIAN, language).get("/notices").text


def test_an_adults_empty_inbox_says_what_will_stand_there(open_house: House) -> None:
    words = text_of(open_house.signed_in(ALONE).get("/notices").text)
    assert "No messages yet" in words and "you read here why and until when" in words and "guardian" not in words


def test_choosing_the_language_of_messages(open_house: House) -> None:
    visitor = open_house.signed_in(SON)
    visitor.send("/notices", "/notices/language", language="ru")
    assert open_house.library.get(f"/readers/{SON}")["language"] == "ru"
    assert visitor.send("/notices", "/notices/language", language="de").status_code == 422


def ticks(page: str) -> dict[str, bool]:
    """`kind:way` -> whether that box is ticked."""
    return {value: bool(on) for value, on in re.findall(r'name="wanted" value="([a-z_:]+)"( checked)?>', page)}


def test_which_messages_one_wants_is_shown_and_kept(open_house: House) -> None:
    visitor = open_house.signed_in()
    page = visitor.get("/notices/preferences").text
    boxes = ticks(page)
    assert "due_soon:email" in boxes and all(boxes.values())
    assert "Always sent" in page and not any(box.startswith("digest:") for box in boxes)
    wanted = {box for box in boxes if box != "due_soon:email"}
    data = {"wanted": sorted(wanted), "csrf": key_in(page)}
    assert visitor.post("/notices/preferences", data=data).location == "/notices/preferences"
    kept = visitor.get("/notices/preferences").text
    assert "Saved." in kept and {box for box, on in ticks(kept).items() if on} == wanted
    assert all(ticks(open_house.signed_in(ALONE).get("/notices/preferences").text).values()), "nobody else's changed"
    visitor.post("/notices/preferences", data=data | {"wanted": sorted(boxes)})
    assert all(ticks(visitor.get("/notices/preferences").text).values())


def newcomer(house: House, card: str, **more: str) -> None:
    bring(house.library, "readers", [reader(card, "Жаңа", "Оқырман", **more)])


def with_pin(house: House, card: str) -> Visitor:
    """A newcomer, signed in."""
    house.pins[card] = house.library.post(f"/readers/{card}/pin", {}, expect=201)["pin"]
    return house.signed_in(card)


def test_a_pin_for_who_has_none(open_house: House) -> None:
    newcomer(open_house, "2001", email="new@example.org")
    visitor = open_house.client()
    answers = [visitor.send("/pin", "/pin", card_number=card) for card in ("2001", "no such")]
    known, unknown = (text_of(answer.text).replace("no such", "2001") for answer in answers)
    assert known == unknown
    code = re.search(r"\b\d{6}\b", open_house.mail_to("new@example.org", ""))[0]
    wrong = visitor.send("/pin", "/pin/code", card_number="2001", code="0000", pin="4821")
    assert wrong.status_code == 422 and "not right" in wrong.text
    done = visitor.send("/pin", "/pin/code", card_number="2001", code=code, pin="4821")
    assert done.location == "/sign-in"
    assert "Your new PIN is set" in visitor.get("/sign-in").text
    assert visitor.send("/sign-in", "/sign-in", login="2001", secret="4821").location == "/books"
    assert "Қазір сізде алынған кітап жоқ" in visitor.get("/books").text, "in their own language"


def test_being_erased_takes_a_tick_and_is_for_good(open_house: House) -> None:
    newcomer(open_house, "2002")
    visitor = with_pin(open_house, "2002")
    assert visitor.send("/privacy/erase", "/privacy/erase").status_code == 422
    assert visitor.send("/privacy/erase", "/privacy/erase", sure="yes").location == "/"
    assert "have been erased" in visitor.get("/").text
    open_house.library.call("GET", "/readers/2002", expect=404)
    again = open_house.client().send("/sign-in", "/sign-in", login="2002", secret=open_house.pins["2002"])
    assert again.status_code == 401


def test_titles_are_shown_as_text(open_house: House) -> None:
    newcomer(open_house, "2003")
    bring(open_house.library, "loans", [loan(90, "2003", "<b>A</b>", "<script>alert(1)</script>", 5)])
    page = with_pin(open_house, "2003").get("/books").text
    assert "&lt;script&gt;alert(1)" in page and "<script>" not in page and "<b>A</b>" not in page


@pytest.mark.parametrize("path", ["/nothing", "/books/nothing", "/notices/00000000-0000-0000-0000-000000000000"])
def test_pages_that_are_not_there(open_house: House, path: str) -> None:
    answer = open_house.signed_in().get(path)
    assert answer.status_code == 404
    assert "To the home page" in answer.text and "tel:+77232000000" in answer.text


@pytest.mark.parametrize("path", ["/help", "/pin", "/accessibility", "/nothing", "/l/ended", "/books"])
def test_wherever_a_page_says_to_call_the_number_can_be_tapped(open_house: House, path: str) -> None:
    page = open_house.signed_in().get(path).text
    main = page[page.index("<main") : page.index("</main>")]
    assert '<a href="tel:+77232000000">+7\xa07232\xa000-00-00</a>' in main and "{phone}" not in main


def test_what_is_late_is_said_only_while_the_doors_are_open(open_house: House) -> None:
    newcomer(open_house, "2004")
    bring(open_house.library, "loans", [loan(91, "2004", "Ғабит Мүсірепов", "Ұлпан", -3)])
    words = text_of(with_pin(open_house, "2004").get("/books").text)
    assert "Please bring back now: 1 book" in words
    assert long_date(date.fromisoformat(in_days(-3)), "en") in words
