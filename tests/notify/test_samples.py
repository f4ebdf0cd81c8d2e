"""The message staff read before they decide: by the templates that are sent, in each language, kept nowhere."""

import pytest

from shared import auth
from tests.notify.house import House
from tests.support import library_time

SERVICE = auth.Principal("quarantines", "service")
QUARANTINE = {
    "state": "declared",
    "starts_on": "2026-02-02",
    "reopens_on": "2026-02-16",
    "branches": [{"branch_id": "ortalyq"}],
    "reason": {"kk": "Тұмау", "ru": "Грипп"},
}
DUE = {"was_due": "2026-02-10", "now_due": "2026-02-16"}


def asked(quarantine, due):
    return {"quarantine": QUARANTINE | quarantine, "cards": [], **DUE, **due}


def samples(house: House, quarantine=None, **due):
    answer = house.call("POST", "/notices/preview", SERVICE, json=asked(quarantine or {}, due))
    assert answer.status_code == 200, answer.text
    return {each["language"]: each for each in answer.json["samples"]}


def test_a_message_in_each_language_with_the_days_of_the_decision(house):
    found = samples(house)
    assert found["kk"]["subject"] == "Кітап қайтару мерзімі ұзартылды: 2 кітап"
    assert "Жаңа мерзімі: 2026 ж. 16 ақпан, дүйсенбі" in found["kk"]["body"]
    assert "Причина: Грипп" in found["ru"]["body"]
    assert "Reason: Тұмау (in Kazakh)" in found["en"]["body"] and "Library: Central Library" in found["en"]["body"]
    assert house.notices() == []


@pytest.mark.parametrize(
    ("language", "child", "book", "one_visit"),
    [
        ("kk", "Оқырман: Алихан", "Менің атым Қожа", "Барлық кітапты бір күнде әкелуге болады"),
        ("ru", "Читатель: Миша", "Незнайка на Луне", "Все книги можно вернуть в один день"),
        ("en", "Reader: Tom", "Splat the Cat", "You can bring everything on one day"),
    ],
)
def test_it_is_a_guardian_s_with_a_section_of_the_child_and_the_one_visit(house, language, child, book, one_visit):
    body = samples(house)[language]["body"]
    assert child in body and book in body and one_visit in body
    assert one_visit not in samples(house, {"reopens_on": None}, now_due=None)[language]["body"]


@pytest.mark.parametrize(
    ("quarantine", "due", "subject"),
    [
        ({"reopens_on": None}, {"now_due": None}, "no need to return books"),
        ({"state": "changed"}, {"now_due": "2026-03-02"}, "Return date moved again"),
        ({"state": "lifted"}, {"was_due": "2026-02-16", "now_due": "2026-02-12"}, "opens earlier"),
        ({"state": "cancelled"}, {"was_due": "2026-02-16", "now_due": "2026-02-10"}, "earlier return dates apply"),
    ],
)
def test_the_words_follow_the_decision(house, quarantine, due, subject):
    ahead = {"starts_on": library_time.today().isoformat()}
    assert subject in samples(house, ahead | quarantine, **due)["en"]["subject"]


def test_a_branch_nobody_has_heard_of_yet_does_no_harm(house):
    assert "Hello Anna," in samples(house, {"branches": [{"branch_id": "nowhere"}]})["en"]["body"]


@pytest.mark.parametrize("wrong", [{"starts_on": "soon"}, {"state": "burnt"}, {"branches": None}])
def test_a_quarantine_that_says_nothing_is_refused(house, wrong):
    assert house.call("POST", "/notices/preview", SERVICE, json=asked(wrong, {})).status_code == 422
