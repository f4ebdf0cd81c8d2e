"""A page that comes back by itself, in Chromium: it does so while nobody does anything on it, and then not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from shared.language import LANGUAGES
from tests.gateway.chromium import DESK, LOOK, PHONE
from tests.gateway.house import GUARDIAN, House, served
from tests.gateway.test_away import distant

pytestmark = pytest.mark.browser
LONG = 5 * 60 * 1000
"""Milliseconds of the page's own clock, which the test moves on."""


@pytest.fixture(params=["loans", "quarantines", "quizzes"])
def site(request: pytest.FixtureRequest, closed_house: House) -> Iterator[tuple[str, Callable[[], None]]]:
    with distant(closed_house, request.param) as (app, stop), served(app) as (url, _):
        yield url, stop


def one(service: str) -> Any:
    return pytest.mark.parametrize("site", [service], indirect=True)


def sign_in(page: Page, url: str, house: House) -> None:
    page.goto(f"{url}/sign-in")
    page.fill("#login", GUARDIAN)
    page.fill("#secret", house.pins[GUARDIAN])
    page.click("form.sheet button")
    page.wait_for_url("**/books")


def marked(page: Page) -> None:
    """Whatever loads the page anew wipes the mark off."""
    page.evaluate("window.mark = true")


def still_there(page: Page) -> bool:
    return bool(page.evaluate("window.mark === true"))


@one("quarantines")
def test_the_page_comes_back_by_itself(open_page: Any, site: tuple[str, Callable[[], None]]) -> None:
    url, stop = site
    page = open_page("en")
    page.clock.install()
    page.goto(url)
    expect(page.locator("[data-tries]")).to_have_count(0)
    stop()
    page.goto(url)
    expect(page.locator("[data-tries]")).to_be_visible()
    marked(page)
    page.clock.fast_forward(12_000)
    assert still_there(page)
    with page.expect_navigation():
        page.clock.fast_forward(10_000)
    assert not still_there(page)
    assert page.complaints == []


@one("quizzes")
def test_what_is_being_typed_is_not_wiped(open_page: Any, site: tuple[str, Callable[[], None]]) -> None:
    url, stop = site
    stop()
    page = open_page("en")
    page.clock.install()
    page.goto(f"{url}/quizzes")
    marked(page)
    page.locator("#search").focus()
    expect(page.locator("[data-tries]")).to_be_hidden()
    page.keyboard.type("Жау")
    page.clock.fast_forward(LONG)
    assert still_there(page)
    expect(page.locator("#search")).to_have_value("Жау")
    expect(page.locator(".note.away a")).to_be_visible()


@one("quarantines")
def test_what_was_opened_to_be_read_stays_open(
    open_page: Any, closed_house: House, site: tuple[str, Callable[[], None]]
) -> None:
    url, stop = site
    page = open_page("en")
    page.clock.install()
    page.goto(url)
    stop()
    page.goto(url)
    marked(page)
    page.locator("main summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("main details").first).to_have_attribute("open", "")
    page.clock.fast_forward(LONG)
    assert still_there(page)


@one("loans")
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_without_a_service_are_in_order(
    open_page: Any, closed_house: House, site: tuple[str, Callable[[], None]], language: str, size: dict[str, int]
) -> None:
    url, stop = site
    page = open_page(language, size)
    sign_in(page, url, closed_house)
    page.goto(f"{url}/language/{language}?back=/books")
    stop()
    for path in ("/books", "/books/question"):
        page.goto(f"{url}{path}")
        assert page.evaluate(LOOK) == [], path
    page.goto(f"{url}/renew")
    page.fill("#card_number", GUARDIAN)
    page.fill("#surname", "Серікова")
    page.click("form.sheet button")
    expect(page.locator("[role=alert]")).to_be_visible()
    expect(page.locator("#surname")).to_have_value("Серікова")
    assert page.evaluate(LOOK) == []
