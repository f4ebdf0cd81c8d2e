"""Quizzes in Chromium: what the player does with a bad line, keys and languages; every page in order."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from services.gateway.assets import all_assets
from shared.language import LANGUAGES
from tests.gateway import quizzing
from tests.gateway.chromium import DESK, LOOK, PHONE
from tests.gateway.console import colleague, faults_by_axe, sit_down
from tests.gateway.house import House, Quiet, in_days
from tests.gateway.quizzing import CLOSED_KINDS, EVERY_KIND, MATCHING, ORDERING, SHORT, SINGLE
from tests.support.eventually import eventually

pytestmark = pytest.mark.browser
SAVED = {"kk": "Жауап сақталды", "ru": "Ответ сохранён", "en": "Answer saved"}
OFFLINE = {
    "kk": "Байланыс жоқ: жауаптар осы құрылғыда сақталды",
    "ru": "Нет связи: ответы сохранены на этом устройстве",
    "en": "No connection: your answers are kept on this device",
}


def begin(page: Page, url: str, quiz_id: str, language: str = "en") -> None:
    page.goto(f"{url}/quizzes/{quiz_id}")
    page.locator(f'input[name="language"][value="{language}"]').check()
    page.fill("#nickname", quizzing.nickname())
    page.locator("form.sheet button.big").click()
    page.wait_for_url("**/play/**")


def shown(page: Page) -> Any:
    """The question one is at."""
    return page.locator("form.page:visible")


def onward(page: Page) -> None:
    shown(page).locator(".steps .big").click()


@contextmanager
def a_line(app: Any) -> Iterator[Any]:
    """A port that can be cut and mended: cut, nobody answers there."""
    made: list[Any] = []
    port = 0

    def mend() -> None:
        made.append(make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet))
        threading.Thread(target=made[-1].serve_forever, daemon=True).start()

    def cut() -> None:
        made[-1].shutdown()
        made[-1].server_close()

    mend()
    port = made[0].server_port
    try:
        yield f"http://127.0.0.1:{port}", cut, mend
    finally:
        cut()


def test_a_page_opened_again_without_a_line_has_the_answers_and_sends_them_later(
    open_page: Any, quiz_house: House
) -> None:
    quiz_id = quizzing.published(quiz_house, [SHORT, SINGLE], "reload")
    page = open_page("en")
    with a_line(quiz_house.app) as (url, cut, mend):
        begin(page, url, quiz_id)
        kept = "caches.open('play').then((held) => held.match(location.origin + location.pathname)).then(Boolean)"
        eventually(lambda: page.evaluate(kept), 20)
        cut()
        shown(page).locator("input:visible").fill("Ибрагим")
        expect(page.locator("#state")).to_have_text(OFFLINE["en"])
        page.reload()
        expect(shown(page).locator("input:visible")).to_have_value("Ибрагим")
        expect(page.locator("#state")).to_have_text(OFFLINE["en"])
        onward(page)
        shown(page).get_by_text("Kasym Kaisenov").click()
        expect(page.locator("#tally")).to_have_text("Answered: 2 of 2")
        page.reload()
        expect(shown(page).locator("h2")).to_have_text("Question 2 of 2")
        expect(page).to_have_title(re.compile("Question 2 of 2"))
        assert page.url.endswith("?q=2")
        expect(shown(page).locator(".choice", has_text="Kasym Kaisenov").locator("input")).to_be_checked()
        expect(page.locator('.overview [aria-current="step"]')).to_have_text("2")
        mend()
        expect(page.locator("#state")).to_have_text(SAVED["en"], timeout=40_000)
    # The same visit at another port: what is shown there only the server can know.
    page.goto(quiz_house.url + urlsplit(page.url).path + "?q=1")
    expect(shown(page).locator("input:visible")).to_have_value("Ибрагим")
    expect(page.locator("#tally")).to_have_text("Answered: 2 of 2")


def test_an_answer_that_is_refused_stays_to_be_seen_and_says_why(open_page: Any, quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [SHORT, SINGLE], "refused")
    page = open_page("en")
    begin(page, quiz_house.url, quiz_id)
    # As a browser without its form's limit sends it: longer than any answer may be.
    shown(page).locator("input:visible").evaluate("field => field.removeAttribute('maxlength')")
    shown(page).locator("input:visible").fill("Ибрагим" * 3000)
    note = page.locator(".not-taken").first
    expect(note).to_be_visible()
    expect(note).to_contain_text("This answer was not taken: ")
    why = note.locator("span").inner_text()
    assert why
    expect(page.locator("#state")).to_have_text(why)
    expect(page.locator("#tally")).to_have_text("Answered: 0 of 2")
    expect(page.locator(".overview a").first).to_have_attribute("aria-label", "Question 1: the answer was not taken")
    page.reload()
    expect(note).to_contain_text(why)
    expect(shown(page).locator("input:visible")).to_have_value("Ибрагим" * 3000)
    shown(page).locator("input:visible").fill("Ибрагим")
    expect(page.locator("#state")).to_have_text(SAVED["en"])
    expect(note).to_be_hidden()
    expect(page.locator("#tally")).to_have_text("Answered: 1 of 2")


def test_an_answer_given_after_the_quiz_was_closed_is_never_called_saved(open_page: Any, quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [SHORT, SINGLE], "closed meanwhile")
    page = open_page("en")
    begin(page, quiz_house.url, quiz_id)
    page.context.set_offline(True)
    quiz_house.library.post(f"/quizzes/{quiz_id}/close")
    shown(page).locator("input:visible").fill("Ибрагим")
    expect(page.locator("#state")).to_have_text(OFFLINE["en"])
    page.context.set_offline(False)
    expect(page.locator(".not-taken").first).to_be_visible(timeout=20_000)
    expect(page.locator("#tally")).to_have_text("Answered: 0 of 2")


def test_the_players_script_stays_small() -> None:
    assert len(all_assets()["player.js"].content) < 12_500


def test_an_answer_held_back_gives_way_to_a_newer_one_of_another_device(open_page: Any, quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [SHORT], "two devices")
    first, second = open_page("en"), open_page("en", DESK)
    begin(first, quiz_house.url, quiz_id)
    second.context.add_cookies(first.context.cookies())
    second.goto(first.url)
    first.context.set_offline(True)
    first.locator(".field input").fill("older")
    expect(first.locator("#state")).to_have_text(OFFLINE["en"])
    expect(first.locator("#tally")).to_have_text("Answered: 1 of 1")
    second.locator(".field input").fill("newer")
    expect(second.locator("#state")).to_have_text(SAVED["en"])
    first.context.set_offline(False)
    expect(first.locator(".field input")).to_have_value("newer")
    expect(first.locator("#state")).to_have_text("A newer answer from another device was kept")


def test_a_line_that_comes_back_takes_its_warning_away(open_page: Any, quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [SHORT], "back again")
    page = open_page("en")
    begin(page, quiz_house.url, quiz_id)
    page.context.set_offline(True)
    expect(page.locator("#state")).to_have_text(OFFLINE["en"])
    page.context.set_offline(False)
    expect(page.locator("#state")).to_have_text(SAVED["en"])


def test_the_line_about_saving_moves_no_button_from_under_a_press(open_page: Any, quiz_house: House) -> None:
    """A typed answer is given when its field is left, that is while the button is being pressed."""
    quiz_id = quizzing.published(quiz_house, [SHORT, SHORT, SINGLE], "pressed")
    page = open_page("kk")
    begin(page, quiz_house.url, quiz_id)
    page.route("**/answers", lambda route: route.abort())

    def press_onward() -> None:
        shown(page).locator(".field input").fill("Ибрагим")
        button = shown(page).locator(".steps .big").bounding_box()
        assert button
        page.mouse.move(button["x"] + button["width"] / 2, button["y"] + 6)
        with page.expect_event("requestfailed"):
            page.mouse.down()
        page.mouse.up()

    press_onward()
    expect(shown(page).locator("h2")).to_have_text("Сұрақ: 2 / 3")
    expect(page.locator("#state")).to_have_text(OFFLINE["kk"])
    press_onward()
    expect(shown(page).locator("h2")).to_have_text("Сұрақ: 3 / 3")


def test_keys_choose_answers_and_buttons_move_on_with_the_focus(open_page: Any, quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE, MATCHING, ORDERING], "keys")
    page = open_page("en", DESK)
    begin(page, quiz_house.url, quiz_id)
    page.keyboard.press("2")
    expect(shown(page).locator(".choice input").nth(1)).to_be_checked()
    expect(page.locator("#state")).to_have_text(SAVED["en"])
    assert page.locator("#state").get_attribute("aria-live") == "polite"
    onward(page)
    heading = shown(page).locator("h2")
    expect(heading).to_be_focused()
    expect(heading).to_have_text("Question 2 of 3")
    expect(page).to_have_title(re.compile("Question 2 of 3"))
    for select in shown(page).locator("select").all():
        select.select_option(label="Mukhtar Auezov")
    onward(page)
    places = shown(page).locator("select")
    places.nth(0).select_option("1")
    expect(page.locator("#state")).to_have_text("Give every line a place of its own.")
    places.nth(1).select_option("1")
    expect(places.nth(0)).to_have_value("")
    places.nth(0).select_option("2")
    expect(places.nth(2)).to_have_value("3")
    expect(page.locator("#tally")).to_have_text("Answered: 3 of 3")
    expect(page.locator("#state")).to_have_text(SAVED["en"])
    page.go_back()
    expect(shown(page).locator("h2")).to_have_text("Question 2 of 3")


def test_a_question_changes_its_language_and_keeps_its_answer(open_page: Any, quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE, MATCHING], "switch")
    page = open_page("en")
    begin(page, quiz_house.url, quiz_id)
    page.context.set_offline(True)
    shown(page).get_by_text("Kasym Kaisenov").click()
    shown(page).get_by_role("button", name="ҚАЗ").click()
    expect(shown(page).locator(".ask")).to_have_text(SINGLE["text"]["kk"])
    expect(shown(page).locator(".choice", has_text="Қасым Қайсенов").locator("input")).to_be_checked()
    assert shown(page).locator(".ask span").get_attribute("lang") == "kk"
    onward(page)
    expect(shown(page).locator(".ask")).to_have_text(MATCHING["text"]["en"])
    shown(page).get_by_role("button", name="РУС").click()
    expect(shown(page).locator("option", has_text="Мухтар Ауэзов").first).to_be_attached()
    shown(page).locator("select").first.select_option(label="Мухтар Ауэзов")
    page.context.set_offline(False)
    expect(page.locator("#state")).to_have_text(SAVED["en"], timeout=20_000)
    onward(page)
    page.wait_for_url("**/hand-in")
    page.locator("form.steps button").click()
    page.wait_for_url("**/result")
    items = quiz_house.library.get(f"/quizzes/{quiz_id}/statistics")["items"]
    assert [list(item["by_language"]) for item in items] == [["en"], ["ru"]], "read so when they were answered"


@pytest.mark.parametrize(
    ("language", "size", "scheme"),
    [("kk", PHONE, "light"), ("ru", DESK, "light"), ("en", PHONE, "dark"), ("kk", DESK, "dark")],
    ids=["kk phone", "ru desk", "en phone dark", "kk desk dark"],
)
def test_every_page_of_a_quiz_is_in_order(
    open_page: Any, quiz_house: House, language: str, size: dict[str, int], scheme: str
) -> None:
    """Nothing scrolls sideways, everything has a name, contrast, size and place; axe finds nothing either."""
    quiz_id = quizzing.published(quiz_house, EVERY_KIND, "order", leaderboard=True, closes_on=None)
    draft = quizzing.draft(quiz_house, EVERY_KIND, "draft")
    only: dict[str, Any] = {"title": {"kk": "Алдағы тест"}, "languages": ["kk"], "opens_on": in_days(2)}
    ahead = quizzing.published(quiz_house, [SINGLE], "ahead", **only)
    page = open_page(language, size, color_scheme=scheme)
    page.goto(f"{quiz_house.url}/language/{language}?back=/")
    for path in (
        "/",
        "/quizzes",
        "/quizzes?search=zzzz",
        f"/quizzes/{quiz_id}",
        f"/quizzes/{ahead}",
        f"/quizzes/{quiz_id}/best",
        "/c/ABC",
    ):
        check(page, quiz_house.url + path)
    begin(page, quiz_house.url, quiz_id, language)
    for at in range(len(EVERY_KIND)):
        look(page, f"question {at + 1}")
        if at < len(EVERY_KIND) - 1:
            onward(page)
    check(page, f"{page.url.split('?')[0]}/hand-in")
    page.locator("form.steps button").click()
    page.wait_for_url("**/result")
    look(page, "result")

    sit_down(page, quiz_house, colleague(quiz_house), language, then="/staff/quizzes")
    bank = quiz_house.library.get(f"/quizzes/items?quiz_id={draft}")["items"][0]["bank_id"]
    item = quiz_house.library.get(f"/quizzes/items?quiz_id={draft}")["items"][0]["id"]
    made = quiz_house.library.post("/quizzes/classes", {"name": "5 «Б»", "quiz_id": quiz_id}, expect=201)
    ended = quiz_house.library.post("/quizzes/classes", {"name": "6 «Б»", "quiz_id": quiz_id}, expect=201)
    quiz_house.library.call("DELETE", f"/quizzes/classes/{ended['id']}", expect=204)
    at_quiz = ("check", "questions", "statistics", "nicknames", "paper")
    general = (
        "",
        "/new",
        "/banks",
        "/import",
        "/marking",
        "/classes",
        "/certificates",
        f"/classes/{made['id']}",
        f"/classes/{ended['id']}",
    )
    paths = [f"/staff/quizzes{each}" for each in general]
    paths += [f"/staff/quizzes/{quiz_id}/{each}" for each in at_quiz]
    paths += [f"/staff/quizzes/{draft}", f"/staff/quizzes/banks/{bank}", f"/staff/quizzes/items/{item}"]
    paths += [f"/staff/quizzes/items/new?kind={each['kind']}&bank_id={bank}" for each in EVERY_KIND]
    paths += [f"/staff/quizzes/export/gift/notes?bank_id={bank}", f"/class/{made['teacher_link']}"]
    for path in paths:
        check(page, quiz_house.url + path)


def check(page: Page, url: str) -> None:
    page.complaints.clear()  # type: ignore[attr-defined]
    answer = page.goto(url)
    assert answer and answer.status in (200, 404), (url, answer.status if answer else None)
    look(page, url)
    said = page.complaints  # type: ignore[attr-defined]
    assert [each for each in said if "404" not in each or answer.status == 200] == [], url


def look(page: Page, where: str) -> None:
    page.wait_for_load_state()
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert page.evaluate(LOOK) == [], where
    assert faults_by_axe(page) == [], where


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_twice_as_large_still_fits(open_page: Any, quiz_house: House, language: str) -> None:
    quiz_id = quizzing.published(quiz_house, CLOSED_KINDS, "large", per_page=0)
    page = open_page(language, {"width": 640, "height": 800})
    page.goto(f"{quiz_house.url}/language/{language}?back=/quizzes")
    for path in ("/quizzes", f"/quizzes/{quiz_id}"):
        page.goto(quiz_house.url + path)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, path
    begin(page, quiz_house.url, quiz_id, language)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
