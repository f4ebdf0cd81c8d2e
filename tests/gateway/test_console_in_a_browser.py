"""The console in Chromium: the whole story in three languages on a phone and a desk, and what goes wrong on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from shared.language import LANGUAGES, long_date
from tests.gateway.chromium import DESK, LOOK, PHONE
from tests.gateway.console import at_desk, colleague, faults_by_axe, sit_down, undo, wait_for_the_end
from tests.gateway.house import TODAY, House, house, in_days

pytestmark = pytest.mark.browser
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
UNDONE = {"kk": "күші жойылған", "ru": "действие отменено", "en": "undone"}
TWICE = {"kk": "1 рет өзгертілді", "ru": "изменён 1 раз", "en": "changed 1 time"}
TITLE = {"kk": "Карантин жариялау", "ru": "Объявить карантин", "en": "Declare a quarantine"}
PRACTICE = {
    "kk": "Жаттығу: ештеңе жіберілмейді",
    "ru": "Тренировка: ничего не отправляется",
    "en": "Practice: nothing is sent",
}
VIOLET = "rgb(91, 42, 134)"
BAND = "getComputedStyle(document.querySelector('.practice-band')).backgroundColor"
GO_ON = ".deeds-row button.big"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("browser"), closed=False) as made:
        yield made


def in_order(page: Page) -> None:
    """Nothing scrolls sideways, everything has a name and contrast, nothing was blocked; axe finds nothing."""
    page.wait_for_load_state()
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert page.evaluate(LOOK) == [], page.url
    assert faults_by_axe(page) == [], page.url
    assert page.complaints == [], page.url  # type: ignore[attr-defined]


LOOKED_AT_DECLARING = {("kk", PHONE["width"]), ("ru", DESK["width"]), ("en", PHONE["width"])}
"""Looking takes longer than the story: declaring looks at every page in these languages and widths, practice, which
asks the same questions, in the others."""


def looking(language: str, size: dict[str, int], *, practice: bool = False) -> Callable[[Page], None]:
    mine = ((language, size["width"]) in LOOKED_AT_DECLARING) != practice
    return in_order if mine else lambda page: None


def fill_in(page: Page, look: Callable[[Page], None] = in_order) -> None:
    """Every question, looked at on the way; stands on the last page at the end."""
    page.check("#branch-ablaketka")
    expect(page.locator("#chosen strong")).to_have_text(re.compile(r"1\D+3|3\D+1"))
    look(page)
    page.click(GO_ON)
    page.fill("#starts_on", in_days(0))
    page.check("#end-known")
    page.fill("#reopens_on", in_days(14))
    page.press("#reopens_on", "Tab")
    language = page.locator("html").get_attribute("lang") or ""
    said = re.escape(long_date(TODAY, language)).replace(r"\ ", r"\s")
    expect(page.locator("#echo")).to_contain_text(re.compile(said))
    look(page)
    page.click(GO_ON)
    for _ in ("why", "back", "whom"):
        look(page)
        page.click(GO_ON)
    expect(page.locator(".numbers")).to_be_visible()
    look(page)


STORIES = {
    f"embedded-{language}-{name}": ("library", language, size)
    for language in LANGUAGES
    for name, size in {"phone": PHONE, "desk": DESK}.items()
}
STORIES["real-ru-phone"] = ("real_open_house", "ru", PHONE)


@pytest.mark.parametrize(("either_house", "language", "size"), STORIES.values(), ids=STORIES, indirect=["either_house"])
def test_declare_extend_and_put_back(open_page: Any, either_house: House, language: str, size: dict[str, int]) -> None:
    library, page, look = either_house, open_page(language, size), looking(language, size)
    sit_down(page, library, colleague(library), language)
    look(page)
    page.get_by_role("link", name=TITLE[language]).first.click()
    fill_in(page, look)
    page.click(GO_ON)
    expect(page.locator("#live .of-notify.row-done")).to_be_visible(timeout=60_000)
    expect(page.locator("#live .of-loans.row-done")).to_be_visible(timeout=60_000)
    expect(page.locator("#told .numbers")).to_be_visible(timeout=60_000)
    look(page)
    here = page.url
    page.click('a[href$="/extend"]')
    page.fill("#reopens_on", in_days(28))
    look(page)
    page.click(GO_ON)
    expect(page.locator(".numbers")).to_be_visible()
    look(page)
    page.click(GO_ON)
    expect(page.get_by_text(TWICE[language]).first).to_be_visible()
    page.click('a.big[href$="/change"]')
    look(page)
    page.click('a[href$="/change/undo"]')
    look(page)
    page.click(GO_ON)
    look(page)
    page.click(GO_ON)
    expect(page.get_by_text(UNDONE[language]).first).to_be_visible()
    assert page.url == here
    wait_for_the_end(library, here)
    page.goto(f"{library.url}/staff/quarantines")
    look(page)
    assert page.locator("html").get_attribute("lang") == language
    assert page.complaints == []  # type: ignore[attr-defined]


@SIZES
@pytest.mark.parametrize("language", LANGUAGES)
def test_practice_is_unmistakable_on_every_page(
    open_page: Any, library: House, language: str, size: dict[str, int]
) -> None:
    page = open_page(language, size)
    sit_down(page, library, colleague(library, "operator"), language)
    page.goto(f"{library.url}/staff/practice")
    before = len(list(library.library.items("/quarantines")))
    marked = []

    def look(page: Page) -> None:
        page.wait_for_load_state()
        marked.append(page.title())
        expect(page.locator(".practice-band")).to_contain_text(PRACTICE[language])
        assert page.evaluate(BAND) == VIOLET
        looking(language, size, practice=True)(page)

    look(page)
    page.click("a.button.big")
    fill_in(page, look)
    page.click(GO_ON)
    for part in ("loans", "notify", "accounts"):
        expect(page.locator(f".of-{part}.row-done")).to_be_visible()
    look(page)
    word = PRACTICE[language].split(":")[0]
    assert len(marked) == 8 and [title for title in marked if not title.startswith(word)] == []
    assert len(list(library.library.items("/quarantines"))) == before


@SIZES
def test_the_console_needs_no_scripts(open_page: Any, library: House, size: dict[str, int]) -> None:
    page = open_page("en", size, java_script_enabled=False)
    sit_down(page, library, colleague(library))
    if size == PHONE:
        page.click(".unfold")
        expect(page.locator("#console-menu")).to_be_visible()
    page.locator("#console-menu").get_by_role("link", name="Quarantines").click()
    page.get_by_role("link", name="Declare a quarantine").click()
    page.check("#branch-zashchita")
    page.click(GO_ON)
    page.fill("#starts_on", in_days(0))
    page.check("#end-unknown")
    for _ in range(5):
        page.click(GO_ON)
    page.get_by_role("link", name="Refresh").click()
    expect(page.get_by_text(re.compile("Books moved: 0 of 0"))).to_be_visible()
    page.click('a[href$="/told"]')
    expect(page.locator(".numbers")).to_be_visible()
    path = page.url.removeprefix(library.url).removesuffix("/told")
    undo(at_desk(library), path)
    wait_for_the_end(library, path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_twice_as_large_still_fits(open_page: Any, library: House, language: str) -> None:
    page = open_page(language, {"width": 640, "height": 800})
    sit_down(page, library, colleague(library), language)
    for path in ("/staff", "/staff/quarantines", "/staff/practice", "/staff/practice/where", "/staff/declare"):
        page.goto(library.url + path)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, path


def test_the_folded_menu_opens_and_closes_by_keyboard(open_page: Any, library: House) -> None:
    page = open_page("en", PHONE)
    sit_down(page, library, colleague(library))
    menu = page.locator("#console-menu")
    expect(menu).to_be_hidden()
    page.focus(".unfold")
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    in_order(page)
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


def to_the_last_page(page: Page, library: House) -> None:
    page.goto(f"{library.url}/staff/declare")
    page.check("#branch-ablaketka")
    page.click(GO_ON)
    page.check("#end-unknown")
    for _ in range(4):
        page.click(GO_ON)
    expect(page.locator(".numbers")).to_be_visible()


def test_a_double_click_declares_once(open_page: Any, library: House) -> None:
    page = open_page("en", DESK)
    sit_down(page, library, colleague(library))
    to_the_last_page(page, library)
    before = len(list(library.library.items("/quarantines")))
    page.locator(GO_ON).dblclick()
    page.wait_for_url(re.compile("/staff/quarantines/.{36}$"))
    assert len(list(library.library.items("/quarantines"))) == before + 1
    path = page.url.removeprefix(library.url)
    undo(at_desk(library), path)
    wait_for_the_end(library, path)


def test_a_page_of_ended_work_notices_what_a_colleague_decides(open_page: Any, library: House) -> None:
    made = library.library.declare(branch_ids=["zashchita"], starts_on=in_days(0), ends_on=in_days(6))
    path = f"/staff/quarantines/{made['id']}"
    wait_for_the_end(library, path)
    page = open_page("en", DESK)
    page.clock.install()
    sit_down(page, library, colleague(library))
    page.goto(library.url + path)
    page.wait_for_selector("#told .numbers")
    library.library.call("PATCH", f"/quarantines/{made['id']}", json_body={"ends_on": in_days(9)})
    wait_for_the_end(library, path)
    expect(page.get_by_text("This quarantine has just been changed.")).to_be_hidden()
    page.clock.fast_forward(31_000)
    expect(page.locator("#live .note")).to_contain_text("Changed")
    in_order(page)
    page.get_by_role("link", name="Load the page again").click()
    expect(page.get_by_text("changed 1 time")).to_be_visible()
    undo(at_desk(library), path)
    wait_for_the_end(library, path)


def test_an_expired_sign_in_leads_back_to_where_one_was(open_page: Any, library: House) -> None:
    page = open_page("en", DESK)
    login = colleague(library)
    sit_down(page, library, login)
    page.goto(f"{library.url}/staff/declare")
    page.check("#branch-zashchita")
    page.click(GO_ON)
    page.wait_for_url("**/when")
    there = page.url
    page.context.clear_cookies(name="kitaphana")
    page.click(GO_ON)
    page.wait_for_url(re.compile("/sign-in"))
    page.fill("#login", login)
    page.fill("#secret", "a long password of a colleague")
    page.click("form.sheet button")
    page.wait_for_url(there)
    page.click("button[value=back]")
    expect(page.locator("#branch-zashchita")).to_be_checked()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@SIZES
def test_what_is_wrong_and_what_is_missing_look_in_order_too(
    open_page: Any, library: House, size: dict[str, int], scheme: str
) -> None:
    page = open_page("kk", size, color_scheme=scheme)
    sit_down(page, library, colleague(library), "kk")
    in_order(page)
    for path in ("/staff/quarantines?search=жоқ", "/staff/practice", "/staff/declare"):
        page.goto(library.url + path)
        in_order(page)
    page.click(GO_ON)
    expect(page.locator("#branch-wrong")).to_be_visible()
    page.complaints.clear()
    in_order(page)
