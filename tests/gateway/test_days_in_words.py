"""Short days and moments carry their year where it is not this one, and always where they are kept for years."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, g

from services.gateway import words
from tests.gateway.console import at_desk
from tests.gateway.house import House, text_of
from tests.support import library_time

THIS = library_time.today().year
ALMATY = ZoneInfo("Asia/Almaty")


@pytest.fixture(params=["kk", "ru", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with Flask("words").app_context():
        g.language = request.param
        yield request.param


def test_a_day_of_another_year_says_which(language: str) -> None:
    short = {"kk": "20.01", "ru": "20.01", "en": "20 Jan"}[language]
    between = " " if language == "en" else "."
    assert words.short_day(date(THIS, 1, 20)) == words.short_day(f"{THIS}-01-20") == short
    for year in (THIS - 1, THIS + 1):
        assert words.short_day(date(year, 1, 20)) == words.dated(f"{year}-01-20") == f"{short}{between}{year}"
    assert words.dated(date(THIS, 1, 20)) == f"{short}{between}{THIS}"


@pytest.mark.parametrize(("written", "always"), [(words.moment, False), (words.dated_moment, True)])
def test_a_moment_says_the_year_by_the_librarys_own_clock(
    language: str, written: Callable[[datetime], str], always: bool
) -> None:
    short = {"kk": "31.12", "ru": "31.12", "en": "31 Dec"}[language]
    between = " " if language == "en" else "."
    assert written(datetime(THIS - 1, 12, 31, 23, 59, tzinfo=ALMATY)) == f"{short}{between}{THIS - 1}, 23:59"
    year = f"{between}{THIS}" if always else ""
    assert written(datetime(THIS, 12, 31, 9, 5, tzinfo=ALMATY)) == f"{short}{year}, 09:05"


@pytest.mark.parametrize(
    ("page", "count"),
    [("quarantines", 3), ("log?part=quarantines", 3), ("messages", 1), ("loans/L1", 1)],
)
def test_lists_and_the_log_say_the_year(closed_house: House, page: str, count: int) -> None:
    said = text_of(at_desk(closed_house, language="ru").get(f"/staff/{page}").text)
    body = said.partition("Обновлено:")[0]
    assert len(re.findall(r"\b\d\d\.\d\d\.20\d\d\b", body)) >= count, body
    assert not re.findall(r"\b\d\d\.\d\d(?!\.\d)(?=[ ,])", body), body


def test_a_moment_in_a_file_is_by_the_librarys_own_clock_and_sorts() -> None:
    assert words.sheet_moment("2026-02-15T21:30:00+00:00") == "2026-02-16 02:30" and words.sheet_moment(None) == ""
