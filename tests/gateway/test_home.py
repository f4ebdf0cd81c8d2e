"""The front page: what is closed and until when, in words and as data, whatever has been decided."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest

from shared.language import LANGUAGES, long_date
from tests.gateway.house import REASON, TODAY, House, house, in_days, text_of
from tests.gateway.test_pages import reopening

ADVICE = {
    "closed": "Return dates have been moved by themselves. You do not need to do anything.",
    "open-ended": "No need to return books until we open.",
    "reopening": "See your return day in My books.",
    "coming": "Return dates that fall into it move by themselves.",
}
SCRIPT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


@pytest.fixture(scope="module")
def deciding_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """For tests that decide this and that, each undone at its end."""
    with house(tmp_path_factory.mktemp("deciding"), closed=False) as made:
        yield made


@pytest.fixture(scope="module")
def closed_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """With its three libraries and no other: what others' tests open in the shared house would stand here too."""
    with house(tmp_path_factory.mktemp("closed"), closed=True) as made:
        yield made


@contextmanager
def closed(house: House, **body: Any) -> Iterator[str]:
    """Id of a quarantine that ends with the test."""
    usual = {"starts_on": in_days(0), "ends_on": in_days(13), "reason": REASON}
    quarantine_id = house.library.declare(**usual | body)["id"]
    try:
        yield quarantine_id
    finally:
        house.library.post(f"/quarantines/{quarantine_id}/cancel", {})


def front(house: House, language: str = "en") -> tuple[str, list[dict[str, Any]]]:
    """The words above the two big buttons, and the announcements as data."""
    page = house.client(language).get("/").text
    words = text_of(page[page.index("<main") : page.index('class="doors"')])
    return words, [json.loads(found) for found in SCRIPT.findall(page)]


def said(day: date | str, language: str = "en") -> str:
    return long_date(date.fromisoformat(day) if isinstance(day, str) else day, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_home_while_closed_says_until_when(closed_house: House, language: str) -> None:
    words, (data,) = front(closed_house, language)
    opens = reopening(closed_house)
    assert said(opens, language) in words and REASON[language] in words
    assert (data["@context"], data["@type"], data["inLanguage"]) == (
        "https://schema.org",
        "SpecialAnnouncement",
        language,
    )
    assert data["expires"] == opens.isoformat() and said(opens, language) in text_of(data["text"])
    assert data["category"] == {"kk": "Карантин", "ru": "Карантин", "en": "Quarantine"}[language]
    assert data["datePosted"] >= (TODAY - timedelta(days=1)).isoformat()
    assert [set(place) for place in data["announcementLocation"]] == [{"@type", "name", "telephone", "address"}] * 3
    assert ".." not in data["text"], "a Russian date ends with a full stop of its own"


def test_while_the_day_is_not_known_nothing_is_said_to_have_been_moved(deciding_house: House) -> None:
    with closed(deciding_house, ends_on=None):
        words, (data,) = front(deciding_house)
        for text in (words, data["text"]):
            assert "The library is closed for now" in text
            assert "We will tell you the opening day later." in text and ADVICE["open-ended"] in text
            assert "moved" not in text
        assert "expires" not in data
    assert front(deciding_house)[1] == []


def test_where_only_some_are_closed_they_are_named(deciding_house: House) -> None:
    with closed(deciding_house, branch_ids=["ablaketka"]):
        words, (data,) = front(deciding_house)
        for text in (words, text_of(data["text"])):
            assert "Some libraries are closed for now" in text and "Ablaketka Branch" in text
            assert "Zashchita" not in text and "The library is closed" not in text
            assert said(reopening(deciding_house, "ablaketka")) in text and ADVICE["closed"] in text
        assert [place["name"] for place in data["announcementLocation"]] == ["Ablaketka Branch"]


def test_where_their_days_differ_each_has_its_own(deciding_house: House) -> None:
    with (
        closed(deciding_house, branch_ids=["ablaketka"]),
        closed(deciding_house, branch_ids=["zashchita"], ends_on=None),
    ):
        words, (data,) = front(deciding_house)
        assert "Each library has its day below." in words and ADVICE["closed"] in words
        opens = said(reopening(deciding_house, "ablaketka"))
        text = text_of(data["text"])
        assert f"Ablaketka Branch: Opens again: {opens}." in text
        assert "Zashchita Branch: We will tell you the opening day later." in text
        assert "expires" not in data


@pytest.mark.parametrize("language", LANGUAGES)
def test_once_its_end_is_settled_the_library_opens_again(deciding_house: House, language: str) -> None:
    with closed(deciding_house, ends_on=None) as quarantine_id:
        deciding_house.library.post(f"/quarantines/{quarantine_id}/lift", {"reopens_on": in_days(5)})
        opens = deciding_house.library.get("/branches/ortalyq")["closed"]["reopens_on"]
        words, (data,) = front(deciding_house, language)
        for text in (words, text_of(data["text"])):
            assert {
                "kk": "Кітапхана қайта ашылады",
                "ru": "Библиотека снова откроется",
                "en": "We open again",
            }[language] in text
            assert said(opens, language) in text
        assert "Менің кітаптарым" in words or "Мои книги" in words or ADVICE["reopening"] in words


def test_a_closure_declared_ahead_is_announced_with_both_its_days(deciding_house: House) -> None:
    with closed(deciding_house, branch_ids=["zashchita"], starts_on=in_days(7), ends_on=in_days(20), kind="repair"):
        words, (data,) = front(deciding_house)
        opens = deciding_house.library.get("/branches/zashchita")["ahead"]["reopens_on"]
        for text in (words, text_of(data["text"])):
            assert "Some libraries will close for a while" in text and "Zashchita Branch" in text
            assert f"First day closed: {said(in_days(7))}" in text
            assert f"Opens again: {said(opens)}" in text and ADVICE["coming"] in text
        assert (data["category"], data["expires"]) == ("Repair", opens)


def test_a_text_that_is_missing_in_the_visitors_language_says_which_it_is_in(deciding_house: House) -> None:
    with closed(deciding_house, reason={"ru": "Прорыв трубы"}):
        for language, shown in (("en", "Reason: Прорыв трубы (РУС)"), ("ru", "Причина: Прорыв трубы")):
            words, _ = front(deciding_house, language)
            assert words.removesuffix(" <section").endswith(shown)
        assert '<span lang="ru">Прорыв трубы</span>' in deciding_house.client("en").get("/").text


def test_every_library_is_shown_with_its_telephone(closed_house: House) -> None:
    page = closed_house.client().get("/").text
    libraries = page[page.index('id="libraries"') : page.index("<footer")]
    assert re.findall(r'href="(tel:[^"]+)"', libraries) == [f"tel:+7723200000{n}" for n in (2, 1, 3)]
    _, (data,) = front(closed_house)
    assert [place["telephone"] for place in data["announcementLocation"]] == [f"+7 7232 00-00-0{n}" for n in (2, 1, 3)]
