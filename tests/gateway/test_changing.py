"""A closure changed from its page: extended, opened earlier, ended, undone; who may, and who was slower."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from flask import Flask

from shared.language import long_date
from tests.gateway.console import at_desk, change, declared, look, sure, undo, wait_for_the_end
from tests.gateway.house import House, Visitor, in_days, key_in, text_of


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


def test_extend_shows_what_it_would_do_and_then_does_it(library: House, operator: Visitor, path: str) -> None:
    assert operator.get(f"{path}/extend").location == f"{path}/change/day"
    page = change(operator, path, "day", end="known", reopens_on=in_days(28), note="order 13")
    words = text_of(page)
    assert "Change the opening day: 4 books, 2 messages" in words
    assert "Told before about this quarantine: 2." in words
    assert "Кітап қайтару мерзімі тағы да ұзартылды" in words
    assert library.library.get(f"/quarantines/{path.rsplit('/', 1)[1]}")["version"] == 1
    answer = sure(operator, path, "day", page)
    assert answer.location == path  # type: ignore[attr-defined]
    wait_for_the_end(library, path)
    words = look(operator, path)
    assert "changed 1 time" in words and "Note: order 13" in words


def test_not_known_yet_and_open_now(library: House, operator: Visitor, path: str) -> None:
    page = change(operator, path, "day", end="unknown", reopens_on="")
    assert "Without a date until the opening day is known: 5." in text_of(page)
    sure(operator, path, "day", page)
    wait_for_the_end(library, path)
    assert "Opening day: not known yet" in look(operator, path)
    page = change(operator, path, "open", end="known", reopens_on=in_days(1))
    assert "End the quarantine: 5 books" in text_of(page)
    sure(operator, path, "open", page)
    wait_for_the_end(library, path)
    words = look(operator, f"{path}/change")
    assert "Declared by mistake: undo" in words and "Change the opening day" not in words
    assert operator.get(f"{path}/change/day").status_code == 404


def test_a_change_that_cannot_be_is_said_at_its_field(operator: Visitor, path: str) -> None:
    for fields, part in (
        ({"end": "known", "reopens_on": in_days(0)}, "after the first closed day"),
        ({"end": "known", "reopens_on": in_days(14)}, "set already"),
        ({"end": "known", "reopens_on": "2062-01-01"}, "ten years"),
    ):
        page = change(operator, path, "day", **fields)
        wrong = re.search(r'id="reopens_on-wrong">(.*?)</p>', page, re.DOTALL)
        assert wrong and part in wrong[1]


def test_who_was_slower_is_told_who_changed_what(library: House, operator: Visitor, path: str) -> None:
    slow = at_desk(library, "operator")
    page = change(slow, path, "day", end="known", reopens_on=in_days(20))
    early = slow.get(f"{path}/change/open").text
    sure(operator, path, "day", change(operator, path, "day", end="known", reopens_on=in_days(30), note="mine"))
    late = sure(slow, path, "day", page)
    assert late.status_code == 412  # type: ignore[attr-defined]
    words = text_of(late.text)  # type: ignore[attr-defined]
    assert "Somebody was faster" in words and "Note: mine" in words
    version = early.split('name="version" value="', 1)[1].split('"', 1)[0]
    fields = {"csrf": key_in(early), "version": version, "go": "look", "end": "known", "reopens_on": in_days(2)}
    assert slow.post(f"{path}/change/open", data=fields).status_code == 412
    assert library.library.get(f"/quarantines/{path.rsplit('/', 1)[1]}")["version"] == 2


def test_a_change_pressed_twice_is_made_once(library: House, operator: Visitor, path: str) -> None:
    page = change(operator, path, "day", end="known", reopens_on=in_days(21))
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda _: sure(operator, path, "day", page), range(2)))
    assert {answer.location for answer in answers} == {path}  # type: ignore[attr-defined]
    assert library.library.get(f"/quarantines/{path.rsplit('/', 1)[1]}")["version"] == 2


def test_undo_gives_every_book_its_former_date(library: House, operator: Visitor, path: str) -> None:
    page = change(operator, path, "undo")
    words = text_of(page)
    assert "As if it had never been declared" in words and "Books whose date comes nearer" in words
    sure(operator, path, "undo", page)
    wait_for_the_end(library, path)
    loan = library.library.get("/loans/L1")
    assert loan["due_on"] == loan["original_due_on"]
    words = look(operator, path)
    assert "undone" in words and "Change this quarantine" not in words
    assert "Nothing can be changed any more" in look(operator, f"{path}/change")


def test_an_operator_of_one_branch_decides_on_it_alone(library: House, operator: Visitor, path: str) -> None:
    """The quarantine is of `ortalyq` and what is below it."""
    here = at_desk(library, "operator", branches=["ablaketka"])
    words = look(here, path)
    assert "Change this quarantine" not in words and "Extend" not in words
    for deed in ("change", "change/day", "change/undo"):
        assert here.get(f"{path}/{deed}").status_code == 403
    made = declared(here)
    wait_for_the_end(library, made)
    assert "Change this quarantine" in look(here, made) and here.get(f"{made}/change/day").status_code == 200
    undo(here, made)
    wait_for_the_end(library, made)


def test_who_may_not_decide_is_not_offered_it(library: House, path: str) -> None:
    librarian = at_desk(library, "librarian")
    assert "Change this quarantine" not in look(librarian, path)
    for deed in ("change", "extend", "change/day"):
        assert librarian.get(f"{path}/{deed}").status_code == 403
