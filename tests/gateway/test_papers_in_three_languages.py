"""Papers for a quarantine: what is printed, pasted, cut and folded, in the words of the library's three languages."""

from __future__ import annotations

import csv
import io
import re
import uuid
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import unquote

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from shared.language import LANGUAGES, long_date
from tests.gateway.chromium import DESK
from tests.gateway.console import at_desk, colleague, sit_down
from tests.gateway.desk_work import quarantine_of
from tests.gateway.house import READER_COLUMNS, House, Visitor, bring, in_days, loan, reader, text_of

PUPILS = 30
CLASS = ("№ 17 мектеп-гимназия", "5 «Ә»")
COLUMNS = (*READER_COLUMNS, "school", "school_class")
TALLER = """() => [...document.querySelectorAll('.slip')].slice(0, 5).forEach(
  each => { const line = each.querySelector('p:nth-of-type(3)'); line.after(line.cloneNode(true)) })"""
"""Another day for five of the pupils."""


@dataclass(frozen=True)
class School:
    """A class whose library closed for itself: three of the pupils speak three languages and have no guardian."""

    quarantine_id: str
    opens: date

    def path(self, paper: str) -> str:
        return f"/staff/quarantines/{self.quarantine_id}/{paper}"


def pupil(at: int, mark: str, branch: str) -> dict[str, str]:
    language = LANGUAGES[at % 3]
    given = ("Айсұлтан", "Мирослава", "Elisabeth")[at % 3]
    known = reader(f"{mark}-{at:02}", f"Жұмабаева{at}", given, language=language, home_branch_id=branch)
    contact = {"birth_date": in_days(-11 * 365), "email": f"{mark}{at}@example.org" if at >= 3 else ""}
    return known | contact | dict(zip(("school", "school_class"), CLASS, strict=True))


@pytest.fixture(scope="module")
def school(closed_house: House) -> School:
    mark, branch = uuid.uuid4().hex[:6], f"b{uuid.uuid4().hex[:6]}"
    closed_house.library.branch(branch)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(pupil(at, mark, branch) for at in range(PUPILS))
    taken = closed_house.library.call("POST", "/readers/import", csv_body=text.getvalue().encode())
    assert taken["rejected"] == []
    numbers = [uuid.uuid4().int % 10**9 for _ in range(PUPILS)]
    books = [
        loan(number, f"{mark}-{at:02}", "Ғабит Мүсірепов", "Ұлпан", 3, branch=branch)
        for at, number in enumerate(numbers)
    ]
    bring(closed_house.library, "loans", books)
    declared = closed_house.library.declare(branch_ids=[branch], starts_on=in_days(0), ends_on=in_days(12))
    closed_house.library.wait_until_done(declared["id"])
    opens = closed_house.library.get(f"/loans?card_number={mark}-00")["items"][0]["due_on"]
    return School(str(declared["id"]), date.fromisoformat(opens))


def shown(visitor: Visitor, path: str) -> str:
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return answer.text


def test_papers_say_what_practice_says(closed_house: House) -> None:
    base = f"/staff/quarantines/{quarantine_of(closed_house)}"
    visitor = at_desk(closed_house, "librarian", language="ru")
    door = shown(visitor, f"{base}/door")
    for words in (
        "Кітапхана уақытша жабық",
        "Кітап қайтару мерзімі автоматты түрде ұзартылды, сізге ештеңе істеудің қажеті жоқ.",
        "Срок возврата книг продлён автоматически, делать ничего не нужно.",
        "Return dates have been moved; you do not need to do anything.",
        "<svg role=",
    ):
        assert words in door
    for page in ("papers", "slips", "letters", "social"):
        shown(visitor, f"{base}/{page}")
    for language in LANGUAGES:
        png = visitor.get(f"{base}/social.png?language={language}")
        assert png.content_type == "image/png" and png.data.startswith(b"\x89PNG")
        assert b"<svg" in visitor.get(f"{base}/social.svg?language={language}").data
    assert visitor.get(f"{base}/social.png?language=xx").status_code == 404


@pytest.mark.parametrize(
    ("language", "begins", "opens"),
    [
        ("kk", "Құрметті ата-аналар! Кітапхана уақытша жабық.", "Ашылатын күні: {day}. Толығырақ:"),
        ("ru", "Уважаемые родители! Библиотека временно закрыта.", "День открытия: {day} Подробнее:"),
        ("en", "Dear parents, the library is closed for now.", "Opens again: {day}. More:"),
    ],
)
def test_a_class_chat_is_ready_in_each_language(
    closed_house: House, school: School, language: str, begins: str, opens: str
) -> None:
    page = shown(at_desk(closed_house, "librarian"), school.path("chats"))
    texts = [unquote(each) for each in re.findall(r'href="https://wa\.me/\?text=([^"]+)"', page)]
    (said,) = (each for each in texts if each.startswith(begins))
    assert opens.format(day=long_date(school.opens, language)) in said
    assert closed_house.system.settings.base_url() in said
    assert "Ұлпан" not in said and "Жұмабаева" not in said
    shown_too = re.search(rf'<textarea id="text-{language}"[^>]*>([^<]*)</textarea>', page)
    assert shown_too and unescape(shown_too[1]) == said


@pytest.mark.parametrize(
    ("language", "name", "title", "line"),
    [
        ("kk", "Айсұлтан Ж", "Кітап қайтару мерзімі ұзартылды", "1 кітап. Жаңа мерзімі: {day}"),
        ("ru", "Мирослава Ж", "Срок возврата книг продлён", "Книг: 1. Новый срок: {day}"),
        ("en", "Elisabeth Ж", "Return dates have been moved", "Books: 1. Now due: {day}"),
    ],
)
def test_a_slip_says_the_day_in_the_childs_language_and_no_title(
    closed_house: House, school: School, language: str, name: str, title: str, line: str
) -> None:
    page = shown(at_desk(closed_house, "librarian"), school.path("slips"))
    slips = re.findall(r'<div class="slip" lang="(..)">(.*?)</div>', page, re.DOTALL)
    assert len(slips) == PUPILS
    mine = [text_of(words) for code, words in slips if code == language]
    assert len(mine) == PUPILS // 3
    settings = closed_house.system.settings
    said = f"{line.format(day=long_date(school.opens, language))} {settings.library_name(language)}"
    assert all(each == f"{name} {title} {said}, {settings.library_phone}" for each in mine), mine
    assert "Ұлпан" not in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", ("Кімге:", "Бұрынғы мерзімі:", "Жаңа мерзімі: {day}", "Құрметпен,")),
        ("ru", ("Кому:", "Прежний срок:", "Новый срок: {day}", "С уважением,")),
        ("en", ("To:", "Was due:", "Now due: {day}", "Questions:")),
    ],
)
def test_a_letter_on_paper_says_it_all(
    closed_house: House, school: School, language: str, words: tuple[str, ...]
) -> None:
    page = shown(at_desk(closed_house, "librarian"), school.path("letters"))
    letters = dict(re.findall(r'<div class="letter" lang="(..)">(.*?)</div>', page, re.DOTALL))
    said = unescape(letters[language])
    for each in (*words, "Ұлпан"):
        assert each.format(day=long_date(school.opens, language)) in said
    assert "http" not in said or closed_house.system.settings.base_url() in said


def test_a_post_made_by_hand_leaves_its_address(closed_house: House, school: School) -> None:
    visitor = at_desk(closed_house, "operator")
    social = school.path("social")
    assert "Nothing is on record yet." in text_of(shown(visitor, social))
    wrong = visitor.send(social, social, url="http://example.org/<p>")
    assert wrong.status_code == 422 and 'id="url-wrong"' in wrong.text
    assert "beginning with https://" in text_of(wrong.text) and 'value="http://example.org/&lt;p&gt;"' in wrong.text
    url = "https://www.facebook.com/kitap/posts/1?a=1&b=<2>"
    assert visitor.send(social, social, url=url).location == social
    page = shown(visitor, social)
    assert 'href="https://www.facebook.com/kitap/posts/1?a=1&amp;b=&lt;2&gt;" rel="noopener noreferrer"' in page
    assert re.search(r"\d{4}, \d\d:\d\d, А\. Сәрсенова", text_of(page)) and "The post is on record." in text_of(page)
    back = re.search(rf'action="({social}/\d+/take-back)"', page)
    assert back and visitor.send(social, back[1]).location == social
    assert url not in unescape(shown(visitor, social)) and "Nothing is on record yet." in text_of(
        shown(visitor, social)
    )


def printed(page: Page) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))


@pytest.mark.browser
def test_a_class_of_thirty_fits_on_one_sheet(open_page: Any, closed_house: House, school: School) -> None:
    page = open_page("kk", DESK)
    sit_down(page, closed_house, colleague(closed_house, "librarian"), "kk")
    page.goto(closed_house.url + school.path("slips"))
    for changed in ("() => null", TALLER):
        page.evaluate(changed)
        sheets = printed(page)
        assert len(sheets) == 1
        assert [round(side / 72 * 25.4) for side in sheets[0].get_size()] == [210, 297]
        words = sheets[0].get_textpage().get_text_range()
        assert len(re.findall(r"(?:Айсұлтан|Мирослава|Elisabeth) Ж", words)) == PUPILS
    page.emulate_media(media="print")
    sizes = page.locator(".slip").evaluate_all("all => all.map(each => parseFloat(getComputedStyle(each).fontSize))")
    assert min(sizes) * 72 / 96 >= 8


@pytest.mark.browser
def test_the_notice_for_the_door_fits_on_one_sheet(open_page: Any, closed_house: House) -> None:
    page = open_page("kk", DESK)
    sit_down(page, closed_house, colleague(closed_house, "librarian"), "kk")
    for query in ("", "?branch=ortalyq"):
        page.goto(f"{closed_house.url}/staff/quarantines/{quarantine_of(closed_house)}/door{query}")
        assert len(printed(page)) == 1
    page.emulate_media(media="print")
    for hidden in (".top", "#console-menu", ".bottom", "form"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".door-notice")).to_be_visible()
