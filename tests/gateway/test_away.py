"""While a service is away: what still works is said for each, nothing typed is lost, nobody waits for it twice."""

from __future__ import annotations

import dataclasses
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import unescape
from typing import Any

import pytest

from services.gateway.app import create_app
from services.gateway.asking import READ_SECONDS
from shared.language import LANGUAGES
from shared.peers import Peers
from shared.silence import SKIPPED_SECONDS
from tests.gateway.house import ALONE, GUARDIAN, House, Visitor, key_in, served, text_of

LATER = {
    "kk": "Бет өзі қайталап көреді.",
    "ru": "Страница сама попробует ещё раз.",
    "en": "The page tries again by itself.",
}
SAID = {
    "accounts": {"kk": "PIN алу", "ru": "Вход, PIN-код", "en": "Signing in, PINs"},
    "loans": {"kk": "ұзарту да мүмкін емес", "ru": "нельзя обновить сроки", "en": "nothing can be renewed right now"},
    "notify": {"kk": "хабарламаларды жаңартып", "ru": "нельзя обновить сообщения", "en": "Messages cannot be brought"},
    "quarantines": {"kk": "Қай кітапхананың ашық", "ru": "какие библиотеки открыты", "en": "Which libraries are open"},
    "quizzes": {"kk": "тапсыру да мүмкін емес", "ru": "сдать онлайн-тест", "en": "cannot be begun or handed in"},
}
SEEN_ON = {"accounts": "/books", "loans": "/books", "notify": "/notices", "quarantines": "/", "quizzes": "/quizzes"}


@contextmanager
def distant(house: House, service: str, app: Any = None) -> Iterator[tuple[Any, Callable[[], None]]]:
    """A site that reaches that service over the network, and how to end the service."""
    system = house.system
    with served(app or system.apps[service]) as (url, stop):
        settings = dataclasses.replace(system.settings, peers={service: url})
        peers = Peers(settings)
        for name, each in system.apps.items():
            if name != service:
                peers.connect(name, each)
        yield create_app(settings, peers), stop


def signed_in(site: Any, house: House, language: str = "en", card: str = GUARDIAN) -> Visitor:
    visitor = Visitor(site, language)
    assert visitor.send("/sign-in", "/sign-in", login=card, secret=house.pins[card]).status_code == 303
    visitor.get(f"/language/{language}")
    return visitor


def fields_of(html: str) -> dict[str, str]:
    """What a person sees in the inputs of the page."""
    tags = re.findall(r'<input id="([^"]+)"[^>]*?value="([^"]*)"', html)
    return {name: unescape(value) for name, value in tags}


@pytest.mark.parametrize("service", SAID)
def test_the_page_says_what_still_works_without_that_service(closed_house: House, service: str) -> None:
    with distant(closed_house, service) as (site, stop):
        visitors = {language: signed_in(site, closed_house, language) for language in LANGUAGES}
        for visitor in visitors.values():
            visitor.get(SEEN_ON[service])
        stop()
        for language, visitor in visitors.items():
            words = text_of(visitor.get(SEEN_ON[service]).text)
            assert SAID[service][language] in words and LATER[language] in words
            assert not [other for other in SAID if other != service and SAID[other][language] in words]


def test_what_is_said_to_still_work_without_accounts_works(closed_house: House) -> None:
    with distant(closed_house, "accounts") as (site, stop):
        reader = signed_in(site, closed_house)
        stop()
        assert "Абай жолы" in reader.get("/books").text
        renewed = Visitor(site, "en").send("/renew", "/renew", card_number=ALONE, surname="Петрова")
        assert renewed.status_code == 200


def test_the_page_for_nothing_known_says_it_too_and_comes_back(closed_house: House) -> None:
    link = closed_house.private_link()
    with distant(closed_house, "notify") as (site, stop):
        stop()
        answer = Visitor(site, "en").get(link)
        words = text_of(answer.text)
        assert answer.status_code == 503 and SAID["notify"]["en"] in words and LATER["en"] in words
        assert '<noscript><meta http-equiv="refresh" content="20"></noscript>' in answer.text


FORMS: Sequence[tuple[str, str, str, dict[str, str]]] = [
    ("loans", "/renew", "/renew", {"card_number": "1004", "surname": "Петрова"}),
    ("accounts", "/sign-in", "/sign-in", {"login": "1001", "secret": "482913"}),
    ("accounts", "/pin", "/pin", {"card_number": "1001"}),
    ("accounts", "/pin", "/pin/code", {"card_number": "1001", "code": "135790", "pin": "482913"}),
]


@pytest.mark.parametrize(("service", "page", "to", "typed"), FORMS)
def test_a_form_that_could_not_be_sent_keeps_what_was_typed(
    closed_house: House, service: str, page: str, to: str, typed: dict[str, str]
) -> None:
    with distant(closed_house, service) as (site, stop):
        stop()
        answer = Visitor(site, "en").send(page, to, **typed)
        words = text_of(answer.text)
        assert answer.status_code == 503 and "Nothing was done:" in words and SAID[service]["en"] in words
        assert LATER["en"] not in words and "/static/again." not in answer.text and "refresh" not in answer.text
        shown = fields_of(answer.text) | {"card_number": typed.get("card_number", "")}
        secrets = {"secret", "pin"}
        assert {name: shown[name] for name in typed} == {
            name: "" if name in secrets else value for name, value in typed.items()
        }
        assert "482913" not in answer.text, "a secret is never written back"


def test_what_a_reader_wrote_to_the_library_stays_when_it_could_not_be_sent(closed_house: House) -> None:
    with distant(closed_house, "accounts") as (site, stop):
        visitor = signed_in(site, closed_house)
        stop()
        answer = visitor.send("/books", "/books/question", question="Кітап <қайтарылған>", phone="+7 7232 00-00-09")
        assert answer.status_code == 503 and "Nothing was done:" in answer.text
        assert ">Кітап &lt;қайтарылған&gt;</textarea>" in answer.text
        assert fields_of(answer.text)["callback"] == "+7 7232 00-00-09"


def test_a_deed_without_a_form_of_its_own_says_that_nothing_was_done(closed_house: House) -> None:
    with distant(closed_house, "loans") as (site, stop):
        visitor = signed_in(site, closed_house)
        visitor.get("/books")
        stop()
        answer = visitor.post(
            "/books/renew",
            data={"loan_id": "L1", "csrf": key_in(visitor.get("/books").text)},
            headers={"Referer": "http://localhost/books"},
        )
        words = text_of(answer.text)
        assert answer.status_code == 503 and "Nothing was done:" in words and LATER["en"] not in words
        assert '<a class="button" href="/books">Back to the page before</a>' in answer.text
        assert "/static/again." not in answer.text and "Refresh" not in answer.headers


class Hanging:
    """A service's app that, once told to, takes every call and answers none until it is let. `heard`: METHOD path."""

    def __init__(self, app: Any) -> None:
        self.app, self.hangs, self.let = app, False, threading.Event()
        self.heard: list[str] = []

    @property
    def calls(self) -> int:
        return len(self.heard)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self.heard.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        if self.hangs:
            self.let.wait(60)
        return self.app(environ, start_response)


def test_a_hung_service_is_waited_for_on_one_page_and_not_on_the_next(closed_house: House) -> None:
    hanging = Hanging(closed_house.system.apps["loans"])
    with distant(closed_house, "loans", hanging) as (site, _):
        visitor = signed_in(site, closed_house)
        visitor.get("/books")
        hanging.hangs, calls, begun = True, hanging.calls, time.monotonic()
        try:
            for _ in range(20):
                page = visitor.get("/books")
                assert page.status_code == 200 and "was known at:" in page.text and "Абай жолы" in page.text
            # The first view asks; of those after it, one in SKIPPED_SECONDS.
            assert 1 <= hanging.calls - calls <= 1 + (time.monotonic() - begun) / SKIPPED_SECONDS
        finally:
            hanging.let.set()
    assert READ_SECONDS <= 4


def test_a_deed_is_not_sent_to_a_service_that_hangs_and_can_be_sent_once_more(closed_house: House) -> None:
    hanging = Hanging(closed_house.system.apps["loans"])
    with distant(closed_house, "loans", hanging) as (site, _):
        visitor = signed_in(site, closed_house)
        # A loan that is not theirs: sent in earnest at the end, it changes nothing for other tests.
        form, heard = {"loan_id": "L6", "csrf": key_in(visitor.get("/books").text)}, len(hanging.heard)
        hanging.hangs = True
        try:
            visitor.get("/books")
            answer = visitor.post("/books/renew", data=form)
            assert answer.status_code == 503 and "Nothing was done:" in text_of(answer.text)
            assert {each for each in hanging.heard[heard:] if not each.startswith("GET /api/")} == {"GET /healthz"}
        finally:
            hanging.hangs = False
            hanging.let.set()
        assert visitor.post("/books/renew", data=form).status_code == 404, "it was asked, and said no"
        assert sum(each.startswith("POST ") for each in hanging.heard) == 1


def test_a_reload_by_itself_has_no_field_to_empty(closed_house: House) -> None:
    with distant(closed_house, "loans") as (site, stop):
        visitor = signed_in(site, closed_house)
        assert "<textarea" in visitor.get("/books").text
        stop()
        page = visitor.get("/books").text
        assert 'http-equiv="refresh"' in page
        main = page[page.index("<main") :]
        assert not re.search(r'<(textarea|select|input(?! type="hidden"))', main)
        assert '<a href="/books/question">' in main
        form = visitor.get("/books/question").text
        assert "<textarea" in form and "refresh" not in form and "/static/again." not in form


def test_a_link_that_was_switched_off_opens_nothing_from_memory(closed_house: House) -> None:
    link = closed_house.private_link("anna@example.org")
    with distant(closed_house, "notify") as (site, stop):
        visitor = Visitor(site, "en")
        shown = visitor.get(link)
        assert shown.status_code == 200 and "Маленький принц" in shown.text
        assert visitor.post(f"{link}/off", data={"csrf": key_in(shown.text)}).status_code == 303
        assert visitor.get(link).status_code == 404
        stop()
        late = visitor.get(link)
        assert late.status_code == 503 and "Маленький принц" not in late.text
