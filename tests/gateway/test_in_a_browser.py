"""Readers' pages in Chromium: three languages, a phone and a desk, light and dark, with scripts off too."""

from __future__ import annotations

from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Page, Response, expect

from shared.language import LANGUAGES, long_date
from tests.gateway.chromium import DESK, LOOK, PHONE
from tests.gateway.console import faults_by_axe
from tests.gateway.house import GUARDIAN, House, bring, loan, text_of
from tests.gateway.test_pages import newcomer, reopening, with_pin
from tests.support.eventually import eventually

pytestmark = pytest.mark.browser
PUBLIC = [
    "/",
    "/sign-in",
    "/pin",
    "/help",
    "/renew",
    "/privacy",
    "/accessibility",
    "/unsubscribe/abc",
    "/l/abc",
    "/nothing",
]
OWN = ["/books", "/books/past", "/books/calendar", "/notices", "/notices/preferences", "/privacy", "/privacy/erase"]
OPEN_ALL = "for (const each of document.querySelectorAll('details')) each.open = true"


def sign_in(page: Page, house: House, card: str = GUARDIAN) -> None:
    page.goto(f"{house.url}/sign-in")
    page.fill("#login", card)
    page.fill("#secret", house.pins[card])
    page.click("form.sheet button")
    page.wait_for_url("**/books")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_new_date_is_two_taps_from_home(
    open_page: Any, closed_house: House, language: str, size: dict[str, int], scripts: bool
) -> None:
    find_the_new_date(open_page(language, size, java_script_enabled=scripts), closed_house, language)


def test_the_new_date_is_as_near_in_production(open_page: Any, real_closed_house: House) -> None:
    """Every role a process of its own behind the proxy: TLS and HTTP/2 for each page and file on the way."""
    page = open_page("kk", PHONE)
    spoken: list[Response] = []
    page.on("response", lambda each: spoken.append(each))
    opens = long_date(reopening(real_closed_house), "kk")
    eventually(lambda: opens in text_of(real_closed_house.client("kk").get("/").text), 5)
    find_the_new_date(page, real_closed_house, "kk")
    assert {each.http_version() for each in spoken} == {"HTTP/2.0"}
    assert page.complaints == []


FOOTINGS = {"embedded": "closed_house", "real": "real_closed_house"}


@pytest.mark.parametrize("either_house", FOOTINGS.values(), ids=FOOTINGS, indirect=True)
def test_the_link_in_the_mail_opens_the_same_date(open_page: Any, either_house: House) -> None:
    page = open_page("kk", PHONE)
    page.goto(either_house.url + either_house.private_link())
    shows_the_new_date(page, either_house, "kk")


def find_the_new_date(page: Page, house: House, language: str) -> None:
    page.goto(house.url)
    page.locator(f'.tongues a[lang="{language}"]').click()
    page.locator("a.door.first").click()
    page.fill("#login", GUARDIAN)
    page.fill("#secret", house.pins[GUARDIAN])
    page.locator("form.sheet button").click()
    shows_the_new_date(page, house, language)


def shows_the_new_date(page: Page, house: House, language: str) -> None:
    answer = page.locator(".lead .answer strong")
    expect(answer).to_have_text(long_date(reopening(house), language).replace("\u00a0", " "))
    expect(answer).to_be_in_viewport()
    assert page.locator("html").get_attribute("lang") == language


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_in_order(
    open_page: Any, closed_house: House, language: str, size: dict[str, int], scheme: str
) -> None:
    """No sideways scrolling, names for all controls, contrast, sizes of targets, one h1, nothing blocked."""
    page = open_page(language, size, color_scheme=scheme)
    for path in [*PUBLIC, closed_house.private_link()]:
        check(page, closed_house.url + path)
    sign_in(page, closed_house)
    page.goto(f"{closed_house.url}/language/{language}?back=/books")
    for path in OWN:
        check(page, closed_house.url + path)
    page.goto(f"{closed_house.url}/notices")
    page.locator(".inbox a").first.click()
    check(page, page.url)


def check(page: Page, url: str) -> None:
    page.complaints.clear()  # type: ignore[attr-defined]
    answer = page.goto(url)
    page.evaluate(OPEN_ALL)
    assert page.evaluate(LOOK) == [], url
    assert faults_by_axe(page) == [], url
    expected = ["404"] if answer and answer.status == 404 else []
    said = page.complaints  # type: ignore[attr-defined]
    assert [each for each in said if not any(part in each for part in expected)] == [], url


def test_the_look_at_a_page_finds_faults(open_page: Any) -> None:
    page = open_page("en")
    page.set_content("<p style='color: #999; width: 500px'>faint<input id=a><h3>deep</h3><button></button>")
    found = " ".join(page.evaluate(LOOK))
    for fault in ("scrolls sideways", "h1", "contrast 2.85", "no label: a", "no name", "skips a level", "no language"):
        assert fault in found


@pytest.mark.parametrize("width", [360, 640])
@pytest.mark.parametrize("language", LANGUAGES)
def test_text_twice_as_large_still_fits(open_page: Any, closed_house: House, language: str, width: int) -> None:
    page = open_page(language, {"width": width, "height": 800})
    sign_in(page, closed_house)
    page.goto(f"{closed_house.url}/language/{language}?back=/books")
    for path in ["/", *OWN, closed_house.private_link()]:
        page.goto(closed_house.url + path)
        page.evaluate(OPEN_ALL)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate(BROKEN) == [], path


BROKEN = """
() => [...document.querySelectorAll(".week dt, .week dd")]
  .filter((e) => e.offsetHeight > 1.5 * parseFloat(getComputedStyle(e).lineHeight)).map((e) => e.textContent.trim())
"""
"""Days and hours that stand on more than one line: broken letter by letter."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_all_is_unfolded_and_dark_on_light(open_page: Any, closed_house: House, scheme: str) -> None:
    page = open_page("kk", DESK, color_scheme=scheme)
    sign_in(page, closed_house)
    page.emulate_media(media="print")
    for path in ["/", *OWN, "/help"]:
        page.goto(closed_house.url + path)
        assert [fault for fault in page.evaluate(LOOK) if "contrast" in fault] == [], path
        colours = page.evaluate(
            "(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.body))"
        )
        assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"], path
    page.goto(closed_house.url)
    hours = page.locator("details:not([open]) .week dd")
    assert hours.count() >= 6
    assert all(each.evaluate("e => e.checkVisibility() && e.offsetHeight > 0") for each in hours.all())
    page.emulate_media(media="screen")
    assert not hours.first.evaluate("e => e.checkVisibility()")


def sheets(page: Page) -> list[str]:
    """The words on each sheet of A4."""
    return [sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(page.pdf(format="A4"))]


def test_the_books_of_a_family_take_few_sheets(open_page: Any, closed_house: House) -> None:
    newcomer(closed_house, "2051")
    books = [loan(f"P{n:02}", "2051", "Мұхтар Әуезов", f"Кітап {n:02}", 3) for n in range(14)]
    bring(closed_house.library, "loans", books)
    with_pin(closed_house, "2051")
    page = open_page("ru", DESK)
    sign_in(page, closed_house, "2051")
    found = sheets(page)
    assert len(found) <= 3 and all(f"Кітап {n:02}" in "".join(found) for n in range(14))


def test_a_long_message_begins_on_the_first_sheet(open_page: Any, closed_house: House) -> None:
    page = open_page("kk", DESK)
    sign_in(page, closed_house)
    page.goto(f"{closed_house.url}/notices")
    page.locator(".inbox a").first.click()
    page.locator(".letter").evaluate("letter => { letter.textContent = letter.textContent.repeat(4); }")
    first, *rest = sheets(page)
    assert "Абай жолы" in first and rest
    assert page.locator(".letter").evaluate("letter => getComputedStyle(letter).whiteSpace") == "pre-wrap", (
        "the books of a reader stand indented below the name"
    )


def test_why_a_book_far_down_is_not_renewed_is_what_one_sees(open_page: Any, open_house: House) -> None:
    """Without scripts: the page comes back at its top, and the reason stands beside the last of many books."""
    newcomer(open_house, "2052")
    books = [loan(f"F{n:02}", "2052", "Мұхтар Әуезов", f"Кітап {n:02}", 3 + n) for n in range(13)]
    bring(open_house.library, "loans", books)
    with_pin(open_house, "2052")
    page = open_page("en", java_script_enabled=False)
    sign_in(page, open_house, "2052")
    page.goto(f"{open_house.url}/language/en?back=/books")
    page.locator('form:has([value="LF12"]) button').click()
    reason = page.locator(".deeds .note")
    expect(reason).to_have_text("Not needed: the present date is already as late or later.")
    expect(reason).to_be_focused()
    expect(reason).to_be_in_viewport()


def test_the_keyboard_alone_is_enough(open_page: Any, closed_house: House) -> None:
    page = open_page("en", DESK)
    page.goto(f"{closed_house.url}/sign-in")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    for name in ("login", "secret"):
        page.keyboard.press("Tab")
        expect(page.locator(f"#{name}")).to_be_focused()
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert outline == "3px"
        page.keyboard.type({"login": GUARDIAN, "secret": closed_house.pins[GUARDIAN]}[name])
    page.keyboard.press("Enter")
    page.wait_for_url("**/books")


def test_nothing_moves_for_who_wants_no_motion(open_page: Any, closed_house: House) -> None:
    page = open_page("en", PHONE, reduced_motion="reduce")
    page.goto(closed_house.url)
    moving = "[...document.querySelectorAll('*')].filter(e => getComputedStyle(e).transitionDuration != '0s').length"
    assert page.evaluate(moving) == 0


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_what_was_typed_stays_when_it_was_wrong(open_page: Any, open_house: House, scripts: bool) -> None:
    """A screen reader begins at the title, then where the focus is: both say that something is wrong."""
    page = open_page("en", java_script_enabled=scripts)
    page.goto(f"{open_house.url}/renew")
    page.fill("#card_number", "99999")
    page.fill("#surname", "Ғалымова")
    page.click("form.sheet button")
    expect(page.locator("[role=alert]")).to_be_visible()
    expect(page.locator("#surname")).to_have_value("Ғалымова")
    assert page.locator("#surname").get_attribute("aria-describedby").split()[0] == "wrong"
    assert page.title().startswith("Error: Renew books online")
    expect(page.locator("#wrong")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#card_number")).to_be_focused()
