"""The console's daily work in Chromium: every page in order, scanning without a mouse or scripts."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.accounts.second_factor import code_at
from shared import clock
from tests.gateway.chromium import DESK, LOOK, PHONE
from tests.gateway.console import at_desk, colleague, faults_by_axe, sit_down
from tests.gateway.desk_work import brought, letters_of, quarantine_of, unreachable
from tests.gateway.house import GUARDIAN, READER_COLUMNS, SON, House, bring, reader
from tests.gateway.test_second_factor import SECRET, hired

pytestmark = pytest.mark.browser
IMPORTANT = ["readers", f"readers/{SON}", f"desk?card={SON}", "returns", "calls/QUEUE", "imports"]
OTHERS = [
    *("readers/new", f"readers/{SON}/edit", f"readers/{SON}/pin", f"readers/{SON}/erase", "loans", "loans/L2"),
    *("desk?mode=return", "returns/shelf", "returns/expected", "calls", "calls/QUEUE/all", "messages", "stuck"),
    *("branches", "branches/ortalyq", "people", "people/new", "log", "log?part=quarantines", "log?part=messages"),
    *("report", "questions", "readers?search=ә", "loans?search=zzzz"),
    *(f"quarantines/QUARANTINE/{paper}" for paper in ("papers", "door", "chats", "slips", "letters", "social")),
    *(f"quarantines/{page}" for page in ("QUEUE/failed", "QUARANTINE/told", "QUARANTINE/missing", "LETTERS/letters")),
    *(
        "quarantines/QUARANTINE/change/open",
        "messages/MESSAGE",
        "people/PERSON",
        "second-factor",
        "imports/readers/RUN",
    ),
    *("imports?kind=loans", "branches?state=closed", "stuck?service=loans", "log?deed=added staff"),
]
ONE_LOOK = "for (const each of document.querySelectorAll('details')) each.open = true"


@pytest.fixture(scope="module")
def addresses(closed_house: House) -> dict[str, str]:
    quarantine, queue = quarantine_of(closed_house), unreachable(closed_house)
    letters = letters_of(closed_house, 2).split("/")[3]
    message = closed_house.library.get(f"/notices?quarantine_id={queue}&state=failed")["items"][0]["id"]
    refused = f"{','.join(READER_COLUMNS)}\nC-9,Мақсат,Ә,xx,,,,,,ortalyq,,\n"
    run = brought(at_desk(closed_house, "librarian"), "readers", refused.encode()).location.rsplit("/", 1)[1]
    person = closed_house.library.get("/staff?limit=1")["items"][0]["id"]
    places = {"QUEUE": queue, "QUARANTINE": quarantine, "LETTERS": letters}
    return places | {"MESSAGE": message, "PERSON": person, "RUN": run}


def faults(page: Page, url: str) -> list[str]:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(url)
    page.evaluate(ONE_LOOK)
    return [*page.evaluate(LOOK), *faults_by_axe(page), *said]


@pytest.mark.parametrize(
    ("language", "size", "scheme", "pages"),
    [
        ("kk", PHONE, "light", IMPORTANT + OTHERS),
        ("ru", DESK, "dark", IMPORTANT + OTHERS),
        ("en", PHONE, "dark", IMPORTANT),
        ("en", DESK, "light", IMPORTANT),
        ("kk", DESK, "dark", IMPORTANT),
        ("ru", PHONE, "light", IMPORTANT),
    ],
    ids=["kk phone", "ru desk dark", "en phone dark", "en desk", "kk desk dark", "ru phone"],
)
def test_every_page_is_in_order(
    open_page: Any,
    closed_house: House,
    addresses: dict[str, str],
    language: str,
    size: dict[str, int],
    scheme: str,
    pages: list[str],
) -> None:
    page = open_page(language, size, color_scheme=scheme)
    sit_down(page, closed_house, colleague(closed_house), language)
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == (scheme == "dark")
    wrong = {}
    for path in pages:
        for name, value in addresses.items():
            path = path.replace(name, value)
        if found := faults(page, f"{closed_house.url}/staff/{path}"):
            wrong[path] = found
    assert wrong == {}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_scanner_needs_no_mouse_and_no_scripts(open_page: Any, open_house: House, scripts: bool) -> None:
    """A keyboard wedge types the number and presses Enter; the line to scan into always has the focus."""
    card = f"S-{uuid.uuid4().hex[:6]}"
    bring(open_house.library, "readers", [reader(card, "Сканерова", "Әйгерім")])
    isbn = "9785171150365" if scripts else "9785171150372"
    open_house.library.post("/works", {"title": f"Кітап {card}", "isbns": [isbn]}, expect=201)
    page = open_page("en", DESK, java_script_enabled=scripts)
    sit_down(page, open_house, colleague(open_house, "librarian"), then="/staff")
    page.goto(f"{open_house.url}/staff/desk")

    def scan(code: str) -> None:
        expect(page.locator("#code")).to_be_focused()
        page.keyboard.type(code)
        page.keyboard.press("Enter")

    scan(card)
    expect(page.locator(".who strong")).to_have_text("Сканерова Әйгерім")
    scan(isbn)
    expect(page.locator(".note.done")).to_contain_text(f"Lent: Кітап {card}. Bring back:")
    page.get_by_role("link", name="Take back").click()
    scan(isbn)
    expect(page.locator(".note.done")).to_contain_text(f"Taken back: Кітап {card}")
    assert open_house.library.get(f"/loans?card_number={card}")["items"][0]["status"] == "returned"


def test_a_call_is_recorded_with_one_press(open_page: Any, closed_house: House, addresses: dict[str, str]) -> None:
    page = open_page("kk", PHONE)
    sit_down(page, closed_house, colleague(closed_house, "librarian"), "kk")
    page.goto(f"{closed_house.url}/staff/calls/{addresses['QUEUE']}")
    page.get_by_role("button", name="Он отбасын алу").click()
    expect(page.locator(".call .phone a")).to_have_attribute("href", "tel:+77051112233")
    page.get_by_role("button", name="Хабарланды деп белгілеу").click()
    expect(page.locator(".note.done")).to_contain_text("Үсенова")


@pytest.mark.parametrize(("language", "size"), [("kk", PHONE), ("ru", DESK)], ids=["kk phone", "ru desk"])
def test_signing_in_from_home_looks_in_order(
    open_page: Any, closed_house: House, language: str, size: dict[str, int]
) -> None:
    """Setting the app up, a wrong code, what it looks like once it is set up, and the second step of a sign-in."""
    page = open_page(language, size)

    def in_order() -> None:
        page.wait_for_load_state()
        page.evaluate(ONE_LOOK)
        assert [*page.evaluate(LOOK), *faults_by_axe(page)] == [], page.url

    login = hired(closed_house, f"home-{uuid.uuid4().hex[:6]}")["login"]
    sit_down(page, closed_house, login, language, secret=SECRET)
    page.goto(f"{closed_house.url}/staff/second-factor")
    page.click("main form button")
    page.evaluate(ONE_LOOK)
    in_order()
    page.fill("#code", "000000")
    page.click("main form button")
    expect(page.locator("main [role=alert]")).to_be_visible()
    in_order()
    page.goto(f"{closed_house.url}/staff/second-factor")
    page.click("main form button")
    page.evaluate(ONE_LOOK)
    key = page.locator("main code").inner_text()
    page.fill("#code", code_at(key, clock.now()))
    page.click("main form button")
    expect(page.locator("main .note[role=status]").first).to_be_visible()
    in_order()
    page.context.clear_cookies(name="kitaphana")
    page.goto(f"{closed_house.url}/sign-in")
    page.evaluate("form = document.querySelector('form.sheet'), form.action = '/sign-in/code', form.submit()")
    page.wait_for_url("**/sign-in/code")
    in_order()


def test_a_readers_wishes_and_a_question_in_order(open_page: Any, closed_house: House) -> None:
    for language in ("kk", "ru", "en"):
        page = open_page(language, PHONE)
        page.goto(f"{closed_house.url}/language/{language}?back=/sign-in")
        page.fill("#login", GUARDIAN)
        page.fill("#secret", closed_house.pins[GUARDIAN])
        page.click("form.sheet button")
        page.wait_for_url("**/books")
        assert [faults(page, closed_house.url + path) for path in ("/notices/preferences", "/books")] == [[], []]
