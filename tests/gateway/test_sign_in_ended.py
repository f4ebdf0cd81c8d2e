"""A sign-in that has ended: it is said wherever it comes back, and nothing written meanwhile is lost."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import orjson
import pytest

from services.gateway import sessions
from shared import auth
from shared.language import LANGUAGES
from shared.sealed import seal, unseal
from shared.settings import secret_of
from tests.gateway.house import ALONE, GUARDIAN, House, Visitor, key_in, text_of

ENDED = {"kk": "Кіру уақытыңыз аяқталды", "ru": "Время входа истекло", "en": "Your sign-in has ended"}
TOO_LONG = "This page had been open for a long time."
WRITTEN = {"question": "Кітап қайтарылған, бірақ тізімде тұр", "phone": "+7 7232 00-00-09"}


def let_expire(house: House, visitor: Visitor) -> None:
    """The visitor's cookie as it is hours later: the token in it holds no more, all else is the same."""
    secret = secret_of(house.system.settings)
    kept = visitor.get_cookie(sessions.COOKIE)
    assert kept is not None
    visit = orjson.loads(unseal(secret, sessions.PURPOSE, kept.value))
    holder = auth.verify(secret, visit["token"])
    visit["token"] = auth.issue(secret, holder, timedelta(hours=-1))
    visitor.set_cookie(sessions.COOKIE, seal(secret, sessions.PURPOSE, orjson.dumps(visit).decode()))


def test_the_cookie_outlives_the_token_by_days(open_house: House) -> None:
    visitor = open_house.client()
    answer = visitor.send("/sign-in", "/sign-in", login=ALONE, secret=open_house.pins[ALONE])
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith(f"{sessions.COOKIE}=")]
    found = re.search(r"Max-Age=(\d+)", cookie)
    assert found
    assert int(found[1]) >= (open_house.system.settings.token_hours + 7 * 24) * 3600


@pytest.mark.parametrize("path", ["/", "/renew", "/privacy", "/quizzes"])
def test_any_page_says_once_that_the_sign_in_has_ended(open_house: House, path: str) -> None:
    visitor = open_house.signed_in()
    let_expire(open_house, visitor)
    first, second = visitor.get(path).text, visitor.get(path).text
    assert ENDED["en"] in first and ENDED["en"] not in second
    assert "/sign-out" not in first and 'href="/sign-in"' in first


def sent_too_late(house: House, language: str = "en") -> tuple[Visitor, str]:
    """A reader whose sign-in ended while they wrote, and the page that came when they sent it."""
    visitor = house.signed_in(language=language)
    key = key_in(visitor.get("/books").text)
    let_expire(house, visitor)
    visitor.get("/")
    answer = visitor.post(
        "/books/question", data={**WRITTEN, "csrf": key}, headers={"Referer": "http://localhost/books"}
    )
    assert answer.status_code == 401 and ENDED[language] in answer.text
    return visitor, answer.text


def signed_in_from(visitor: Visitor, page: str, house: House, card: str, **more: str) -> str:
    """Fills in that sign-in page as it stands; the page, or the address, that follows."""
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    form = (
        {name: unescape(value) for name, value in fields.items()} | {"login": card, "secret": house.pins[card]} | more
    )
    answer = visitor.post("/sign-in", data=form)
    return answer.text if answer.status_code != 303 else str(answer.location)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_written_is_there_again_after_signing_in(open_house: House, language: str) -> None:
    visitor, page = sent_too_late(open_house, language)
    assert WRITTEN["question"] not in page, "sealed until the same person is back"
    page = signed_in_from(visitor, page, open_house, GUARDIAN)
    assert f">{WRITTEN['question']}</textarea>" in page and f'value="{WRITTEN["phone"]}"' in page
    fields = {**WRITTEN, "csrf": key_in(page[page.index("<main") :])}
    action = re.search(r'<form method="post" action="([^"]+)" class="sheet"', page)
    assert action
    assert visitor.post(action[1], data=fields).location == "/books"
    asked = open_house.library.get("/readers/questions?limit=100")["items"]
    assert [each["text"] for each in asked].count(WRITTEN["question"]) == LANGUAGES.index(language) + 1


def test_a_wrong_pin_on_the_way_loses_nothing(open_house: House) -> None:
    visitor, page = sent_too_late(open_house)
    page = signed_in_from(visitor, page, open_house, GUARDIAN, secret="000000")
    assert "is not right" in page
    assert WRITTEN["question"] in signed_in_from(visitor, page, open_house, GUARDIAN)


def test_nobody_else_sees_what_was_written(open_house: House) -> None:
    visitor, page = sent_too_late(open_house)
    assert signed_in_from(visitor, page, open_house, ALONE) == "/books"
    forged = signed_in_from(open_house.client(), open_house.client().get("/sign-in").text, open_house, ALONE, kept="x")
    assert WRITTEN["question"] not in visitor.get("/books").text + forged


def test_what_another_site_sends_is_not_kept(open_house: House) -> None:
    visitor = open_house.signed_in()
    let_expire(open_house, visitor)
    answer = visitor.post("/books/question", data={**WRITTEN, "csrf": "x"})
    assert answer.status_code == 303 and "kept" not in visitor.get(answer.location).text.partition("<main")[2]


PUBLIC = [
    ("/renew", {"card_number": "1004", "surname": "Петрова"}, set()),
    ("/sign-in", {"login": "1004", "secret": "482913"}, {"secret"}),
    ("/pin", {"card_number": "1004"}, set()),
    ("/pin/code", {"card_number": "1004", "code": "135790", "pin": "482913"}, {"pin"}),
    ("/sign-in/code", {"ticket": "sealed ticket", "code": "135790"}, {"code"}),
]


@pytest.mark.parametrize(("path", "typed", "hidden"), PUBLIC)
def test_a_form_without_its_cookie_is_shown_again_as_it_was_filled_in(
    open_house: House, path: str, typed: dict[str, str], hidden: set[str]
) -> None:
    visitor = open_house.client()
    answer = visitor.post(path, data={**typed, "csrf": "of a cookie that is gone"})
    assert answer.status_code == 403 and TOO_LONG in text_of(answer.text)
    for name, value in typed.items():
        assert (f'value="{value}"' in answer.text) == (name not in hidden), name
    assert "482913" not in answer.text


def test_and_then_it_can_be_sent(open_house: House) -> None:
    visitor = open_house.client()
    page = visitor.post("/renew", data={"card_number": ALONE, "surname": "Петрова", "csrf": "gone"}).text
    answer = visitor.post("/renew", data={"card_number": ALONE, "surname": "Петрова", "csrf": key_in(page)})
    assert answer.status_code == 200 and TOO_LONG not in answer.text
