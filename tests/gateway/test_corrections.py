"""My books after a date that had been told came nearer, and where the doors are shut on the day itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from services.loans.models import Loan
from shared.language import LANGUAGES, long_date
from tests.gateway.house import TODAY, House, bring, house, in_days, loan, text_of
from tests.gateway.test_book_pages import card_of
from tests.gateway.test_pages import newcomer, reopening, with_pin

BEFORE = {"kk": "Соңғы өзгеріске дейін:", "ru": "До последнего изменения:", "en": "Before the last change:"}
PUT_BACK = {"kk": "бұрынғы мерзімі күшінде", "ru": "действует прежний срок", "en": "the earlier date applies again"}
SAFE = {"kk": "Кешіктірмей қайтарудың соңғы күні:", "ru": "Последний день без опоздания:", "en": "without being late:"}


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, date]]:
    """Two weeks were declared and told, then one; and the day on which the library was to open before."""
    with house(tmp_path_factory.mktemp("corrected"), closed=True) as made:
        (quarantine,) = made.library.items("/quarantines")
        opened = reopening(made)
        made.library.call("PATCH", f"/quarantines/{quarantine['id']}", json_body={"ends_on": in_days(7)})
        made.library.wait_until_done(quarantine["id"])
        yield made, opened


def words_beside(house: House, title: str, language: str) -> str:
    return text_of(card_of(house.signed_in(language=language), title))


def loan_of(house: House, loan_id: str) -> dict[str, Any]:
    return dict(house.library.get(f"/loans/{loan_id}"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_book_still_moved_says_which_day_held_before(corrected: tuple[House, date], language: str) -> None:
    house, opened = corrected
    words = words_beside(house, "Абай жолы", language)
    due = date.fromisoformat(loan_of(house, "L1")["due_on"])
    assert due < opened
    assert words.index(long_date(due, language)) < words.index(f"{BEFORE[language]} {long_date(opened, language)}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_book_that_is_due_as_before_is_not_said_to_be_unchanged(corrected: tuple[House, date], language: str) -> None:
    house, _ = corrected
    changes = loan_of(house, "L3")["changes"]
    assert changes[-1]["to"] == in_days(9) < changes[-1]["from"]
    words = words_beside(house, "Волшебник Изумрудного города", language)
    assert PUT_BACK[language] in words
    assert f"{BEFORE[language]} {long_date(date.fromisoformat(changes[-1]['from']), language)}" in words
    untouched = words_beside(house, "Марғау Шалп", language)
    assert PUT_BACK[language] not in untouched and BEFORE[language] not in untouched


def test_the_day_promised_is_told_at_once_and_not_only_when_the_date_has_passed(
    corrected: tuple[House, date],
) -> None:
    house, _ = corrected
    with house.system.contexts["loans"].database.transaction() as session:
        session.get_one(Loan, "L3").protected_until = TODAY + timedelta(days=11)
    for language in LANGUAGES:
        words = words_beside(house, "Волшебник Изумрудного города", language)
        assert f"{SAFE[language]} {long_date(TODAY + timedelta(days=11), language)}" in words


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("kk", "Бұл күні кітапхана жұмыс істемейді. Оның алдындағы соңғы жұмыс күні:"),
        ("ru", "В этот день библиотека не работает. Последний рабочий день перед ним:"),
        ("en", "The library is not open on that day. The last open day before it:"),
    ],
)
def test_a_day_on_which_the_doors_are_shut_is_said_to_be_one(open_house: House, language: str, said: str) -> None:
    card = {"kk": "2021", "ru": "2022", "en": "2023"}[language]
    sunday = 13 - TODAY.weekday()
    newcomer(open_house, card)
    bring(open_house.library, "loans", [loan(f"S{card}", card, "Абай", "Қара сөздер", sunday)])
    visitor = with_pin(open_house, card)
    visitor.get(f"/language/{language}")
    words = text_of(visitor.get("/books").text)
    assert words.count(said) == 2, "in the answer and where to bring it"
    lead, day = words.split(said)[0], date.fromisoformat(in_days(sunday))
    assert lead.rstrip().endswith(long_date(day, language))
    assert {"kk": "Сол күнгі жұмыс уақыты", "ru": "Часы работы в этот день", "en": "Hours that day"}[
        language
    ] not in words
