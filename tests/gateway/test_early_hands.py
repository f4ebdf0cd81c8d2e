"""Pages in Chromium on a slow line: what somebody does before a page's script has come is not lost on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.gateway import quizzing
from tests.gateway.chromium import DESK, PHONE
from tests.gateway.console import colleague, sit_down
from tests.gateway.house import House
from tests.gateway.quizzing import ORDERING, SHORT, SINGLE
from tests.gateway.test_quiz_in_a_browser import SAVED, begin, shown

pytestmark = pytest.mark.browser


@contextmanager
def held_back(page: Page, script: str) -> Iterator[None]:
    """The script of the page that is opened within comes at the end."""
    held: list[Route] = []
    address = f"**/static/{script}.*.js"
    page.route(address, lambda route: held.append(route))
    yield
    assert held, f"{script} was not asked for"
    for route in held:
        route.continue_()
    page.unroute(address)


EARLY = {
    "ticked": ("player", SINGLE),
    "typed": ("player", SHORT),
    "placed": ("player", ORDERING),
    "before-any-script": ("early", SINGLE),
}


@pytest.mark.parametrize(("late", "item"), EARLY.values(), ids=EARLY)
def test_an_answer_given_before_the_player_has_come_is_saved(
    open_page: Any, quiz_house: House, late: str, item: dict[str, Any]
) -> None:
    quiz_id = quizzing.published(quiz_house, [item], f"early {late} {item['kind']}")
    page = open_page("en", PHONE, service_workers="block")
    begin(page, quiz_house.url, quiz_id)
    with held_back(page, late):
        page.reload(wait_until="commit")
        answer(page, item["kind"])
    expect(page.locator("#state")).to_have_text(SAVED["en"])
    page.reload()
    expect(page.locator("#tally")).to_have_text(re.compile("1 of 1"))


def answer(page: Page, kind: str) -> None:
    question = shown(page).locator(".question")
    if kind == "single":
        question.locator("input:visible").first.check()
    elif kind == "ordering":
        selects = question.locator("select")
        for at in range(selects.count()):
            selects.nth(at).select_option(str(at + 1))
    else:
        question.locator("input:visible").fill("Кайсенов")


def test_what_is_wrong_with_a_question_is_said_of_what_was_typed_early(open_page: Any, quiz_house: House) -> None:
    bank_id, _ = quizzing.bank(quiz_house, [], "early")
    page = open_page("en", DESK)
    sit_down(page, quiz_house, colleague(quiz_house, "librarian", "editor"))
    with held_back(page, "item-editor"):
        page.goto(f"{quiz_house.url}/staff/quizzes/items/new?kind=single&bank_id={bank_id}", wait_until="commit")
        page.fill('[name="text.ru"]', "Кто автор?")
    expect(page.locator('[data-wrong="choices"]')).to_be_visible()


def test_a_branch_ticked_before_htmx_has_come_is_counted(open_page: Any, open_house: House) -> None:
    page = open_page("en", DESK)
    sit_down(page, open_house, colleague(open_house))
    page.goto(f"{open_house.url}/staff/declare")
    with held_back(page, "htmx"):
        page.goto(page.url, wait_until="commit")
        page.check("#branch-ablaketka")
    expect(page.locator("#chosen strong")).to_have_text(re.compile(r"1\D+3"))


def test_a_page_that_nobody_touched_asks_for_nothing(open_page: Any, quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE, SHORT, ORDERING], "untouched")
    page = open_page("en", PHONE, service_workers="block")
    begin(page, quiz_house.url, quiz_id)
    answer(page, str(shown(page).locator(".question").get_attribute("data-kind")))
    expect(page.locator("#state")).to_have_text(SAVED["en"])
    sent: list[str] = []
    page.on("request", lambda each: sent.append(each.method))
    page.reload()
    assert set(sent) == {"GET"}
