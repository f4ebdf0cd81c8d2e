"""Delivery: every notice once, whoever refuses, hangs up or dies."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

from sqlalchemy import update

from services.notify import claims, outcomes
from services.notify.delivery import Deliverer
from services.notify.models import Notice
from services.notify.results import Failed
from shared import clock
from tests.notify import builders as make
from tests.notify.house import AFTER, LATER, House, move, told
from tests.support import library_time
from tests.support.mail import DROP, MailServer


def test_a_notice_becomes_a_file_of_mail_and_its_book_is_told(house: House) -> None:
    notice = told(house, language="ru", email="saule@example.org")
    assert (notice.state, house.book("L-1").told_on) != ("sent", AFTER)
    house.deliver()
    (file,) = house.mail.iterdir()
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    sent = house.notice()
    assert (mail["To"], mail["Message-ID"]) == ("saule@example.org", f"<{notice.id}.email@example.org>")
    assert (sent.state, sent.subject) == ("sent", mail["Subject"])
    assert sent.told_at is not None
    book = house.book("L-1")
    assert (book.told_on.isoformat(), book.told_by, book.queued_by) == (AFTER, notice.id, None)
    assert house.delivery(notice.id).state == "sent"


def test_the_private_link_is_in_the_mail_and_nowhere_else(house: House) -> None:
    notice = told(house)
    house.deliver()
    (file,) = house.mail.iterdir()
    body = message_from_bytes(file.read_bytes(), policy=policy.default).get_content()
    token = body.partition("/l/")[2].split()[0]
    assert len(token) == 11
    kept = house.notice().body
    assert token not in kept
    assert kept.replace("/l/…", f"/l/{token}").strip().splitlines() == body.strip().splitlines()
    assert notice.body is None


def test_what_was_sent_is_said_and_the_step_ends(house: House) -> None:
    notice = told(house)
    house.deliver()
    assert [said["notice_id"] for said in house.said("notice.sent.v1")] == [notice.id]
    last = house.said("step.progressed.v1")[-1]
    assert {name: last[name] for name in ("step", "state", "done", "total", "failed")} == {
        "step": "notices",
        "state": "done",
        "done": 1,
        "total": 1,
        "failed": 0,
    }


def test_a_correction_says_which_day_came_nearer(house: House) -> None:
    house.hear(make.reader("A-1"))
    quarantine_id = house.declare(move("A-1", "L-1", to=LATER))
    house.deliver()
    house.declare(move("A-1", "L-1", was=LATER, to=AFTER, loan_version=3), quarantine_id=quarantine_id, version=2)
    house.deliver()
    first, second = house.said("notice.sent.v1")
    assert first["nearer"] == []
    assert second["nearer"] == [{"loan_id": "L-1", "sent_on": library_time.today().isoformat()}]


def test_one_connection_serves_many(smtp_house: Callable[..., House], mail_server: MailServer) -> None:
    house = smtp_house()
    cards = [f"A-{number}" for number in range(30)]
    house.hear(*(make.reader(card) for card in cards))
    house.declare(*(move(card, f"L-{card}") for card in cards))
    house.deliver()
    mails = mail_server.wait_for(30)
    assert {mail.connection for mail in mails} == {0}
    assert len({mail.recipients for mail in mails}) == 30
    assert {notice.state for notice in house.notices()} == {"sent"}


def test_for_now_refused_is_tried_again_later(smtp_house: Callable[..., House], mail_server: MailServer) -> None:
    house = smtp_house()
    notice = told(house)
    mail_server.answer("451 4.7.1 Greylisted", times=2)
    house.deliver()
    waiting = house.delivery(notice.id)
    assert (waiting.state, waiting.tries, waiting.last_error) == ("queued", 1, "451 4.7.1 Greylisted")
    house.deliver()
    assert house.delivery(notice.id).tries == 1
    house.later(minutes=1)
    house.deliver()
    assert house.delivery(notice.id).tries == 2
    house.later(minutes=2)
    house.deliver()
    assert (house.delivery(notice.id).state, len(mail_server.mails)) == ("sent", 1)
    assert house.notice().state == "sent"


def test_refused_for_ever_is_given_up_in_the_end(smtp_house: Callable[..., House], mail_server: MailServer) -> None:
    house = smtp_house()
    notice = told(house)
    mail_server.answer("451 4.3.0 Later", times=50)
    for _ in range(12):
        house.deliver()
        house.later(hours=6)
    assert (house.notice().state, house.delivery(notice.id).tries) == ("failed", 10)
    assert house.said("notice.failed.v1")[0]["error"] == "451 4.3.0 Later (10 tries)"


def test_a_dead_address_is_never_written_to_again(smtp_house: Callable[..., House], mail_server: MailServer) -> None:
    house = smtp_house()
    mail_server.refuse("gone@example.org", "550 5.1.1 No such mailbox")
    notice = told(house, email="gone@example.org")
    house.deliver()
    assert (house.notice().state, house.delivery(notice.id).state) == ("failed", "failed")
    assert house.notice().told_at is None
    house.declare(move("A-1", "L-2"))
    house.deliver()
    assert [each.state for each in house.notices()] == ["failed", "failed"]
    tried = [command for each in mail_server.conversations for command, _ in each.exchanges if "gone" in command]
    assert tried == ["RCPT gone@example.org"]


def test_a_refused_message_does_not_condemn_the_address(
    smtp_house: Callable[..., House], mail_server: MailServer
) -> None:
    house = smtp_house()
    told(house)
    mail_server.answer("554 5.7.1 Looks like spam")
    house.deliver()
    house.declare(move("A-1", "L-2"))
    house.deliver()
    assert sorted(each.state for each in house.notices()) == ["failed", "sent"]


def test_a_connection_lost_half_way_is_made_anew(smtp_house: Callable[..., House], mail_server: MailServer) -> None:
    house = smtp_house()
    told(house)
    house.hear(make.reader("B-1"))
    house.declare(move("B-1", "L-B"))
    mail_server.answer(DROP)
    house.deliver()
    assert len(mail_server.wait_for(1)) == 1
    house.later(minutes=1)
    house.deliver()
    first, second = mail_server.wait_for(2)
    assert first.message["Message-ID"] != second.message["Message-ID"]
    assert {each.state for each in house.notices()} == {"sent"}


def test_a_server_that_is_away_costs_no_tries_and_claims_no_more(footing: Any, mail_server: MailServer) -> None:
    from deploy.nodes import free_port

    house = House(footing.environment, KITAPHANA_SMTP_URL=f"smtp://127.0.0.1:{free_port()}")
    notice = told(house)
    house.deliver()
    assert (house.delivery(notice.id).state, house.delivery(notice.id).tries) == ("queued", 0)
    house.hear(make.reader("B-1"))
    house.declare(move("B-1", "L-B"))
    house.deliver()
    assert house.notice(card_number="B-1").claimed_at is None
    house.close()


def test_a_worker_killed_after_sending_sends_the_same_message_again(
    smtp_house: Callable[..., House], mail_server: MailServer
) -> None:
    house = smtp_house()
    notice = told(house)
    with house.database.transaction() as session:
        batch = claims.claim(session, {}, 10)
    dying = Deliverer(house.database)
    dying._send_all(batch.claimed)
    house.deliver()
    assert len(mail_server.mails) == 1
    house.later(seconds=61)
    house.deliver()
    first, second = mail_server.wait_for(2)
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.message.as_bytes() == second.message.as_bytes()
    assert (house.notice().state, house.delivery(notice.id).state) == ("sent", "sent")
    dying.close()


def test_a_second_sending_is_the_same_file(house: House) -> None:
    told(house)
    with house.database.transaction() as session:
        batch = claims.claim(session, {}, 10)
    Deliverer(house.database)._send_all(batch.claimed)
    before = {file.name: file.read_bytes() for file in house.mail.iterdir()}
    house.later(seconds=61)
    house.deliver()
    assert {file.name: file.read_bytes() for file in house.mail.iterdir()} == before


def test_a_late_worker_does_not_undo_what_another_has_recorded(house: House) -> None:
    told(house)
    with house.database.transaction() as session:
        slow = claims.claim(session, {}, 10).claimed
    house.later(seconds=61)
    house.deliver()
    failed = [replace(each, result=Failed("too late to matter")) for each in slow]
    with house.database.transaction() as session:
        outcomes.record(session, failed)
    assert house.notice().state == "sent"


def test_two_workers_never_hold_the_same_delivery(house: House) -> None:
    cards = [f"A-{number}" for number in range(40)]
    house.hear(*(make.reader(card) for card in cards))
    house.declare(*(move(card, f"L-{card}") for card in cards))
    held = []
    if house.database.sqlite:
        for _ in range(2):
            with house.database.transaction() as session:
                held.append(claims.claim(session, {}, 25))
    else:
        with house.database.transaction() as one, house.database.transaction() as other:
            held = [claims.claim(one, {}, 25), claims.claim(other, {}, 25)]
    first, second = ({each.delivery_id for each in batch.claimed} for batch in held)
    assert (len(first), len(second), first & second) == (25, 15, set())


def test_a_newer_decision_replaces_only_what_nobody_has_claimed(house: House) -> None:
    house.hear(make.reader("A-1"), make.reader("B-1"))
    quarantine_id = house.declare(move("A-1", "L-A"), move("B-1", "L-B"))
    with house.database.transaction() as session:
        (claimed,) = claims.claim(session, {}, 1).claimed
    house.hear(make.quarantine(quarantine_id, 2, "changed"))
    states = {notice.id: notice.state for notice in house.notices()}
    assert states.pop(claimed.notice_id) == "queued"
    assert list(states.values()) == ["replaced"]
    house.later(seconds=61)
    house.deliver()
    assert sorted(notice.state for notice in house.notices()) == ["replaced", "sent"]
    assert len(list(house.mail.iterdir())) == 1


def test_nothing_is_claimed_that_was_replaced_meanwhile(house: House) -> None:
    told(house)
    with house.database.transaction() as session:
        session.execute(update(Notice).values(state="replaced"))
        assert claims.claim(session, {}, 10).claimed == []


def test_mail_goes_no_faster_than_set(smtp_house: Callable[..., House], mail_server: MailServer) -> None:
    house = smtp_house(KITAPHANA_SEND_RATE="5")
    cards = [f"A-{number}" for number in range(12)]
    house.hear(*(make.reader(card) for card in cards))
    house.declare(*(move(card, f"L-{card}") for card in cards))
    began = clock.now()
    while len(mail_server.mails) < 12:
        house.deliver()
    # Five at once, then five a second.
    assert clock.now() - began >= timedelta(seconds=7 / 5)
    assert len(mail_server.mails) == 12


def test_a_slow_domain_does_not_hold_up_the_others(smtp_house: Callable[..., House], mail_server: MailServer) -> None:
    house = smtp_house(KITAPHANA_DOMAIN_RATE="2")
    cards = [f"A-{number:02}" for number in range(20)]
    house.hear(*(make.reader(card, email=f"{card}@{'slow' if card < 'A-10' else card}.example") for card in cards))
    house.declare(*(move(card, f"L-{card}") for card in cards))
    house.deliver()
    recipients = [mail.recipients[0] for mail in mail_server.mails]
    assert sum(address.endswith("@slow.example") for address in recipients) in (2, 3)
    assert sum(not address.endswith("@slow.example") for address in recipients) == 10
    for _ in range(10):
        house.later(seconds=1.2)
        house.deliver()
    assert {notice.state for notice in house.notices()} == {"sent"}


def test_a_notice_that_cannot_be_worded_does_not_hold_up_the_others(house: House) -> None:
    broken = told(house)
    with house.database.transaction() as session:
        session.execute(update(Notice).values(content={"form": "Riddle", "data": {}}))
    told(house, "B-1", "L-B")
    house.deliver()
    assert house.notice(id=broken.id).state == "failed"
    assert house.notice(card_number="B-1").state == "sent"
