"""The desk when a scanner reads twice, and where a card or a book belongs to another library."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gateway.console import at_desk
from tests.gateway.desk_work import send
from tests.gateway.house import ALONE, BLOCKED, House, Visitor, bring, key_in, loan, reader, text_of

DESK = "/staff/desk"
ISBN = "9785171150334"


@pytest.fixture
def visitor(open_house: House) -> Visitor:
    return at_desk(open_house, "librarian")


def new_card(house: House, **more: str) -> str:
    card = f"D-{uuid.uuid4().hex[:6]}"
    bring(house.library, "readers", [reader(card, "Сканерова", "Әйгерім", **more)])
    return card


def lend(visitor: Visitor, card: str, **more: str) -> str:
    page = visitor.get(f"{DESK}?card={card}").text
    fields = {"code": ISBN, "title": "Ұлпан", "mode": "lend", "card": card, "branch_id": "ortalyq"}
    fields |= {"csrf": key_in(page), "key": page.split('name="key" value="', 1)[1].split('"', 1)[0]}
    answer = visitor.post(DESK, data=fields | more)
    assert answer.status_code in (200, 303)
    return text_of(answer.text if answer.status_code == 200 else visitor.get(answer.location).text)


def on_loan(house: House, card: str) -> int:
    return len(house.library.get(f"/loans?card_number={card}&status=on_loan")["items"])


def test_a_book_scanned_twice_is_lent_once_unless_another_copy_is_meant(open_house: House, visitor: Visitor) -> None:
    card = new_card(open_house)
    assert "Lent: Ұлпан." in lend(visitor, card)
    again = lend(visitor, card, code="978-5-17-115033-4")
    assert "The reader has this book already: Ұлпан." in again and "Lend another copy" in again
    assert on_loan(open_house, card) == 1
    assert "Lent: Ұлпан." in lend(visitor, card, copy="yes")
    assert on_loan(open_house, card) == 2


def test_enter_pressed_twice_lends_once(open_house: House, visitor: Visitor) -> None:
    card = new_card(open_house)
    page = visitor.get(f"{DESK}?card={card}").text
    key = page.split('name="key" value="', 1)[1].split('"', 1)[0]
    fields = {"code": ISBN, "title": "Ұлпан", "mode": "lend", "card": card, "branch_id": "ortalyq", "copy": "yes"}
    sent = fields | {"key": key, "csrf": key_in(page)}
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda _: visitor.post(DESK, data=sent), range(2)))
    assert {answer.status_code for answer in answers} == {303}
    assert on_loan(open_house, card) == 1


def test_a_school_takes_as_many_copies_as_are_scanned(open_house: House, visitor: Visitor) -> None:
    card = new_card(open_house)
    open_house.library.call("PATCH", f"/readers/{card}", json_body={"kind": "institution"})
    for _ in range(3):
        assert "Lent: Ұлпан." in lend(visitor, card)
    assert on_loan(open_house, card) == 3


@pytest.mark.parametrize("page", [DESK, "/staff/returns"])
def test_a_book_taken_back_twice_is_said_to_be_back(open_house: House, visitor: Visitor, page: str) -> None:
    number = f"{uuid.uuid4().int % 10**9}"
    bring(open_house.library, "loans", [loan(number, ALONE, "Ғабит Мүсірепов", f"Ұлпан {number}", 3)])
    for said, status in (("Taken back: Ұлпан", 303), ("Taken back already today: Ұлпан", 422)):
        answer = send(visitor, page, code=f"L{number}", mode="return")
        assert answer.status_code == status
        assert said in text_of(answer.text if status == 422 else visitor.get(answer.location).text)


def test_a_card_that_is_blocked_is_said_so_to_staff(open_house: House, visitor: Visitor) -> None:
    fields = {"code": ISBN, "title": "Ұлпан", "mode": "lend", "card": BLOCKED, "branch_id": "ortalyq"}
    words = text_of(send(visitor, DESK, **fields).text)
    assert "The card is blocked: nothing is lent" in words and "Please call" not in words


def test_a_card_of_another_library_can_be_lent_on_and_is_not_named(open_house: House) -> None:
    here = at_desk(open_house, "librarian", branches=["ablaketka"])
    card = new_card(open_house, home_branch_id="zashchita")
    opened = send(here, DESK, code=card, mode="lend")
    assert opened.location == f"{DESK}?card={card}&mode=lend"
    words = text_of(here.get(opened.location).text)
    assert "No reader of your libraries has this card." in words and "Сканерова" not in words
    assert "Lent: Ұлпан." in lend(here, card, branch_id="ablaketka")
    assert on_loan(open_house, card) == 1
    unknown = send(here, DESK, code=ISBN, title="Ұлпан", mode="lend", card="X-404", branch_id="ablaketka")
    assert unknown.status_code == 422 and "X-404" in text_of(unknown.text)


def test_a_book_of_another_library_is_not_taken_back_here(open_house: House) -> None:
    here = at_desk(open_house, "librarian", branches=["ablaketka"])
    number = f"{uuid.uuid4().int % 10**9}"
    bring(open_house.library, "loans", [loan(number, ALONE, "Ғабит Мүсірепов", "Ұлпан", 3, branch="zashchita")])
    answer = send(here, DESK, code=f"L{number}", mode="return")
    assert answer.status_code == 422
    assert f"No book on loan was found at your libraries: L{number}" in text_of(answer.text)
