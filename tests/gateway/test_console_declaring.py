"""Declaring a quarantine on its pages, without scripts: drafts, what is wrong at its field, once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import orjson
import pytest
from flask import g, render_template_string
from werkzeug.datastructures import MultiDict

from services.gateway.declaring import OF_THE_API, STEPS, bare_number, read, said_by_service, with_texts_of_kind
from tests.gateway.console import answer_all, ask, at_desk, confirm, start, undo, wait_for_the_end
from tests.gateway.house import GUARDIAN, House, Visitor, house, in_days, key_in, new_site, text_of


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("declaring"), closed=False) as made:
        yield made


@pytest.fixture
def operator(library: House) -> Visitor:
    return at_desk(library)


def quarantines(library: House) -> list[dict[str, Any]]:
    return list(library.library.items("/quarantines"))


def test_only_operators_come_to_these_pages(library: House) -> None:
    librarian = at_desk(library, "librarian")
    for path in ("/staff/declare", "/staff/practice", "/staff/practice/where", "/staff/practice/finish"):
        assert librarian.get(path).status_code == 403
        assert library.signed_in(GUARDIAN).get(path).status_code == 403


def test_one_question_a_page_back_works_and_the_draft_waits_on_any_device(library: House, operator: Visitor) -> None:
    base = start(operator)
    answer = ask(operator, f"{base}/where", branch=["ablaketka", "zashchita"])
    assert answer.location == f"{base}/when"
    answer = ask(operator, f"{base}/when", go="back", starts_on=in_days(3), end="", reopens_on="")
    assert answer.location == f"{base}/where"
    assert re.search(r'value="zashchita" checked', operator.get(f"{base}/where").text)
    assert f'value="{in_days(3)}"' in operator.get(f"{base}/when").text
    later = ask(operator, f"{base}/when", go="later", starts_on=in_days(4), end="unknown", reopens_on="")
    assert later.location == "/staff/quarantines"
    other_device = operator.get("/staff/quarantines").text
    assert "Your drafts" in other_device and f'href="{base}/' in other_device
    assert "Your drafts" not in at_desk(library).get("/staff/quarantines").text
    assert quarantines(library) == []
    operator.send("/staff/quarantines", f"{base}/throw-away")
    assert "Your drafts" not in operator.get("/staff/quarantines").text


def test_the_tree_counts_what_lies_below(operator: Visitor) -> None:
    base = start(operator)
    words = text_of(ask(operator, f"{base}/where?part=count", branch=["ortalyq"]).text)
    assert "3 of 3 selected" in words
    assert "1 of 3 selected" in text_of(ask(operator, f"{base}/where?part=count", branch=["zashchita"]).text)
    assert "3 of 3 selected" in text_of(ask(operator, f"{base}/where?part=count", everywhere="yes").text)


def test_dates_are_said_back_in_words(operator: Visitor) -> None:
    base = start(operator)
    fields = {"starts_on": "2026-02-02", "end": "known", "reopens_on": "2026-02-16"}
    words = text_of(ask(operator, f"{base}/when?part=echo", **fields).text)
    assert "First day closed: Monday 2 February 2026 Last day closed: Sunday 15 February 2026" in words
    assert "Opens again: Monday 16 February 2026 14 days in all." in words
    unknown = text_of(ask(operator, f"{base}/when?part=echo", **fields | {"end": "unknown"}).text)
    assert "until then no book has to come back" in unknown


@pytest.mark.parametrize(
    ("step", "fields", "field", "part"),
    [
        ("where", {}, "branch", "at least one library"),
        ("when", {"starts_on": "", "end": "unknown"}, "starts_on", "first closed day"),
        ("when", {"starts_on": "2026-02-02"}, "end", "whether the opening day is known"),
        ("when", {"starts_on": "2026-02-02", "end": "known"}, "reopens_on", "Write the day"),
        ("when", {"starts_on": "2026-02-02", "end": "known", "reopens_on": "2026-02-02"}, "reopens_on", "after the"),
        ("why", {"kind": "repair", "reason_kk": " "}, "reason_kk", "one language"),
        ("why", {"reason_kk": "x", "basis_date": "soon"}, "basis_date", "not a date"),
        ("back", {"grace_days": "-1"}, "grace_days", "0 to 60"),
        ("back", {"grace_days": "1", "returns-ablaketka": "many"}, "returns", "whole numbers"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    operator: Visitor, step: str, fields: dict[str, str], field: str, part: str
) -> None:
    base = start(operator)
    ask(operator, f"{base}/where", branch=["ablaketka"])
    answer = ask(operator, f"{base}/{step}", **fields)
    assert answer.status_code == 422
    wrong = re.search(rf'id="{field}-wrong">(.*?)</p>', answer.text, re.DOTALL)
    assert wrong and part in wrong[1]
    for value in filter(None, fields.values()):
        assert value.strip() in answer.text


@pytest.mark.parametrize(("language", "part"), [("kk", "он жылдан"), ("ru", "десяти лет"), ("en", "ten years")])
def test_what_the_service_finds_wrong_stands_at_the_field_in_the_language(
    library: House, language: str, part: str
) -> None:
    visitor = at_desk(library, language=language)
    base = start(visitor)
    answer_all(visitor, base)
    ask(visitor, f"{base}/when", starts_on="2062-02-02", end="unknown")
    page = visitor.get(f"{base}/check")
    assert page.status_code == 422
    wrong = re.search(r'id="starts_on-wrong">(.*?)</p>', page.text, re.DOTALL)
    assert wrong and part in wrong[1]


def test_every_field_of_the_api_has_its_place_on_a_page() -> None:
    assert {step for step, _ in OF_THE_API.values()} <= set(STEPS)
    assert said_by_service({"reason": {"kk": ["too long"]}, "starts_on": ["no"]}) == ("when", {"starts_on": "no"})
    assert said_by_service({"reason": {"kk": ["too long"]}}) == ("why", {"reason_kk": "too long"})


def test_a_page_out_of_order_leads_to_the_first_unanswered_question(operator: Visitor) -> None:
    base = start(operator)
    page = operator.get(f"{base}/check")
    assert page.status_code == 422 and "Which libraries close?" in text_of(page.text)
    assert operator.get(f"{base}/nowhere").status_code == 404


def test_the_reason_comes_from_a_template_and_missing_languages_are_marked(operator: Visitor) -> None:
    base = start(operator)
    page = operator.get(f"{base}/why").text
    assert "Тұмауға байланысты карантин" in page and "Карантин из-за гриппа" in page
    mine = {"kind": "repair", "reason_kk": "Менің себебім", "reason_ru": "", "reason_en": ""}
    untouched = ask(operator, f"{base}/why?part=texts", **mine).text
    assert "Менің себебім" in untouched and untouched.count("Missing: readers") == 2
    assert "Жөндеу жұмыстары" in ask(operator, f"{base}/why", go="template", **mine).text


def test_texts_follow_the_kind_in_each_language_that_nobody_has_written_in(operator: Visitor) -> None:
    mine = {"reason_kk": "Менің себебім", "reason_ru": "Ремонт", "reason_en": "Repair works"}
    page = ask(operator, f"{start(operator)}/why?part=texts", kind="quarantine", **mine).text
    assert "Менің себебім" in page and "Карантин из-за гриппа" in page and "Quarantine because of influenza" in page
    assert "Ремонт" not in page
    emptied = with_texts_of_kind({"kind": "repair", "reason_kk": "Тұмауға байланысты карантин", "reason_ru": ""})
    assert (emptied["reason_kk"], emptied["reason_ru"]) == ("Жөндеу жұмыстары", "")
    assert with_texts_of_kind({"kind": "repair", "reason_kk": ""})["reason_ru"] == "Ремонт"


@pytest.mark.parametrize("typed", ["45", "№ 45", "№45", "No. 45", "no 45", "№ № 45", "N 45"])
def test_the_sign_before_a_number_is_ours(typed: str) -> None:
    assert read("why", MultiDict({"number": typed}))["number"] == "45"


@pytest.mark.parametrize("whole", ["45-НҚ", "Нұсқау", "Note 5", "N45", "№", ""])
def test_what_only_looks_like_the_sign_stays(whole: str) -> None:
    assert bare_number(whole) == whole


def test_limits_are_suggested_from_what_a_library_is_used_to(operator: Visitor) -> None:
    base = start(operator)
    ask(operator, f"{base}/where", branch=["ortalyq"])
    ask(operator, f"{base}/when", starts_on=in_days(0), end="known", reopens_on=in_days(14))
    page = ask(operator, f"{base}/back", go="suggest", grace_days="0").text
    assert re.search(r'name="returns-ortalyq"[^>]*value="5"', page)


def test_limits_stand_there_suggested_until_they_are_answered(operator: Visitor) -> None:
    base = start(operator)
    assert "Suggested:" not in text_of(operator.get(f"{base}/back").text)
    ask(operator, f"{base}/where", branch=["ortalyq"])
    ask(operator, f"{base}/when", starts_on=in_days(0), end="known", reopens_on=in_days(14))
    page = operator.get(f"{base}/back").text
    assert re.search(r'name="returns-ortalyq"[^>]*value="5"', page) and "Suggested:" in text_of(page)
    ask(operator, f"{base}/back", **{"grace_days": "0", "returns-ortalyq": ""})
    page = operator.get(f"{base}/back").text
    assert re.search(r'name="returns-ortalyq"[^>]*value=""', page) and "Suggested:" not in text_of(page)


def test_a_suggestion_waits_for_answers_that_can_be_counted(operator: Visitor) -> None:
    base = start(operator)
    ask(operator, f"{base}/where", branch=["ortalyq"])
    ask(operator, f"{base}/when", starts_on=in_days(0), end="known", reopens_on=in_days(14))
    page = ask(operator, f"{base}/back", go="suggest", grace_days="many", **{"returns-ortalyq": "7"})
    assert page.status_code == 200 and re.search(r'name="returns-ortalyq"[^>]*value="7"', page.text)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_sentences_of_numbers_stand_apart(library: House, language: str) -> None:
    site, _ = new_site(library)
    names = ("loans", "readers", "households", "notices", "overdue_frozen", "no_date", "cards", "deadlines")
    with site.test_request_context():
        g.language = language
        drawn = render_template_string(
            '{% import "staff/quarantines/foreseen.html" as foreseen with context %}{{ foreseen.numbers(preview) }}',
            preview=dict.fromkeys(names, 914),
        )
    said = re.search(r'<p class="quiet">(.*?)</p>', drawn, re.DOTALL)
    assert said and said[1].count("914.") == 4
    assert not re.search(r"914\.(?=\S)", said[1].strip()), said[1]


def test_a_limit_of_a_library_not_chosen_any_more_is_forgotten(operator: Visitor) -> None:
    base = start(operator)
    answer_all(operator, base, branch="ortalyq")
    ask(operator, f"{base}/back", **{"grace_days": "0", "returns-ortalyq": "9", "returns-ablaketka": "4"})
    ask(operator, f"{base}/where", branch=["ablaketka"])
    page = operator.get(f"{base}/check")
    assert page.status_code == 200, text_of(page.text)
    declaration = orjson.loads(unescape(page.text.split('name="declaration" value="', 1)[1].split('"', 1)[0]))
    assert declaration["returns_per_day"] == {"ablaketka": 4}


def test_the_last_page_shows_numbers_a_message_in_each_language_and_warnings_first(operator: Visitor) -> None:
    base = start(operator)
    answer_all(operator, base, branch="ortalyq")
    ask(operator, f"{base}/why", kind="quarantine", reason_kk="Карантин", reason_ru="Карантин", reason_en="")
    page = operator.get(f"{base}/check").text
    words = text_of(page)
    assert "Declare: 4 books, 2 messages" in words
    assert words.index("The reason is missing in: English") < words.index("books move")
    for language, part in (("kk", "Құрметті Айгүл!"), ("ru", "Здравствуйте, Анна!"), ("en", "Hello Anna,")):
        assert part in words and f'lang="{language}"' in page
    assert page.count("<rect") > 3 and "Busiest day before" in words
    assert "Counted at" in words


def test_pressed_twice_it_is_declared_once(library: House, operator: Visitor) -> None:
    base = start(operator)
    answer_all(operator, base)
    page = operator.get(f"{base}/check").text
    before = len(quarantines(library))
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda _: confirm(operator, base, page), range(2)))
    assert {answer.status_code for answer in answers} == {303}
    (path,) = {answer.location for answer in answers}
    assert len(quarantines(library)) == before + 1
    assert "Your drafts" not in operator.get("/staff/quarantines").text
    changed = orjson.dumps({"branch_ids": "all", "starts_on": in_days(0)}).decode()
    again = operator.post(f"{base}/declare", data={"csrf": key_in(page), "declaration": changed})
    assert again.location == "/staff/quarantines"
    assert "was declared already" in text_of(operator.get("/staff/quarantines").text)
    assert len(quarantines(library)) == before + 1
    undo(operator, path)
    wait_for_the_end(library, path)


def test_a_local_operator_chooses_among_their_own(library: House) -> None:
    local = at_desk(library, "operator", branches=["ablaketka"])
    base = start(local)
    page = local.get(f"{base}/where").text
    assert 'name="everywhere"' not in page
    assert re.search(r'value="zashchita"[^>]* disabled', page)
    assert not re.search(r'value="ablaketka"[^>]* disabled', page)
