from datetime import date
from string import Formatter

import pytest

from demo.words import TEXTS, Words, terminals_language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "kk_KZ.UTF-8"}, "kk"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "kk_KZ.UTF-8", "LC_ALL": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_terminal_speaks_the_language_of_the_locale(environment: dict[str, str], language: str) -> None:
    assert terminals_language(environment) == language


@pytest.mark.parametrize("key", TEXTS)
def test_every_language_fills_in_the_same_places(key: str) -> None:
    places = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in TEXTS[key]]
    assert places[0] == places[1] == places[2]
    assert all(TEXTS[key])


def test_days_are_written_as_each_language_writes_them() -> None:
    day = date(2026, 2, 16)
    assert [Words(language).day(day) for language in ("kk", "ru", "en")] == [
        "16 ақпан",
        "16 февраля",
        "16 February",
    ]
