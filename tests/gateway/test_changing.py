"""Opening earlier than was told, and ending a quarantine at once: from the page of choices to the books and letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask

from shared.language import long_date
from tests.gateway.console import at_desk, declared, undo, wait_for_the_end
from tests.gateway.house import House, Visitor, house, in_days, text_of
from tests.gateway.test_console_quarantine import change, sure


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("changing"), closed=False) as made:
        yield made


@pytest.fixture
def operator(library: House) -> Visitor:
    return at_desk(library)


@pytest.fixture
def path(library: House, operator: Visitor) -> Iterator[str]:
    """A quarantine of two weeks that everybody has been told of; undone at the end."""
    made = declared(operator, branch="ortalyq")
    wait_for_the_end(library, made)
    yield made
    undo(operator, made)
    wait_for_the_end(library, made)


def loan(library: House) -> dict[str, Any]:
    return dict(library.library.get("/loans/L1"))


def quarantine(library: House, path: str) -> dict[str, Any]:
    return dict(library.library.get(f"/quarantines/{path.rsplit('/', 1)[1]}"))


def test_the_choices_say_how_much_each_touches_and_that_nothing_happens_yet(operator: Visitor, path: str) -> None:
    words = text_of(operator.get(f"{path}/change").text)
    assert "books moved so far 4" in words and "households told so far 2" in words
    assert words.count("See what will change") == 3
    assert "Nothing happens before you have seen what it would do." in words


def number(words: str, label: str) -> int:
    found = re.search(rf"{label}:? (\d+)", words)
    assert found, (label, words)
    return int(found[1])


def test_each_choice_says_in_numbers_what_the_next_page_says(operator: Visitor, path: str) -> None:
    words = text_of(operator.get(f"{path}/change").text)
    follow = number(words, "Books that follow the opening day")
    assert (follow, number(words, "Readers")) == (4, 3)
    proposed = re.search(r'name="reopens_on"[^>]*value="([^"]+)"', operator.get(f"{path}/change/open").text)
    assert proposed and in_days(0) < proposed[1] < in_days(14)
    assert f"Proposed opening day: {long_date(date.fromisoformat(proposed[1]), 'en')}" in words
    opened = text_of(change(operator, path, "open", end="known", reopens_on=proposed[1]))
    assert number(words, "Books that move") == number(opened, "End the quarantine:") == 4
    assert number(words, "Dates that come nearer") == number(opened, "comes nearer than it was:") == 4
    assert number(words, "Messages") == 2 and "4 books, 2 messages" in opened
    undone = text_of(change(operator, path, "undo"))
    assert number(words, "Books put back") == number(undone, "by mistake: undo:") == 4
    assert number(words, "get a correction") == 2 and "4 books, 2 messages" in undone


@pytest.mark.parametrize(
    ("away", "said"), [("loans", "The numbers are not known at this moment."), ("notify", "Messages: not known")]
)
def test_a_choice_stands_without_numbers(library: House, operator: Visitor, path: str, away: str, said: str) -> None:
    peers = library.system.contexts["quarantines"].peers
    peers.connect(away, Flask("nobody"))
    try:
        answer = operator.get(f"{path}/change")
    finally:
        peers.connect(away, library.system.apps[away])
    words = text_of(answer.text)
    assert answer.status_code == 200 and words.count("See what will change") == 3
    assert said in words and ("Books put back: 4" in words) == (away == "notify")


def test_what_has_not_begun_cannot_be_ended(library: House, operator: Visitor) -> None:
    ahead = {"branch_ids": ["zashchita"], "starts_on": in_days(1), "ends_on": in_days(9)}
    made = f"/staff/quarantines/{library.library.declare(**ahead)['id']}"
    words = text_of(operator.get(f"{made}/change").text)
    assert "Change the opening day" in words and "by mistake" in words and "End the quarantine" not in words
    assert operator.get(f"{made}/change/open").status_code == 404
    undo(operator, made)
    wait_for_the_end(library, made)


def test_opening_earlier_brings_dates_nearer_and_tells_so(library: House, operator: Visitor, path: str) -> None:
    before = loan(library)["due_on"]
    assert before >= in_days(14)
    page = change(operator, path, "day", end="known", reopens_on=in_days(8))
    words = text_of(page)
    assert "Books whose date comes nearer than it was: 4." in words
    assert "Кітапхана ертерек ашылады" in words and "Told before about this quarantine: 2." in words
    assert loan(library)["due_on"] == before
    assert sure(operator, path, "day", page).location == path  # type: ignore[attr-defined]
    wait_for_the_end(library, path)
    after = loan(library)
    assert in_days(8) <= after["due_on"] < before
    assert quarantine(library, path)["reopens_on"] == in_days(8)
    mail = library.mail_to("aigul@example.org", "ертерек ашылады")
    assert long_date(date.fromisoformat(after["due_on"]), "kk") in mail
    words = text_of(operator.get(path).text)
    assert "changed 1 time" in words and "Books moved: 4 of 4." in words and "Households told: 2 of 2." in words


def test_ending_it_opens_the_doors_and_leaves_only_the_undoing(library: House, operator: Visitor, path: str) -> None:
    page = change(operator, path, "open", end="known", reopens_on=in_days(1))
    assert "End the quarantine: 4 books" in text_of(page)
    assert sure(operator, path, "open", page).location == path  # type: ignore[attr-defined]
    wait_for_the_end(library, path)
    ended = quarantine(library, path)
    assert (ended["state"], ended["reopens_on"]) == ("lifted", in_days(1))
    due = loan(library)
    assert due["original_due_on"] <= due["due_on"] < in_days(14)
    left = text_of(operator.get(f"{path}/change").text)
    assert "Declared by mistake: undo" in left and left.count("See what will change") == 1
    for choice in ("day", "open"):
        assert operator.get(f"{path}/change/{choice}").status_code == 404
