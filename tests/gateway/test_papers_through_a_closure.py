"""What the papers for a closure say through its life, and once it is undone."""

from __future__ import annotations

from datetime import date

import pytest

from services.gateway.pages.staff import paper_words
from shared.language import LANGUAGES
from tests.gateway.console import at_desk
from tests.gateway.house import House, in_days


def test_papers_of_an_undone_closure_say_what_is_in_force(open_house: House) -> None:
    made = open_house.library.declare(starts_on=in_days(0), ends_on=in_days(9))
    open_house.library.post(f"/quarantines/{made['id']}/cancel", {})
    visitor = at_desk(open_house, "librarian")
    base = f"/staff/quarantines/{made['id']}"
    pages = {name: visitor.get(f"{base}/{name}").text for name in ("door", "chats", "slips", "social")}
    for text in pages.values():
        assert "Take the former notice off the door" in text
        assert not any(closed in text for closed in ("жабық", "временно закрыта", "is closed"))
    for name in ("door", "social"):
        assert "Кітап қайтарудың бұрынғы мерзімі күшінде." in pages[name]
        assert "Действует прежний срок возврата книг." in pages[name]
    assert "Исправление: действует прежний срок возврата книг." in pages["chats"]
    assert visitor.get(f"{base}/social.png?language=ru").data.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("phase", "opens", "case"),
    [
        ("ahead", None, "ahead"),
        ("closed", date(2026, 2, 16), "known"),
        ("closed", None, "open_ended"),
        ("over", date(2026, 2, 16), "opening"),
        ("over", date(2026, 2, 14), "reopened"),
        ("cancelled", date(2026, 2, 16), "undone"),
    ],
)
def test_papers_follow_the_life_of_a_closure(phase: str, opens: date | None, case: str) -> None:
    assert paper_words.case_of(phase, opens, date(2026, 2, 14)) == case
    sheets = [paper_words.said(case, language, opens, date(2026, 2, 2), "R", "1") for language in LANGUAGES]
    assert all(bool(sheet.day) == (case not in ("open_ended", "undone")) for sheet in sheets)
    assert [bool(sheet.reason) for sheet in sheets] == [case != "undone"] * 3
    assert ("Ашылатын күнін кейін хабарлаймыз" in sheets[0].in_one_piece) == (opens is None)


def test_a_slip_of_an_undone_closure_calls_no_day_new() -> None:
    day = [(date(2026, 2, 10), 2)]
    assert paper_words.slip("ru", day, undone=True) == (
        "Действует прежний срок возврата книг",
        ["Книг: 2. Срок: вторник, 10 февраля 2026 г."],
    )
    assert paper_words.slip("kk", day)[0] == "Кітап қайтару мерзімі ұзартылды"
