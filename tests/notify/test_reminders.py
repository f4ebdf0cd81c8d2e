"""Reminders gathered for a person and day, silence for closed branches, and one-time codes."""

import uuid
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

from services.notify import claims
from services.notify.links import token_of
from shared import clock
from shared.sealed import READER_CODE, seal
from shared.settings import secret_of
from tests.notify import builders as make
from tests.notify.house import House
from tests.support import library_time


def reminder(kind: str, card: str, loan_id: str, due_in: int, **given: Any) -> Any:
    today = library_time.today()
    loan = {
        "loan_id": loan_id,
        "version": 1,
        "card_number": card,
        "title": f"Кітап {loan_id}",
        "author": "Абай Құнанбайұлы",
        "isbn": None,
        "branch_id": "ortalyq",
        "lent_on": (today - timedelta(days=10)).isoformat(),
        "original_due_on": (today + timedelta(days=due_in)).isoformat(),
        "due_on": (today + timedelta(days=due_in)).isoformat(),
        "status": "on_loan",
        "day": today.isoformat(),
    }
    return make.event(kind, "loans", loan | given)


def soon(card: str, loan_id: str, **given: Any) -> Any:
    return reminder("loan.due_soon.v1", card, loan_id, 2, **given)


def mails(house: House) -> list[str]:
    files = house.mail.glob("*")
    texts = (message_from_bytes(file.read_bytes(), policy=policy.default) for file in files)
    return [mail.get_content() for mail in texts]


def test_a_family_gets_one_reminder_a_day(house: House) -> None:
    house.hear(make.reader("M-1"), make.child("M-1", card="C-1", given_name="Айша"))
    house.hear(soon("M-1", "L-1"))
    house.hear(soon("C-1", "L-2"), soon("M-1", "L-3"))
    house.deliver()
    assert mails(house) == []
    house.later(seconds=61)
    house.deliver()
    (text,) = mails(house)
    assert all(f"Кітап {loan}" in text for loan in ("L-1", "L-2", "L-3"))
    assert "Айша" in text
    notice = house.notice()
    assert (notice.kind, notice.state, notice.about) == ("due_soon", "sent", ["C-1", "M-1"])


def test_what_comes_after_it_has_gone_is_said_once_more(house: House) -> None:
    house.hear(make.reader("M-1"))
    house.hear(soon("M-1", "L-1"))
    house.later(seconds=61)
    house.deliver()
    house.hear(soon("M-1", "L-2"))
    house.hear(soon("M-1", "L-2"))
    house.later(seconds=61)
    house.deliver()
    assert len(mails(house)) == 2
    assert sum("Кітап L-2" in text for text in mails(house)) == 1


def test_soon_and_overdue_are_two_notices(house: House) -> None:
    house.hear(make.reader("M-1"))
    house.hear(soon("M-1", "L-1"), reminder("loan.overdue.v1", "M-1", "L-2", -2))
    assert sorted(notice.kind for notice in house.notices()) == ["due_soon", "overdue"]


def test_a_branch_shut_by_now_is_not_reminded_of(house: House) -> None:
    house.hear(make.reader("M-1"), make.quarantine(str(uuid.uuid4())))
    house.hear(soon("M-1", "L-1"), reminder("loan.overdue.v1", "M-1", "L-2", -2))
    assert house.notices() == []


def test_a_reminder_days_old_is_not_sent_any_more(house: House) -> None:
    house.hear(make.reader("M-1"))
    house.hear(soon("M-1", "L-1"))
    house.later(days=3)
    house.deliver()
    assert (mails(house), house.notice().state) == ([], "failed")


def code(house: House, card: str, text: str, minutes: float = 10) -> Any:
    data = {
        "card_number": card,
        "sealed_code": seal(secret_of(house.settings), READER_CODE, text),
        "expires_at": (clock.now() + timedelta(minutes=minutes)).isoformat(),
    }
    return make.event("reader.code_requested.v1", "accounts", data)


def test_a_code_is_sent_at_once_and_kept_nowhere(house: House) -> None:
    house.hear(make.reader("M-1", language="ru"))
    house.hear(code(house, "M-1", "482913"))
    house.deliver()
    (text,) = mails(house)
    assert "482913" in text
    notice = house.notice()
    assert (notice.state, notice.kind, notice.lane) == ("sent", "code", 0)
    assert "482913" not in f"{notice.body}{notice.content}{notice.subject}"
    assert token_of(secret_of(house.settings), notice.id) not in text


def test_a_code_goes_before_everything_else(house: House) -> None:
    house.hear(make.reader("M-1"), soon("M-1", "L-1"))
    house.later(seconds=61)
    house.hear(code(house, "M-1", "482913"))
    with house.database.transaction() as session:
        (first,) = claims.claim(session, {}, 1).claimed
    assert first.notice_id == house.notice(kind="code").id


def test_only_the_newest_code_is_sent_and_an_old_one_never(house: House) -> None:
    house.hear(make.reader("M-1"))
    house.hear(code(house, "M-1", "111111", minutes=5))
    house.hear(code(house, "M-1", "222222", minutes=10))
    house.deliver()
    assert [("111111" in text, "222222" in text) for text in mails(house)] == [(False, True)]
    house.hear(code(house, "M-1", "333333", minutes=5))
    house.later(minutes=6)
    house.deliver()
    assert len(mails(house)) == 1


def test_a_childs_code_goes_to_the_guardian(house: House) -> None:
    house.hear(make.reader("M-1", email="mother@example.org"), make.child("M-1", card="C-1"))
    house.hear(code(house, "C-1", "482913"))
    assert house.delivery(house.notice().id).address == "mother@example.org"
