"""The message staff read before they decide: by the templates that are sent, in each language, kept nowhere."""

from datetime import date

import pytest

from shared import auth
from tests.notify.house import House

OPERATOR = auth.Principal("staff:1", "staff", roles={"operator": "all"})
ASKED = {
    "starts_on": "2026-02-02",
    "reopens_on": "2026-02-16",
    "branch_ids": ["ortalyq"],
    "reason": {"kk": "Тұмау", "ru": "Грипп"},
    "was_due": "2026-02-10",
    "now_due": "2026-02-16",
}


def samples(house: House, **change):
    answer = house.call("POST", "/notices/samples", OPERATOR, json=ASKED | change)
    assert answer.status_code == 200, answer.text
    return {each["language"]: each for each in answer.json["items"]}


def test_a_message_in_each_language_with_the_days_of_the_decision(house):
    found = samples(house)
    assert found["kk"]["subject"] == "Кітап қайтару мерзімі ұзартылды: 1 кітап"
    assert "Жаңа мерзімі: 2026 ж. 16 ақпан, дүйсенбі" in found["kk"]["body"]
    assert "Причина: Грипп" in found["ru"]["body"]
    assert "Reason: Тұмау (in Kazakh)" in found["en"]["body"] and "Library: Central Library" in found["en"]["body"]
    assert house.notices() == []


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ({"reopens_on": None, "now_due": None}, "no need to return books"),
        ({"decision": "changed", "now_due": "2026-03-02"}, "Return date moved again"),
        ({"decision": "lifted", "was_due": "2026-02-16", "now_due": "2026-02-12"}, "opens earlier"),
        ({"decision": "cancelled", "was_due": "2026-02-16", "now_due": "2026-02-10"}, "earlier return dates apply"),
    ],
)
def test_the_words_follow_the_decision(house, change, subject):
    ahead = {"starts_on": date.today().isoformat()}
    assert subject in samples(house, **ahead, **change)["en"]["subject"]


def test_a_branch_nobody_has_heard_of_yet_does_no_harm(house):
    assert "Hello Anna," in samples(house, branch_ids=["nowhere"])["en"]["body"]


def test_only_operators_ask(house):
    librarian = auth.Principal("staff:2", "staff", roles={"librarian": "all"})
    assert house.call("POST", "/notices/samples", librarian, json=ASKED).status_code == 403
    assert house.call("POST", "/notices/samples", OPERATOR, json={"starts_on": "soon"}).status_code == 422
