from datetime import date
from typing import Any

from demo.facts import bars, branch_facts, days_to_show, reader_to_show, told_by

QUARANTINE = {"id": "q1", "starts_on": "2026-02-02"}


def loan(original: str, due: str | None, status: str = "on_loan", moved_by: str | None = "q1") -> dict[str, Any]:
    changes = [{"quarantine_id": moved_by, "from": original, "to": due}] if moved_by else []
    return {"original_due_on": original, "due_on": due, "status": status, "changes": changes}


LOANS = [
    loan("2026-02-03", "2026-02-05"),
    loan("2026-01-20", "2026-02-06"),
    loan("2026-02-04", "2026-02-04", moved_by=None),
    loan("2026-02-03", "2026-02-03", status="lost", moved_by=None),
    loan("2026-02-03", "2026-02-03", status="returned", moved_by=None),
    loan("2026-02-03", "2026-02-05", moved_by="another"),
]


def test_a_branch_is_counted_by_what_this_quarantine_moved() -> None:
    days = days_to_show(LOANS, date(2026, 2, 2))
    facts = branch_facts("ortalyq", LOANS, QUARANTINE, days)
    assert (facts.moved, facts.already_late, facts.left_alone) == (2, 1, 1)
    assert (facts.earliest, facts.latest) == (date(2026, 2, 5), date(2026, 2, 6))


def test_returns_are_counted_for_each_day_before_and_after() -> None:
    days = days_to_show(LOANS, date(2026, 2, 2))
    facts = branch_facts("ortalyq", LOANS, QUARANTINE, days)
    assert days[-1] == date(2026, 2, 6)
    assert facts.before == [0, 2, 1, 0, 0]
    assert facts.after == [0, 0, 1, 2, 1]


def test_an_open_ended_quarantine_leaves_no_new_dates() -> None:
    facts = branch_facts("ortalyq", [loan("2026-02-03", None)], QUARANTINE, [date(2026, 2, 3)])
    assert (facts.moved, facts.earliest, facts.after) == (1, None, [0])


def test_bars_are_as_high_as_their_share_of_the_tallest() -> None:
    assert bars([0, 1, 4, 8], tallest=8) == "·▁▄█"


def test_messages_are_counted_by_language_and_channel_once_sent() -> None:
    notices = [
        {"language": "kk", "deliveries": [{"channel": "email", "state": "sent"}]},
        {"language": "kk", "deliveries": [{"channel": "email", "state": "failed"}]},
        {"language": "ru", "deliveries": []},
    ]
    assert told_by(notices) == {"kk": {"email": 1}, "ru": {}}


def test_the_parent_shown_has_books_that_move_and_children_with_such() -> None:
    def reader(card: str, guardian: str = "", language: str = "kk") -> dict[str, str]:
        return {
            "card_number": card,
            "guardian_card_number": guardian,
            "language": language,
            "email": "someone@example.org",
            "blocked": "",
        }

    readers = [reader("1"), reader("2", guardian="1"), reader("3"), reader("4", language="ru")]
    readers += [reader("5"), reader("6", guardian="5")]
    moving = [{"card_number": card, "status": "on_loan", "due_on": "2026-02-03"} for card in "112334444455"]
    staying = [{"card_number": card, "status": "on_loan", "due_on": "2026-02-16"} for card in "666"]
    assert reader_to_show(readers, moving + staying, date(2026, 2, 15)) == "1"
