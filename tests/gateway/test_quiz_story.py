"""The whole story of a quiz in Chromium: a librarian, a child on a phone, the statistics, a quarantine and its end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from shared.language import LANGUAGES, long_date
from tests.gateway import quizzing
from tests.gateway.chromium import DESK, PHONE
from tests.gateway.console import colleague, sit_down
from tests.gateway.house import GUARDIAN, REASON, TODAY, House, house, in_days, text_of
from tests.gateway.quizzing import SINGLE
from tests.gateway.test_quiz_in_a_browser import OFFLINE, SAVED, begin, onward, shown
from tests.support.eventually import eventually
from tests.support.scanner import codes_on

pytestmark = pytest.mark.browser


def three(kk: str, ru: str, en: str) -> str:
    """A text in three languages as Moodle writes it in a GIFT file."""
    texts = {"kk": kk, "ru": ru, "en": en}
    return "".join(f'<span class\\="multilang" lang\\="{code}">{text}</span>' for code, text in texts.items())


def gift_file(folder: Path) -> Path:
    """Three good questions and one without a right answer."""
    author, born = SINGLE["text"], quizzing.NUMBER["text"]
    rows = [three(**each["text"]) for each in SINGLE["choices"]]
    text = f"""// The online test of 2020
::Author::[html]{three(**author)} {{
={rows[0]}
~{rows[1]}
~{rows[2]}
~{rows[3]}
}}

::Born::[html]{three(**born)} {{#1918}}

::Hero::[html]{three(**quizzing.TRUE["text"])} {{T}}

::Nobody knows::Which one? {{~this ~that}}
"""
    path = folder / "kaisenov.gift"
    path.write_text(text)
    return path


@pytest.fixture
def own_house(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, closed=False) as made:
        yield made


STORIES = {f"embedded-{language}": ("own_house", language) for language in LANGUAGES}
STORIES["real-kk"] = ("real_open_house", "kk")


@pytest.mark.parametrize(("either_house", "language"), STORIES.values(), ids=STORIES, indirect=["either_house"])
def test_the_whole_story(open_page: Any, either_house: House, tmp_path: Path, language: str) -> None:
    library = either_house
    quiz_id = a_librarian_imports_reviews_and_publishes(open_page("en", DESK), library, tmp_path)
    a_child_plays_with_the_line_cut_and_gets_a_certificate(open_page(language, PHONE), library, quiz_id, language)
    staff_read_the_statistics(open_page(language, DESK), library, quiz_id, language)
    reader = open_page(language, PHONE)
    quarantine_id = a_quarantine_moves_the_last_day_and_says_so(reader, library, quiz_id, language)
    a_cancelled_quarantine_puts_the_day_back(reader, library, quiz_id, quarantine_id, language)


def a_librarian_imports_reviews_and_publishes(page: Page, library: House, folder: Path) -> str:
    sit_down(page, library, colleague(library, "librarian", "editor"), then="/staff/quizzes")
    page.get_by_role("link", name="Import questions").first.click()
    page.set_input_files("#file", gift_file(folder))
    page.fill("#new_bank", "Kaisenov")
    page.get_by_role("button", name="See what is in it").click()
    expect(page.locator(".number.warn dd")).to_have_text("1")
    expect(page.locator(".fault-list")).to_contain_text("There is no right answer.")
    assert library.library.get("/quizzes/items")["items"] == []
    page.get_by_role("button", name="Take them: 3").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    page.get_by_role("link", name="Who wrote").click()
    page.locator('[name="choices.2.text.ru"]').fill("")
    expect(page.locator('[data-wrong="choices.2.text.ru"]')).to_be_visible()
    page.locator('[name="choices.2.text.ru"]').fill("Бауыржан Момышулы")
    expect(page.locator("#tally")).to_have_text("Nothing to correct so far.")
    page.locator(".deeds-row").get_by_role("button", name="Save").click()
    expect(page.locator(".note.done")).to_contain_text("The question is saved.")

    page.goto(f"{library.url}/staff/quizzes/new")
    for code, title in quizzing.TITLE.items():
        page.fill(f'[name="title.{code}"]', title)
        page.locator(f"#languages-{code}").check()
    page.fill('[name="works.1.title"]', "Жау тылында")
    page.fill('[name="works.1.author"]', "Қасым Қайсенов")
    page.fill("#closes_on", in_days(3))
    page.get_by_role("button", name="Save and choose questions").click()
    page.locator("#bank_id").select_option(label="Kaisenov")
    page.get_by_role("button", name="Save").click()
    page.locator(".tabs").get_by_role("link", name="Check and publish").click()
    expect(page.locator(".truth")).to_have_text("Nothing stands in the way.")
    page.get_by_role("button", name="Publish: readers see it at once").click()
    page.get_by_role("link", name="See it as a reader does").click()
    page.wait_for_url("**/quizzes/*")
    here = page.url
    for code, title in quizzing.TITLE.items():
        page.goto(f"{library.url}/language/{code}?back={urlsplit(here).path}")
        expect(page.locator("h1")).to_have_text(title)
        expect(page.locator(f'input[name="language"][value="{code}"]')).to_be_checked()
    return here.rsplit("/", 1)[1]


def a_child_plays_with_the_line_cut_and_gets_a_certificate(
    page: Page, library: House, quiz_id: str, language: str
) -> None:
    page.goto(f"{library.url}/language/{language}?back=/quizzes")
    page.get_by_role("link", name=quizzing.TITLE[language]).click()
    begin(page, library.url, quiz_id, language)
    for at in range(3):
        if at == 1:
            page.context.set_offline(True)
        answer_by_sight(page, language)
        expect(page.locator("#state")).to_have_text((OFFLINE if at else SAVED)[language])
        if at < 2:
            onward(page)
            expect(shown(page).locator("h2")).to_be_focused()
    shown(page).locator(".steps button").first.click()
    expect(shown(page).locator("h2")).to_contain_text("2")
    onward(page)
    onward(page)
    expect(page.locator("#state")).to_have_class(re.compile("offline"))
    page.context.set_offline(False)
    expect(page.locator("#state")).to_have_text(SAVED[language], timeout=20_000)
    onward(page)
    page.wait_for_url("**/hand-in")
    page.locator("form.steps button").click()
    page.wait_for_url("**/result")
    expect(page.locator(".points")).to_contain_text("100 %")
    page.fill("#name", "Алия Серікова")
    page.locator("#certificate form button").click()
    expect(page.locator(".preview")).to_contain_text("Алия Серікова")
    page.locator("#certificate form button.big").click()
    pdf = page.locator('#certificate a[href$=".pdf"]').get_attribute("href")
    (printed,) = codes_on(page.request.get(f"{library.url}{pdf}").body())
    assert page.locator('#certificate a[href^="/c/"]').get_attribute("href") == urlsplit(printed).path
    page.goto(library.url + urlsplit(printed).path)
    expect(page.locator(".verdict.good")).to_be_visible()
    assert "Серікова" not in page.locator("main").inner_text()
    assert page.evaluate("Object.keys(localStorage).length") == 0


def answer_by_sight(page: Page, language: str) -> None:
    question = shown(page).locator(".question")
    kind = question.get_attribute("data-kind")
    if kind == "number":
        question.locator("input:visible").fill("1918")
        question.locator("input:visible").blur()
    else:
        rights = {"single": SINGLE["choices"][0]["text"], "true_false": {"kk": "Дұрыс", "ru": "Верно", "en": "True"}}
        question.get_by_text(rights[str(kind)][language], exact=True).click()


def staff_read_the_statistics(page: Page, library: House, quiz_id: str, language: str) -> None:
    login = colleague(library, "librarian")
    sit_down(page, library, login, language, then="/staff/quizzes")
    page.goto(f"{library.url}/staff/quizzes/{quiz_id}/statistics")
    figures = page.locator(".number dd")
    expect(figures.nth(1)).to_have_text("1")
    expect(figures.nth(3)).to_have_text("100 %")
    expect(page.locator(".item-stats > li")).to_have_count(3)
    expect(page.locator("svg.chart").first).to_be_visible()


def a_quarantine_moves_the_last_day_and_says_so(page: Page, library: House, quiz_id: str, language: str) -> str:
    """To a reader who is in the middle: on the quiz's page and in the message about their books."""
    page.goto(f"{library.url}/language/{language}?back=/sign-in")
    page.fill("#login", GUARDIAN)
    page.fill("#secret", library.pins[GUARDIAN])
    page.locator("form.sheet button").click()
    page.wait_for_url("**/books")
    page.goto(f"{library.url}/quizzes/{quiz_id}")
    page.locator("form.sheet button.big").click()
    page.wait_for_url("**/play/**")
    quarantine = library.library.declare(starts_on=TODAY.isoformat(), ends_on=in_days(13), reason=REASON)
    moved = quiz_when(library, quiz_id, lambda quiz: quiz["closes_on"] != quiz["original_closes_on"])
    page.goto(f"{library.url}/quizzes/{quiz_id}")
    words = text_of(page.locator(".lead").inner_html())
    new, old = (date.fromisoformat(moved[name]) for name in ("closes_on", "original_closes_on"))
    assert long_date(new, language) in words and long_date(old, language) in words
    assert REASON[language] in words
    letter = newest_message(page, library, quarantine["id"], 1)
    assert line_of_quiz(letter) == [f"Бұрынғы күні: {long_date(old, 'kk')}", f"Жаңа күні: {long_date(new, 'kk')}"]
    assert f"Қазір ашық онлайн-тесттер: {quizzing.TITLE['kk']} – " in letter and f"/quizzes/{quiz_id}" in letter
    return str(quarantine["id"])


def a_cancelled_quarantine_puts_the_day_back(
    page: Page, library: House, quiz_id: str, quarantine_id: str, language: str
) -> None:
    told = library.library.get(f"/quizzes/{quiz_id}")["closes_on"]
    library.library.post(f"/quarantines/{quarantine_id}/cancel")
    back = quiz_when(library, quiz_id, lambda quiz: quiz["closes_on"] == quiz["original_closes_on"])
    page.goto(f"{library.url}/quizzes/{quiz_id}")
    words = text_of(page.locator(".lead").inner_html())
    last, before = date.fromisoformat(back["closes_on"]), date.fromisoformat(told)
    assert long_date(last, language) in words and long_date(before, language) not in words
    letter = newest_message(page, library, quarantine_id, 2)
    assert line_of_quiz(letter) == [
        f"Алдыңғы хабарламадағы күн: {long_date(before, 'kk')}",
        f"Қолданыстағы күні: {long_date(last, 'kk')}",
    ]


def quiz_when(library: House, quiz_id: str, so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def is_so() -> bool:
        seen.update(library.library.get(f"/quizzes/{quiz_id}"))
        return so(seen)

    eventually(is_so, 60)
    return seen


def newest_message(page: Page, library: House, quarantine_id: str, version: int) -> str:
    """What the inbox shows of that version, opened by hand."""
    asked = f"/notices?card_number={GUARDIAN}&quarantine_id={quarantine_id}"
    eventually(lambda: any(each["version"] == version for each in library.library.get(asked)["items"]), 60)
    page.goto(f"{library.url}/notices")
    page.locator(".inbox a").first.click()
    return text_of(page.locator(".letter").inner_html())


def line_of_quiz(letter: str) -> list[str]:
    """The two days said of the quiz that was begun, in the reader's own Kazakh."""
    found = re.search(rf"Онлайн-тест: {quizzing.TITLE['kk']} (\S.*?: .*?) (\S+ күні: \d+ ж\. \d+ \w+, \w+)", letter)
    assert found, letter
    return [found[1], found[2]]
