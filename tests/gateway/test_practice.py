"""Practice: every step at an address of its own, nothing lost on the way, nothing written, nothing sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import MetaData, select
from werkzeug.test import TestResponse

from services.gateway import carried
from tests.gateway.console import PASSWORD, ask, at_desk, colleague
from tests.gateway.house import House, Visitor, bring, calls_of, house, in_days, key_in, loan, new_site, reader, text_of
from tests.support.eventually import eventually

QUIET = ("leases", "positions", "sessions", "rate_limits")
PRACTICE = "/staff/practice"
ANSWERS: dict[str, dict[str, Any]] = {
    "where": {"branch": ["ortalyq"]},
    "when": {"starts_on": in_days(0), "end": "known", "reopens_on": in_days(14)},
    "why": {"kind": "quarantine", "reason_kk": "Жаттығу", "number": "7"},
    "back": {"grace_days": "2", "include_overdue": "yes", "returns-ortalyq": "5"},
    "whom": {"note": "x"},
}
NEXT = dict(zip(ANSWERS, [*list(ANSWERS)[1:], "check"], strict=True))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("practice"), closed=False) as made:
        yield made


@pytest.fixture
def operator(library: House) -> Visitor:
    return at_desk(library)


def everything_kept(library: House) -> dict[str, list[Any]]:
    """Every row of every table of every service."""
    found = {}
    for name, context in library.system.contexts.items():
        with context.database.reading() as session:
            tables = MetaData()
            tables.reflect(session.connection())
            for table in tables.sorted_tables:
                rows = session.execute(select(table)).all()
                found[f"{name}.{table.name}"] = sorted(repr(tuple(row)) for row in rows)
    return found


def everything_settled(library: House) -> bool:
    first = everything_kept(library)
    return all(
        first[name] == rows for name, rows in everything_kept(library).items() if name.split(".")[1] not in QUIET
    )


def practise(visitor: Visitor, until: str = "check") -> TestResponse:
    """Answers every question before that step; the step's own page."""
    for step, fields in ANSWERS.items():
        if step == until:
            break
        answer = ask(visitor, f"{PRACTICE}/{step}", **fields)
        assert answer.location == f"{PRACTICE}/{NEXT[step]}", text_of(answer.text)
        page = visitor.get(answer.location)
        assert page.status_code == 200
        assert 'class="staff practice"' in page.text and "<title>Practice" in page.text
        assert "Practice: nothing is sent" in page.text
    return visitor.get(f"{PRACTICE}/{until}")


def test_practice_writes_nothing_sends_nothing_and_shows_the_result(library: House, operator: Visitor) -> None:
    eventually(lambda: everything_settled(library), 30)
    before = everything_kept(library)
    page = practise(operator)
    assert "Practise: Declare: 4 books, 2 messages" in text_of(page.text)
    pressed = operator.post(f"{PRACTICE}/finish", data={"csrf": key_in(page.text)})
    assert pressed.location == f"{PRACTICE}/finish"
    words = text_of(operator.get(pressed.location).text)
    assert "Practice: nothing is sent" in words
    assert "Books that would have moved: 4." in words
    assert "Households that would have been told: 2 of 2." in words
    assert "would be done" in words and "not for all" not in words
    after = everything_kept(library)
    differing = {name for name in before if before[name] != after[name]}
    assert {name for name in differing if name.split(".")[1] not in QUIET} == set()


@pytest.mark.parametrize("step", [*ANSWERS, "check", "finish"])
def test_a_step_has_an_address_and_keeps_its_answers_in_another_language(operator: Visitor, step: str) -> None:
    practise(operator)
    english = operator.get(f"{PRACTICE}/{step}")
    back = re.search(r'href="(/language/ru\?[^"]+)"', english.text)
    assert back
    assert operator.get(back[1].replace("&amp;", "&")).location == f"{PRACTICE}/{step}"
    russian = operator.get(f"{PRACTICE}/{step}")
    assert "Тренировка: ничего не отправляется" in text_of(russian.text)
    answers = {
        "where": 'value="ortalyq" checked',
        "when": f'value="{in_days(14)}"',
        "why": "Жаттығу",
        "back": 'value="2"',
        "whom": ">x</textarea>",
        "check": "Жаттығу",
        "finish": "4 / 4",
    }
    assert answers[step] in russian.text


def test_a_retyped_address_and_the_front_page_lead_back_into_it(operator: Visitor) -> None:
    assert operator.get(f"{PRACTICE}/why").location == f"{PRACTICE}/where"
    assert "Go on" not in text_of(operator.get(PRACTICE).text)
    practise(operator, "why")
    assert f'href="{PRACTICE}/check"' in operator.get(PRACTICE).text
    assert operator.get(f"{PRACTICE}/when").status_code == 200
    assert operator.get(f"{PRACTICE}/begin").location == f"{PRACTICE}/where"
    assert 'value="ortalyq" checked' not in operator.get(f"{PRACTICE}/where").text
    assert operator.get(f"{PRACTICE}/nowhere").status_code == 404


def test_back_keeps_what_was_typed(operator: Visitor) -> None:
    practise(operator, "when")
    answer = ask(operator, f"{PRACTICE}/when", go="back", starts_on=in_days(3), end="", reopens_on="")
    assert answer.location == f"{PRACTICE}/where"
    assert f'value="{in_days(3)}"' in operator.get(f"{PRACTICE}/when").text
    assert operator.get(f"{PRACTICE}/finish").location == f"{PRACTICE}/check"
    unfinished = operator.get(f"{PRACTICE}/check")
    assert unfinished.status_code == 422 and "whether the opening day is known" in unfinished.text


def test_a_household_without_an_address_is_not_said_to_be_told(library: House, operator: Visitor) -> None:
    branch, card = "silent", "silent-1"
    library.library.branch(branch)
    bring(library.library, "readers", [reader(card, "Үндемес", "Ә", home_branch_id=branch)])
    bring(library.library, "loans", [loan(77, card, "Абай", "Қара сөздер", 4, branch=branch)])
    ANSWERS_HERE = {**ANSWERS, "where": {"branch": [branch]}, "back": {"grace_days": "0"}}
    for step, fields in ANSWERS_HERE.items():
        ask(operator, f"{PRACTICE}/{step}", **fields)
    page = operator.get(f"{PRACTICE}/finish").text
    (row,) = re.findall(r'<li class="of-notify row-(.*?)</li>', page, re.DOTALL)
    assert row.startswith('failed"') and "would be done, but not for all 0 / 1" in text_of(row)
    assert 'class="pill done"' not in row and "call queue" in text_of(row)
    (books,) = re.findall(r'<li class="of-loans row-(.*?)</li>', page, re.DOTALL)
    assert books.startswith('done"') and "1 / 1" in text_of(books)


def test_what_one_practises_is_nobody_elses(library: House, operator: Visitor) -> None:
    practise(operator, "when")
    assert operator.send("/staff", "/sign-out").status_code == 303
    login = colleague(library)
    assert operator.send("/sign-in", "/sign-in", login=login, secret=PASSWORD).status_code == 303
    assert operator.get(f"{PRACTICE}/when").location == f"{PRACTICE}/where"
    assert 'value="ortalyq" checked' not in operator.get(f"{PRACTICE}/where").text


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c.d.e"])
def test_a_cookie_that_is_not_ours_is_nothing(operator: Visitor, cookie: str) -> None:
    operator.set_cookie(carried.COOKIE, cookie, path=PRACTICE)
    assert operator.get(f"{PRACTICE}/check").location == f"{PRACTICE}/where"


def test_the_cookie_is_for_practice_only_and_no_script_reads_it(operator: Visitor) -> None:
    answer = ask(operator, f"{PRACTICE}/where", branch=["ortalyq"])
    (cookie,) = (each for each in answer.headers.getlist("Set-Cookie") if each.startswith(f"{carried.COOKIE}="))
    assert "Path=/staff/practice" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "ortalyq" not in cookie


def test_three_long_reasons_fit_and_more_is_refused_at_its_field(operator: Visitor) -> None:
    practise(operator, "why")
    words = " ".join(f"{n}-қабаттағы оқу залы мен {n * n} сөре жөнделеді" for n in range(40))
    long = {f"reason_{language}": f"{language} {words}"[:500].strip() for language in ("kk", "ru", "en")}
    assert ask(operator, f"{PRACTICE}/why", kind="repair", **long).location == f"{PRACTICE}/back"
    endless = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(3_000))
    refused = ask(operator, f"{PRACTICE}/whom", note=endless)
    assert refused.status_code == 422
    wrong = re.search(r'id="note-wrong">(.*?)</p>', refused.text, re.DOTALL)
    assert wrong and "more than practice can carry" in wrong[1]
    assert long["reason_ru"] in operator.get(f"{PRACTICE}/why").text


def test_no_page_of_practice_makes_more_than_three_calls(library: House) -> None:
    site, counted = new_site(library)
    visitor = Visitor(site, "en")
    assert visitor.send("/sign-in", "/sign-in", login=colleague(library), secret=PASSWORD).status_code == 303
    practise(visitor)
    for step in (*ANSWERS, "check", "finish"):
        before = calls_of(counted)
        assert visitor.get(f"{PRACTICE}/{step}").status_code == 200
        assert calls_of(counted) - before <= 3, step
