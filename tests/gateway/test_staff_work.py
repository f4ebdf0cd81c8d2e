"""The console's daily work over HTTP: readers, desk, box, calls, messages, branches, rights, questions."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from html import unescape

from sqlalchemy import select

from services.notify.models import Call
from shared import clock
from tests.gateway.console import at_desk
from tests.gateway.desk_work import rows, send, unreachable
from tests.gateway.house import (
    ALONE,
    GUARDIAN,
    SON,
    House,
    bring,
    in_days,
    key_in,
    loan,
    reader,
    text_of,
)

ISBN = "978-5-17-115032-7"


def test_a_reader_is_registered_changed_blocked_and_erased(open_house: House) -> None:
    visitor = at_desk(open_house, "librarian")
    card = f"N-{uuid.uuid4().hex[:6]}"
    wrong = send(
        visitor, "/staff/readers/new", card_number=card, family_name="Ә", language="kk", birth_date="2050-01-01"
    )
    assert wrong.status_code == 422 and 'aria-invalid="true"' in wrong.text
    made = send(
        visitor, "/staff/readers/new", card_number=card, family_name="Өмірбек", language="kk", phone="+7 705 222 33 44"
    )
    assert made.location == f"/staff/readers/{card}", made.text
    form = visitor.get(f"/staff/readers/{card}/edit").text
    version = re.search(r'name="version" value="(\d+)"', form)
    assert version
    fields = {"family_name": "Өмірбек", "given_name": "Ғани", "language": "ru", "csrf": key_in(form)}
    changed = visitor.post(f"/staff/readers/{card}/edit", data=fields | {"version": version[1]})
    assert changed.status_code == 303
    stale = visitor.post(f"/staff/readers/{card}/edit", data=fields | {"given_name": "Қ", "version": version[1]})
    assert stale.status_code == 412 and "Somebody has changed this meanwhile" in text_of(stale.text)
    send(visitor, f"/staff/readers/{card}", f"/staff/readers/{card}/block", blocked="yes")
    assert "blocked" in text_of(visitor.get(f"/staff/readers/{card}").text)
    assert send(visitor, f"/staff/readers/{card}/pin").status_code == 422
    issued = send(visitor, f"/staff/readers/{card}/pin", reason="knew the birthday")
    assert re.search(r'class="secret">\d{4,12}<', issued.text)
    assert send(visitor, f"/staff/readers/{card}/erase", sure="another").status_code == 422
    assert send(visitor, f"/staff/readers/{card}/erase", sure=card).status_code == 303
    assert visitor.get(f"/staff/readers/{card}").status_code == 404
    log = rows(at_desk(open_house, "admin"), "/staff/log.csv?search=birthday")
    assert log[1][2] == "issued a PIN"


def test_a_reader_shows_family_and_books(closed_house: House) -> None:
    words = text_of(at_desk(closed_house, "librarian").get(f"/staff/readers/{SON}").text)
    for part in ("Серікова Айгүл", "guardian", "Менің атым Қожа", "Quarantine because of influenza"):
        assert part in words
    assert "Phone" in words and "Петрова" not in words


def test_the_desk_lends_renews_and_takes_back_by_scanning(open_house: House) -> None:
    visitor = at_desk(open_house, "librarian")
    card = f"D-{uuid.uuid4().hex[:6]}"
    bring(open_house.library, "readers", [reader(card, "Сканерова", "Әйгерім")])
    desk = "/staff/desk"
    opened = send(visitor, desk, code=card, mode="lend")
    assert opened.location == f"{desk}?card={card}&mode=lend"
    page = visitor.get(opened.location).text
    assert "autofocus" in page and "Сканерова" in page
    here = {"card": card, "mode": "lend", "branch_id": "ortalyq"}
    title = f"Кітап {uuid.uuid4().hex[:6]}"
    asked = send(visitor, opened.location, desk, code="9785171150334", **here)
    if 'name="title"' in asked.text:
        lent = send(visitor, opened.location, desk, code="9785171150334", title=title, **here)
        assert lent.status_code == 303
    else:
        assert asked.status_code == 303
    said = text_of(visitor.get(f"{desk}?card={card}").text)
    assert "Lent:" in said and "Bring back:" in said
    renewed = send(visitor, opened.location, desk, code="978-5-17-115033-4", card=card, mode="renew")
    assert renewed.status_code in (303, 422)
    back = send(visitor, opened.location, desk, code="9785171150334", card=card, mode="return")
    assert back.status_code == 303
    assert f"Card: {card}" in text_of(visitor.get(f"{desk}?card={card}&mode=return").text)
    assert open_house.library.get(f"/loans?card_number={card}")["items"][0]["status"] == "returned"


def test_the_desk_says_what_it_does_not_know(open_house: House) -> None:
    visitor = at_desk(open_house, "librarian")
    nobody = send(visitor, "/staff/desk", code="no such card", mode="lend")
    assert nobody.status_code == 422 and "No reader has this card" in text_of(nobody.text)
    nothing = send(visitor, "/staff/desk", code="123", card=ALONE, mode="lend", branch_id="ortalyq")
    assert nothing.status_code == 422 and "Neither a reader's card nor a book's ISBN: 123" in text_of(nothing.text)
    assert "Scan a card or a book." in text_of(send(visitor, "/staff/desk", code="", mode="return").text)


def test_a_loan_during_a_closure_says_the_new_date_and_why(closed_house: House) -> None:
    visitor = at_desk(closed_house, "librarian")
    body = {"code": f"Қар қызы {uuid.uuid4().hex}", "card": ALONE, "mode": "lend", "branch_id": "ortalyq"}
    assert send(visitor, "/staff/desk", **{**body, "code": "Қар қызы"}).status_code in (303, 422)
    closed_house.library.post(
        "/loans", {"card_number": ALONE, "branch_id": "ortalyq", "title": "Ақбілек", "days": 5}, expect=201
    )
    words = text_of(visitor.get(f"/staff/desk?card={ALONE}").text)
    assert "Ақбілек" in words and "Quarantine because of influenza" in words


def test_the_box_is_emptied_as_of_the_day_books_were_dropped(open_house: House) -> None:
    number = uuid.uuid4().int % 10**9
    bring(open_house.library, "loans", [loan(number, ALONE, "Марк Твен", "Приключения Тома Сойера", 9)])
    visitor = at_desk(open_house, "librarian")
    days = {"dropped_on": in_days(-1), "rests_until": in_days(0)}
    done = send(visitor, "/staff/returns", code=f"L{number}", **days)
    assert done.status_code == 303 and f"rests_until={in_days(0)}" in done.location
    again = visitor.get(done.location).text
    assert f'value="{in_days(-1)}"' in again and "Taken back: Приключения Тома Сойера" in text_of(again)
    shelf = text_of(visitor.get("/staff/returns/shelf?search=сойера").text)
    assert "Приключения Тома Сойера" in shelf
    assert send(visitor, "/staff/returns", code=f"L{number}", **days).status_code == 422


def test_what_is_expected_on_a_day(open_house: House) -> None:
    visitor = at_desk(open_house, "librarian")
    assert "Абай жолы" in visitor.get(f"/staff/returns/expected?day={in_days(3)}").text
    assert "No book is due on this day." in text_of(visitor.get("/staff/returns/expected?day=2020-01-01").text)


def test_the_day_expected_is_counted_whole_and_not_by_the_page(open_house: House) -> None:
    numbers = range(7_000_000, 7_000_031)
    cards = (ALONE, GUARDIAN)
    bring(
        open_house.library,
        "loans",
        [loan(number, cards[number % 2], "Марк Твен", "Том Сойер", 77, branch="zashchita") for number in numbers],
    )
    visitor = at_desk(open_house, "librarian")
    page = visitor.get(f"/staff/returns/expected?day={in_days(77)}").text
    assert "Books: 31; readers: 2." in text_of(page) and page.count("L7000") < 2 * 31
    older = re.search(r'href="([^"]+)" rel="next"', page)
    assert older and "Books: 31; readers: 2." in text_of(visitor.get(unescape(older[1])).text)
    assert "Books: 0; readers: 0." in text_of(visitor.get(f"/staff/returns/expected?day={in_days(78)}").text)
    here = at_desk(open_house, "librarian", branches=["ortalyq"])
    assert "Books: 0; readers: 0." in text_of(here.get(f"/staff/returns/expected?day={in_days(77)}").text)


def test_the_call_queue_from_taking_to_told(closed_house: House) -> None:
    queue = f"/staff/calls/{unreachable(closed_house)}"
    visitor, colleague = at_desk(closed_house, "librarian"), at_desk(closed_house, "librarian")
    assert send(visitor, queue, f"{queue}/take").status_code == 303
    page = visitor.get(queue).text
    assert "tel:+77051112233" in page and "Кімді сұрау керек: Іңкәр Үсенова" in page
    assert "tel:+7705" not in colleague.get(queue).text
    address = re.search(rf'action="({queue}/[0-9a-f-]+)"', page)
    assert address
    assert send(visitor, queue, address[1], result="reached", name="Іңкәр").status_code == 303
    page = visitor.get(queue).text
    assert "Everybody who can be called has been called." in text_of(page)
    assert "Recorded: Іңкәр, reached. Was it a mistake? Take it back" in text_of(page)
    message = re.search(r'href="(/staff/messages/[0-9a-f-]+)#by-hand"', page)
    assert message
    assert "social post" not in visitor.get(message[1]).text
    assert send(visitor, message[1], f"{message[1]}/outcome", outcome="call: taken_back").status_code == 303
    assert "Not told yet" in text_of(visitor.get(message[1]).text) and "Іңкәр" in visitor.get(queue).text
    assert send(visitor, queue, address[1], result="reached", name="Іңкәр").status_code == 303
    message = visitor.get(f"/staff/messages/{address[1].rsplit('/', 1)[1]}")
    assert "Told:" in text_of(message.text)


def test_what_one_clerk_has_taken_is_hidden_from_another_for_two_hours(closed_house: House) -> None:
    quarantine_id = unreachable(closed_house)
    queue, database = f"/staff/calls/{quarantine_id}", closed_house.system.contexts["notify"].database
    first, second = at_desk(closed_house, "librarian"), at_desk(closed_house, "librarian")
    send(first, queue, f"{queue}/take")
    assert "tel:+77051112233" in first.get(queue).text
    send(second, queue, f"{queue}/take")
    words = text_of(second.get(queue).text)
    assert "There is nobody left to call just now." in words
    assert re.search(r"1 Taken by colleagues just now|Taken by colleagues just now 1", words), words
    assert "Үсенова" not in second.get(f"{queue}/all").text and "Үсенова" in first.get(f"{queue}/all").text
    with database.transaction() as session:
        call = session.scalars(select(Call).where(Call.quarantine_id == quarantine_id)).one()
        left = call.taken_until - clock.now()
        assert timedelta(hours=1, minutes=59) < left <= timedelta(hours=2)
        call.taken_until = clock.now()
    send(second, queue, f"{queue}/take")
    assert "tel:+77051112233" in second.get(queue).text and "tel:+7705" not in first.get(queue).text


def test_a_message_is_shown_as_sent_and_found_by_name(closed_house: House) -> None:
    visitor = at_desk(closed_house, "librarian")
    page = visitor.get("/staff/messages", query_string={"search": "айгул", "kind": "digest"})
    address = re.search(r"/staff/messages/[0-9a-f-]{36}", page.text)
    assert address
    words = text_of(visitor.get(address[0]).text)
    assert "Құрметті Айгүл Серікова!" in words and "/l/…" in words and "e-mail" in words
    refused = send(visitor, address[0], f"{address[0]}/retry")
    assert refused.status_code == 303
    assert "This notice has been sent already." in text_of(visitor.get(address[0]).text)


def test_a_branch_is_added_and_its_hours_are_shown_before_saving(open_house: House) -> None:
    visitor = at_desk(open_house, "admin")
    code = f"n{uuid.uuid4().hex[:6]}"
    fields = {"id": code, "name_kk": "Ұлан", "time_zone": "Asia/Almaty", "opening_hours": "Mo-Su 10:00-12:30"}
    fields |= {"phone": "+7 7232 00-00-09"}
    looked = send(visitor, "/staff/branches/new", **fields, deed="look")
    assert text_of(looked.text).count("10:00–12:30") >= 10
    wrong = send(visitor, "/staff/branches/new", **{**fields, "opening_hours": "gibberish"})
    assert wrong.status_code == 422 and "The hours are not understood." in text_of(wrong.text)
    assert send(visitor, "/staff/branches/new", **fields).status_code == 303
    assert "Ұлан" in visitor.get("/staff/branches?search=улан").text
    form = visitor.get(f"/staff/branches/{code}").text
    version = re.search(r'name="version" value="(\d+)"', form)
    assert version
    change = fields | {"name_ru": "Улан", "version": version[1], "parent_id": "ortalyq"}
    assert send(visitor, f"/staff/branches/{code}", **change).status_code == 303
    kept = open_house.library.get(f"/branches/{code}")
    assert (kept["parent_id"], kept["phone"]) == ("ortalyq", "+7 7232 00-00-09")
    librarian = at_desk(open_house, "librarian")
    assert (
        librarian.get("/staff/branches").status_code == 200 and librarian.get("/staff/branches/new").status_code == 403
    )


def test_rights_are_given_by_library_and_taken_away(open_house: House) -> None:
    visitor = at_desk(open_house, "admin")
    login = f"new-{uuid.uuid4().hex[:6]}"
    fields = {"login": login, "name": "Іңкәр Қ.", "password": "a long password", "csrf": ""}
    page = visitor.get("/staff/people/new").text
    data = fields | {"csrf": key_in(page), "librarian": ["ortalyq", "ablaketka"], "editor": "all"}
    assert visitor.post("/staff/people/new", data=data).status_code == 303
    assert visitor.post("/staff/people/new", data=data).status_code == 409
    listed = visitor.get("/staff/people?search=инкар").text
    address = re.search(r"/staff/people/[0-9a-f-]{36}", listed)
    assert address and login in listed
    person = open_house.library.get(f"/staff/{address[0].rsplit('/', 1)[1]}")
    assert person["roles"] == {"librarian": ["ortalyq", "ablaketka"], "editor": "all"}
    colleague = open_house.client("en")
    assert colleague.send("/sign-in", "/sign-in", login=login, secret="a long password").status_code == 303
    assert colleague.get("/staff/readers").status_code == 200
    form = visitor.get(address[0]).text
    ends = re.search(rf'action="({address[0]}/sign-ins/[0-9a-f-]+)"', form)
    assert ends
    assert visitor.post(ends[1], data={"csrf": key_in(form)}).status_code == 303
    assert colleague.get("/staff/readers").location.startswith("/sign-in")
    send(visitor, address[0], f"{address[0]}/access", disabled="yes")
    again = open_house.client("en").send("/sign-in", "/sign-in", login=login, secret="a long password")
    assert again.status_code != 303
    assert at_desk(open_house, "librarian").get("/staff/people").status_code == 403


def test_something_wrong_reaches_the_library(closed_house: House) -> None:
    words = f"Кітап жоғалды {uuid.uuid4().hex[:6]}"
    visitor = closed_house.signed_in(ALONE)
    assert send(visitor, "/books", "/books/question", question=words, phone="+7 705").status_code == 303
    assert "Thank you." in text_of(visitor.get("/books").text)
    empty = send(visitor, "/books", "/books/question", question="", phone="+7 705")
    assert empty.status_code == 422 and "Write what is wrong." in text_of(empty.text) and "+7 705" in empty.text
    link = closed_house.private_link()
    guest = closed_house.client("en")
    assert guest.send(link, f"{link}/question", question=f"{words} by link").status_code == 303
    desk = at_desk(closed_house, "librarian")
    page = desk.get("/staff/questions", query_string={"search": words}).text
    assert page.count(words) >= 2 and f"/staff/readers/{ALONE}" in page
    number = re.findall(r'action="(/staff/questions/\d+)"', page)
    for address in number:
        assert send(desk, "/staff/questions", address).status_code == 303
    assert words not in desk.get("/staff/questions").text
    assert words in desk.get("/staff/questions?done=true").text


def test_a_reader_chooses_what_to_be_told(open_house: House) -> None:
    visitor = open_house.signed_in(GUARDIAN)
    page = visitor.get("/notices/preferences").text
    assert page.count("checked") == 4 and "Always sent" in text_of(page)
    data = {"csrf": key_in(page), "wanted": ["due_soon:email", "digest:email"]}
    assert visitor.post("/notices/preferences", data=data).status_code == 303
    again = visitor.get("/notices/preferences").text
    assert again.count("checked") == 1 and re.search(r'value="due_soon:email" checked', again)
