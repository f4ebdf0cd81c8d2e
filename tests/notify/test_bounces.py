"""Mail that came back, as real servers report it, and told by request."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from services.notify import bounces, channels, channels_of
from services.notify.models import DateLine, Suppression
from shared.auth import Principal
from tests.notify import builders as make
from tests.notify.house import AFTER, LATER, LIBRARIAN, SOON, House, move
from tests.support.mail import MailServer

SERVICE = Principal("service:mail", "service")

POSTFIX = """\
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: library@example.org
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Message-ID: <20260223103000.ABCDEF@mx.example.org>
Content-Type: multipart/report; report-type=delivery-status; boundary="B1"

--B1
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.org.

--B1
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
X-Postfix-Queue-ID: ABCDEF

Final-Recipient: rfc822; {to}
Original-Recipient: rfc822;{to}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.mail.example
Diagnostic-Code: smtp; 550 5.1.1 <{to}>: Recipient address rejected:
    User unknown

--B1
Content-Description: Undelivered Message
Content-Type: message/rfc822

From: library@example.org
To: {to}
Subject: =?utf-8?b?0JrRltGC0LDQvw==?=
Message-ID: {message_id}

text

--B1--
"""
COMPLAINT = """\
From: <abuse@mail.example>
To: library@example.org
Subject: FW: Kitap
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="B2"

--B2
Content-Type: text/plain

This is an email abuse report.

--B2
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1

--B2
Content-Type: message/rfc822

From: library@example.org
Message-ID: {message_id}

text

--B2--
"""


def sent(house: House, **reader: Any) -> Any:
    house.hear(make.reader("A-1", email="gone@example.org", **reader))
    house.quarantine_id = house.declare(move("A-1", "L-1"))
    house.deliver()
    notice = house.notice()
    assert notice.state == "sent"
    return notice


def report(notice: Any, template: str = POSTFIX, status: str = "5.1.1", action: str = "failed") -> bytes:
    message_id = f"<{notice.id}.email@example.org>"
    return template.format(to="gone@example.org", message_id=message_id, status=status, action=action).encode()


def put_in_box(house: House, name: str, mail: bytes) -> None:
    folder = house.settings.home / "bounces" / "new"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(mail)


def suppressed(house: House) -> list[str]:
    with house.database.reading() as session:
        return list(session.scalars(select(Suppression.address)))


def test_returned_mail_takes_told_back_and_spares_the_address(house: House) -> None:
    notice = sent(house)
    put_in_box(house, "1.mx", report(notice))
    assert bounces.read_returned(house.context) is False
    after = house.notice()
    assert (after.state, after.told_at, house.delivery(notice.id).state) == ("failed", None, "bounced")
    assert house.delivery(notice.id).last_error.startswith("5.1.1 550 5.1.1")
    assert suppressed(house) == ["gone@example.org"]
    assert house.said("notice.failed.v1")[0]["error"].startswith("bounced: 5.1.1")
    last = house.said("step.progressed.v1")[-1]
    assert (last["state"], last["done"], last["failed"]) == ("done", 0, 1)
    assert [file.name for file in (house.settings.home / "bounces" / "cur").iterdir()] == ["1.mx:2,S"]


def come_back(house: House, notice: Any) -> None:
    with house.database.transaction() as session:
        assert bounces.came_back(session, bounces.Bounce(notice.id, "email", "5.1.1 unknown"))


def test_the_same_day_is_not_told_in_a_second_digest(house: House) -> None:
    notice = sent(house)
    come_back(house, notice)
    book = house.book("L-1")
    assert (book.told_on.isoformat(), book.queued_by, book.queued_on.isoformat()) == (SOON, notice.id, AFTER)
    house.declare(quarantine_id=house.quarantine_id, version=1)
    assert [each.id for each in house.notices()] == [notice.id]


def test_what_came_back_needs_no_correction_when_all_is_undone(house: House) -> None:
    notice = sent(house)
    come_back(house, notice)
    house.declare(move("A-1", "L-1", AFTER, SOON, 3), quarantine_id=house.quarantine_id, version=2, state="cancelled")
    assert [(each.id, each.state) for each in house.notices()] == [(notice.id, "withdrawn")]
    queue = house.call("GET", f"/notices/unreachable?quarantine_id={house.quarantine_id}", LIBRARIAN)
    assert queue.json["items"] == []


def test_what_came_back_and_was_told_by_telephone_is_corrected(house: House) -> None:
    notice = sent(house)
    come_back(house, notice)
    body = {"way": "call", "result": "reached"}
    assert house.call("POST", f"/notices/{notice.id}/outcome", LIBRARIAN, json=body).status_code == 200
    assert house.book("L-1").told_on.isoformat() == AFTER
    house.declare(move("A-1", "L-1", AFTER, SOON, 3), quarantine_id=house.quarantine_id, version=2, state="cancelled")
    told, correction = house.notices()
    assert (told.state, correction.state, correction.content["data"]["case"]) == ("sent", "failed", "put_back")


def test_what_came_back_and_is_sent_again_counts_as_told(house: House) -> None:
    notice = sent(house)
    come_back(house, notice)
    assert house.call("POST", f"/notices/{notice.id}/retry", LIBRARIAN).status_code == 200
    house.deliver()
    book = house.book("L-1")
    assert (book.told_on.isoformat(), book.told_by, book.queued_by) == (AFTER, notice.id, None)
    assert house.notice().state == "sent"


def test_a_later_notice_that_comes_back_leaves_the_one_before_told(house: House) -> None:
    first = sent(house)
    house.declare(move("A-1", "L-1", AFTER, LATER, 3), quarantine_id=house.quarantine_id, version=2, state="changed")
    house.deliver()
    second = house.notice(version=2)
    come_back(house, second)
    book = house.book("L-1")
    assert (book.told_on.isoformat(), book.told_by) == (AFTER, first.id)
    house.declare(move("A-1", "L-1", LATER, SOON, 4), quarantine_id=house.quarantine_id, version=3, state="cancelled")
    assert house.notice(version=3).content["data"]["case"] == "put_back"


def test_the_day_of_a_card_that_came_back_is_untold_too(house: House) -> None:
    house.hear(make.reader("A-1", email="gone@example.org"))
    quarantine, run = str(uuid.uuid4()), str(uuid.uuid4())
    house.hear(make.quiz_moved(quarantine, run, "A-1", str(uuid.uuid4()), SOON, AFTER))
    house.declare(quarantine_id=quarantine)
    house.deliver()
    come_back(house, house.notice())
    with house.database.reading() as session:
        [line] = session.scalars(select(DateLine))
    assert (line.told_on.isoformat(), line.day.isoformat(), line.queued_by) == (SOON, AFTER, house.notice().id)
    house.declare(quarantine_id=quarantine, version=2, state="changed")
    old, new = house.notices()
    assert (old.state, new.state) == ("replaced", "failed")


def test_a_bounce_told_twice_is_one(house: House) -> None:
    notice = sent(house)
    body = {"reason": "5.1.1 unknown"}
    for _ in range(2):
        assert house.call("POST", f"/notices/{notice.id}/bounce", SERVICE, json=body).json["state"] == "failed"
    assert len(house.said("notice.failed.v1")) == 1


def test_the_next_channel_takes_over(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels_of, "BUILT", ("email", "sms"))
    monkeypatch.setitem(channels.ADAPTERS, "sms", lambda settings: channels.ADAPTERS["email"](settings))
    notice = sent(house, phone="+77051112233")
    with house.database.transaction() as session:
        bounces.came_back(session, bounces.Bounce(notice.id, "email", "5.1.1 unknown"))
    assert (house.notice().state, house.notice().told_at) == ("queued", None)
    assert [each.state for each in house.deliveries(notice.id)] == ["bounced", "queued"]


def test_who_opened_it_in_the_inbox_knows_all_the_same(house: House) -> None:
    notice = sent(house)
    house.call("GET", f"/notices/{notice.id}", Principal("reader:1", "reader", card_number="A-1"))
    put_in_box(house, "1", report(notice))
    bounces.read_returned(house.context)
    assert (house.notice().state, house.notice().told_at is not None) == ("sent", True)


def test_a_complaint_arrived_all_right_but_no_more_is_sent(house: House) -> None:
    notice = sent(house)
    put_in_box(house, "1", report(notice, COMPLAINT))
    bounces.read_returned(house.context)
    assert (house.notice().state, suppressed(house)) == ("sent", ["gone@example.org"])


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\xff\xfe\x00 not mail at all",
        b"Subject: On holiday\n\nI am away.",
        b"Content-Type: multipart/report; boundary=B\n\n--B\nContent-Type: message/delivery-status\n\nbroken",
    ],
)
def test_other_mail_in_the_box_is_put_aside(house: House, mail: bytes) -> None:
    notice = sent(house)
    put_in_box(house, "0", mail)
    put_in_box(house, "1", report(notice))
    bounces.read_returned(house.context)
    assert house.notice().state == "failed"
    assert list((house.settings.home / "bounces" / "new").iterdir()) == []


@pytest.mark.parametrize(("status", "action"), [("4.2.2", "delayed"), ("2.0.0", "delivered")])
def test_a_delay_is_no_bounce(house: House, status: str, action: str) -> None:
    notice = sent(house)
    put_in_box(house, "1", report(notice, status=status, action=action))
    bounces.read_returned(house.context)
    assert (house.notice().state, suppressed(house)) == ("sent", [])


def test_a_bounce_of_what_was_never_sent_is_refused(smtp_house: Callable[..., House], mail_server: MailServer) -> None:
    house = smtp_house()
    house.hear(make.reader("A-1"))
    house.declare(move("A-1", "L-1"))
    answer = house.call("POST", f"/notices/{house.notice().id}/bounce", SERVICE, json={"reason": "5.1.1"})
    assert answer.status_code == 409
