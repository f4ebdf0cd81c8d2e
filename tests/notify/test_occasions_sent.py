"""Reopening notices some days ahead, and announcements to those whose books did not move."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from email import message_from_bytes, policy
from typing import Any

from sqlalchemy import select

from services.notify import reopenings
from services.notify.links import token_of
from services.notify.models import Unsubscribed
from shared import auth
from shared.settings import secret_of
from tests.notify import builders as make
from tests.notify.house import AFTER, House, move
from tests.support import library_time
from tests.support.mail import MailServer

# Two open weeks from today in the builder's quarantine; the first open day is within the three days after.
NEAR = 13


def kinds(house: House) -> list[tuple[str, str | None, str]]:
    return sorted((notice.kind, notice.card_number, notice.state) for notice in house.notices())


def test_who_has_moved_books_out_hears_of_the_reopening_once(house: House) -> None:
    house.hear(make.reader("A-1"), make.reader("B-1"), make.reader("C-1"))
    house.declare(move("A-1", "L-A"), move("B-1", "L-B"))
    house.deliver()
    house.hear(make.event("loan.returned.v1", "loans", loan("B-1", "L-B")))
    reopenings.start_due(house.context)
    house.work()
    assert [kind for kind, _, _ in kinds(house)] == ["digest", "digest"]
    house.later(days=NEAR)
    for _ in range(2):
        reopenings.start_due(house.context)
        house.work()
    house.deliver()
    assert [each for each in kinds(house) if each[0] == "reopening"] == [("reopening", "A-1", "sent")]
    reopening = house.notice(kind="reopening")
    assert "Абай жолы" in reopening.body
    assert str(date.fromisoformat(AFTER).day) in reopening.body


def test_who_was_told_lately_is_not_told_again(house: House) -> None:
    house.hear(make.reader("A-1"))
    quarantine_id = house.declare(move("A-1", "L-A"))
    house.deliver()
    house.later(days=NEAR)
    later = (library_time.today() + timedelta(days=21)).isoformat()
    house.declare(move("A-1", "L-A", was=AFTER, to=later, loan_version=3), quarantine_id=quarantine_id, version=2)
    house.deliver()
    reopenings.start_due(house.context)
    house.work()
    assert {kind for kind, _, _ in kinds(house)} == {"digest"}


def test_no_reopening_notice_of_a_closure_taken_back(house: House) -> None:
    house.hear(make.reader("A-1"))
    quarantine_id = house.declare(move("A-1", "L-A"))
    house.deliver()
    house.later(days=NEAR)
    reopenings.start_due(house.context)
    house.hear(make.quarantine(quarantine_id, 2, "cancelled"))
    house.work()
    assert "reopening" not in {kind for kind, _, _ in kinds(house)}


def loan(card: str, loan_id: str) -> dict[str, Any]:
    day = library_time.today().isoformat()
    plain = {"loan_id": loan_id, "version": 9, "card_number": card, "title": "Абай жолы", "branch_id": "ortalyq"}
    return plain | {"lent_on": day, "original_due_on": day, "due_on": day, "status": "returned", "returned_on": day}


def announced(house: House, *moves: Any) -> str:
    quarantine_id, run = str(uuid.uuid4()), str(uuid.uuid4())
    decision = make.quarantine(quarantine_id)
    decision.data["announce"] = True
    house.hear(decision, *(make.moved(quarantine_id, run, card, *changes) for card, *changes in moves))
    house.hear(make.ended(quarantine_id, run, len(moves)))
    house.hear(*make.others_ended(quarantine_id))
    house.work()
    return quarantine_id


def test_an_announcement_to_the_others_of_the_branch_and_nobody_gets_both(house: House) -> None:
    here, elsewhere = {"home_branch_id": "ortalyq"}, {"home_branch_id": "zashchita"}
    house.hear(
        make.reader("A-1", **here),
        make.reader("B-1", **here),
        make.reader("C-1", **elsewhere),
        make.child("A-1", card="K-1", **here),
    )
    announced(house, move("A-1", "L-A"))
    house.deliver()
    assert kinds(house) == [("announcement", "B-1", "sent"), ("digest", "A-1", "sent")]
    last = house.said("step.progressed.v1")[-1]
    assert (last["state"], last["done"], last["total"]) == ("done", 2, 2)


def test_nobody_is_announced_to_unless_asked(house: House) -> None:
    house.hear(make.reader("A-1", home_branch_id="ortalyq"), make.reader("B-1", home_branch_id="ortalyq"))
    house.declare(move("A-1", "L-A"))
    assert kinds(house) == [("digest", "A-1", "queued")]


def test_announcements_can_be_unsubscribed_by_one_click(
    smtp_house: Callable[..., House], mail_server: MailServer
) -> None:
    house = smtp_house(KITAPHANA_PUBLIC_URL="https://kitap.example")
    house.hear(make.reader("B-1", home_branch_id="ortalyq"), make.reader("A-1", home_branch_id="ortalyq"))
    announced(house, move("A-1", "L-A"))
    house.deliver()
    headers = {mail.recipients[0]: mail.message["List-Unsubscribe"] for mail in mail_server.wait_for(2)}
    (announcement,) = house.notices(kind="announcement")
    token = token_of(secret_of(house.settings), announcement.id)
    assert sorted(headers.values(), key=str) == [
        f"<https://kitap.example/unsubscribe/{token}>",
        None,
    ]
    answer = house.call("POST", f"/notices/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 204
    with house.database.reading() as session:
        assert list(session.scalars(select(Unsubscribed.addressee))) == ["card:B-1"]
    announced(house, move("A-1", "L-B"))
    assert len(house.notices(kind="announcement")) == 1


SITE = auth.Principal("gateway", "service")


def left_token(house: House) -> str:
    """Of an announcement that was sent."""
    house.hear(make.reader("B-1", home_branch_id="ortalyq", language="ru"))
    announced(house)
    house.deliver()
    return token_of(secret_of(house.settings), house.notice(kind="announcement").id)


def test_leaving_can_be_taken_back_and_the_page_is_told_what_it_is_about(house: House) -> None:
    path = f"/notices/unsubscribe/{left_token(house)}"
    mailing = {"kind": "announcement", "language": "ru", "may_leave": True}
    assert house.call("GET", f"{path}/mailing", SITE).json == mailing | {"left": False}
    for method, left in (("POST", True), ("POST", True), ("DELETE", False), ("DELETE", False)):
        assert house.call(method, path).status_code == 204
        assert house.call("GET", f"{path}/mailing", SITE).json == mailing | {"left": left}
    announced(house)
    assert len(house.notices(kind="announcement")) == 2


def test_the_address_of_older_mail_leads_a_person_to_the_page(house: House) -> None:
    token = left_token(house)
    answer = house.call("GET", f"/notices/unsubscribe/{token}")
    assert (answer.status_code, answer.location) == (303, f"/unsubscribe/{token}")


def test_a_kind_can_be_left_also_when_the_link_to_the_books_has_ended(house: House) -> None:
    token = left_token(house)
    assert house.call("DELETE", f"/notices/links/{token}", SITE).status_code == 204
    house.later(days=40)
    assert house.call("POST", f"/notices/unsubscribe/{token}").status_code == 204
    assert house.call("GET", f"/notices/unsubscribe/{token}/mailing", SITE).json["left"] is True


def test_what_is_kept_of_an_announcement_hides_where_it_is_left(house: House) -> None:
    token = left_token(house)
    (file,) = house.mail.iterdir()
    sent = message_from_bytes(file.read_bytes(), policy=policy.default).get_content()
    address = f"{house.settings.base_url()}/unsubscribe/"
    assert sent.rstrip().endswith(f"Не получать такие сообщения: {address}{token}")
    assert house.notice(kind="announcement").body.rstrip().endswith(f"{address}…")
    assert token not in house.notice(kind="announcement").body


def test_an_announcement_reads_well(house: House) -> None:
    house.hear(make.reader("B-1", home_branch_id="ortalyq", language="ru"))
    announced(house)
    house.deliver()
    (file,) = house.mail.iterdir()
    text = message_from_bytes(file.read_bytes(), policy=policy.default).get_content()
    assert "Центральная библиотека" in text
    assert "{" not in text
