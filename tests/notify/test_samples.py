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
    assert found["kk"]["subject"] == "Кітап қайтару мерзімі ұзартылды: 1 кітап"
    assert "Жаңа мерзімі: 2026 ж. 16 ақпан, дүйсенбі" in found["kk"]["body"]
    assert "Причина: Грипп" in found["ru"]["body"]
    assert "Reason: Тұмау (in Kazakh)" in found["en"]["body"] and "Library: Central Library" in found["en"]["body"]
    assert house.notices() == []


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
