"""The API of notices: who sees what, what a call changes, what can be tried again."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.notify.links import token_of
from services.notify.models import Book, Notice
from shared import clock
from shared.auth import Principal
from shared.settings import secret_of
from tests.notify import builders as make
from tests.notify.house import AFTER, LIBRARIAN, House, listed, move
from tests.support.mail import MailServer

JURY = Principal("staff:3", "staff", roles={"jury": "all"})
SERVICE = Principal("service:gateway", "service")


def reader(card: str) -> Principal:
    return Principal(f"reader:{card}", "reader", card_number=card)


@pytest.fixture
def family(house: House) -> House:
    """A mother with mail and her child; a neighbour with no contact at all."""
    house.hear(make.reader("M-1"), make.child("M-1", card="C-1", given_name="Айша"), make.reader("N-1", email=None))
    house.quarantine_id = house.declare(move("M-1", "L-M"), move("C-1", "L-C"), move("N-1", "L-N"))
    return house


def test_staff_see_all_and_readers_their_own(family: House) -> None:
    staff = family.call("GET", "/notices", LIBRARIAN).json
    assert {item["card_number"] for item in staff["items"]} == {"M-1", "N-1"}
    mother = family.call("GET", "/notices", reader("M-1")).json["items"]
    assert [(item["card_number"], item["about"]) for item in mother] == [("M-1", ["C-1", "M-1"])]
    assert family.call("GET", "/notices", reader("C-1")).json["items"] == []
    about_child = family.call("GET", "/notices?card_number=C-1", LIBRARIAN).json["items"]
    assert [item["id"] for item in about_child] == [mother[0]["id"]]


def test_a_child_of_a_guardian_without_a_card_reads_for_the_family(house: House) -> None:
    guardian = {"name": "Сәуле Омарова", "phone": "+77051112233", "email": None, "language": "ru"}
    house.hear(make.child("", card="C-2", household="contact:abc", guardian=guardian))
    house.declare(move("C-2", "L-2"))
    (seen,) = house.call("GET", "/notices", reader("C-2")).json["items"]
    assert (seen["card_number"], seen["recipient"], seen["language"]) == (None, "Сәуле Омарова", "ru")


def test_who_may(family: House) -> None:
    notice = family.notice(card_number="M-1")
    statuses = {
        "nobody": family.call("GET", "/notices").status_code,
        "jury": family.call("GET", "/notices", JURY).status_code,
        "another": family.call("GET", f"/notices/{notice.id}", reader("N-1")).status_code,
        "no such": family.call("GET", f"/notices/{uuid.uuid4()}", LIBRARIAN).status_code,
        "reader tries again": family.call("POST", f"/notices/{notice.id}/retry", reader("M-1")).status_code,
        "reader's work list": family.call("GET", "/notices/unreachable", reader("M-1")).status_code,
        "staff open a link": family.call("GET", "/notices/links/abc", LIBRARIAN).status_code,
    }
    assert list(statuses.values()) == [401, 403, 404, 404, 403, 403, 403]


def test_pages_and_filters(house: House) -> None:
    cards = [f"A-{number:02}" for number in range(7)]
    house.hear(*(make.reader(card, email=None if card == "A-03" else f"{card}@example.org") for card in cards))
    quarantine_id = house.declare(*(move(card, f"L-{card}") for card in cards))
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        path = f"/notices?quarantine_id={quarantine_id}&limit=3" + (f"&cursor={cursor}" if cursor else "")
        answer = house.call("GET", path, LIBRARIAN).json
        seen += [item["card_number"] for item in answer["items"]]
        cursor = answer["next"]
    assert sorted(seen) == cards
    failed = house.call("GET", "/notices?state=failed", LIBRARIAN).json["items"]
    assert [item["card_number"] for item in failed] == ["A-03"]
    assert house.call("GET", f"/notices?quarantine_id={uuid.uuid4()}", LIBRARIAN).json["items"] == []
    assert house.call("GET", "/notices?state=lost", LIBRARIAN).status_code == 422
    assert house.call("GET", "/notices?cursor=WzEsMl0", LIBRARIAN).status_code == 422


def test_the_inbox_shows_it_before_any_mail_goes(family: House) -> None:
    notice = family.notice(card_number="N-1")
    shown = family.call("GET", f"/notices/{notice.id}", LIBRARIAN).json
    assert AFTER[:4] in shown["body"]
    assert [(each["channel"], each["state"]) for each in shown["deliveries"]] == [("inbox", "sent")]
    assert family.notice(id=notice.id).opened_at is None


def test_opened_in_the_inbox_is_told(family: House) -> None:
    notice = family.notice(card_number="N-1")
    assert notice.state == "failed"
    family.call("GET", f"/notices/{notice.id}", reader("N-1"))
    after = family.notice(id=notice.id)
    assert (after.state, after.told_at == after.opened_at) == ("sent", True)
    assert family.book("L-N").told_on.isoformat() == AFTER
    assert family.said("notice.sent.v1")[-1]["channel"] == "inbox"


def test_opened_in_the_inbox_does_not_stop_the_mail(family: House) -> None:
    notice = family.notice(card_number="M-1")
    family.call("GET", f"/notices/{notice.id}", reader("M-1"))
    opened = family.notice(id=notice.id)
    assert (opened.state, opened.told_at is not None) == ("queued", True)
    family.deliver()
    assert family.notice(id=notice.id).state == "sent"
    assert len(list(family.mail.iterdir())) == 1


def test_a_call_that_reached_somebody_is_told(family: House) -> None:
    notice = family.notice(card_number="N-1")
    outcome = {"way": "call", "result": "reached", "note": "мама"}
    answer = family.call("POST", f"/notices/{notice.id}/outcome", LIBRARIAN, json=outcome)
    assert (answer.status_code, answer.json["state"]) == (200, "sent")
    assert family.book("L-N").told_on.isoformat() == AFTER
    assert family.said("notice.sent.v1")[-1]["channel"] == "call"
    assert family.said("step.progressed.v1")[-1]["done"] == 1
    again = family.call("POST", f"/notices/{notice.id}/outcome", LIBRARIAN, json=outcome)
    assert again.status_code == 200
    assert len(family.said("notice.sent.v1")) == 1


@pytest.mark.parametrize(
    ("outcome", "field"),
    [
        ({"way": "call", "result": "handed_over"}, "result"),
        ({"way": "owl", "result": "reached"}, "way"),
        ({"way": "letter"}, "result"),
        ({"way": "call", "result": "reached", "at": "2999-01-01T00:00:00+00:00"}, "at"),
    ],
)
def test_an_outcome_that_cannot_be(family: House, outcome: dict[str, str], field: str) -> None:
    notice = family.notice(card_number="N-1")
    answer = family.call("POST", f"/notices/{notice.id}/outcome", LIBRARIAN, json=outcome)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_nothing_comes_of_a_notice_that_was_replaced(family: House) -> None:
    notice = family.notice(card_number="M-1")
    family.hear(make.quarantine(family.quarantine_id, 2, "changed"))
    outcome = {"way": "call", "result": "reached"}
    for path, body in (("outcome", outcome), ("retry", None)):
        assert family.call("POST", f"/notices/{notice.id}/{path}", LIBRARIAN, json=body).status_code == 409


def test_tried_again_at_an_address_added_since(house: House) -> None:
    house.hear(make.reader("N-1", email=None))
    house.declare(move("N-1", "L-N"))
    notice = house.notice()
    nowhere = house.call("POST", f"/notices/{notice.id}/retry", LIBRARIAN)
    assert nowhere.status_code == 409
    house.hear(make.reader("N-1", email="new@example.org", version=2))
    assert house.call("POST", f"/notices/{notice.id}/retry", LIBRARIAN).json["state"] == "queued"
    house.deliver()
    assert house.notice().state == "sent"
    assert house.call("POST", f"/notices/{notice.id}/retry", LIBRARIAN).status_code == 409
    assert house.said("step.progressed.v1")[-1]["state"] == "done"


def test_tried_again_clears_the_address(smtp_house: Callable[..., House], mail_server: MailServer) -> None:
    house = smtp_house()
    mail_server.refuse("full@example.org", "550 5.1.1 No such mailbox")
    house.hear(make.reader("A-1", email="full@example.org"))
    house.declare(move("A-1", "L-1"))
    house.deliver()
    notice = house.notice()
    assert notice.state == "failed"
    mail_server.refuse("full@example.org", "250 OK")
    mail_server._refusals.clear()
    house.call("POST", f"/notices/{notice.id}/retry", LIBRARIAN)
    house.deliver()
    assert house.notice().state == "sent"


def link_of(house: House, notice: Any) -> str:
    return token_of(secret_of(house.settings), notice.id)


def test_a_private_link_opens_the_family_until_it_ends(family: House) -> None:
    family.deliver()
    notice = family.notice(card_number="M-1")
    path = f"/notices/links/{link_of(family, notice)}"
    opened = family.call("GET", path, SERVICE).json
    assert (opened["cards"], opened["quarantine_id"]) == (["C-1", "M-1"], family.quarantine_id)
    family.later(days=30, minutes=1)
    assert family.call("GET", path, SERVICE).status_code == 404


@pytest.mark.parametrize("by", ["token", "staff", "reader"])
def test_a_link_that_is_switched_off_opens_nothing(family: House, by: str) -> None:
    family.deliver()
    notice = family.notice(card_number="M-1")
    path = f"/notices/links/{link_of(family, notice)}"
    if by == "token":
        off = family.call("DELETE", path, SERVICE)
    else:
        off = family.call("DELETE", f"/notices/{notice.id}/link", LIBRARIAN if by == "staff" else reader("M-1"))
    assert off.status_code == 204
    assert family.call("GET", path, SERVICE).status_code == 404
    assert family.call("GET", "/notices/links/guessed", SERVICE).status_code == 404


def test_what_everybody_needs_cannot_be_unsubscribed(family: House) -> None:
    family.deliver()
    path = f"/notices/unsubscribe/{link_of(family, family.notice(card_number='M-1'))}"
    assert family.call("POST", path, data={"List-Unsubscribe": "One-Click"}).status_code == 404
    assert family.call("GET", f"{path}/mailing", SERVICE).json["may_leave"] is False


def test_reconciliation_and_preview_for_the_other_services(family: House) -> None:
    family.deliver()
    path = f"/notices/reconciliation?quarantine_id={family.quarantine_id}&limit=2"
    first = family.call("GET", path, SERVICE).json
    second = family.call("GET", f"{path}&cursor={first['next']}", SERVICE).json
    states = {item["card_number"]: item["loans"][0]["state"] for page in (first, second) for item in page["items"]}
    assert states == {"C-1": "told", "M-1": "told", "N-1": "unreachable"}
    would_be = {"quarantine_id": None, "state": "declared", "starts_on": "2026-02-02", "branches": []}
    asked = {"quarantine": would_be, "decision": "declare", "cards": ["M-1", "C-1", "N-1"]}
    seen = family.call("POST", "/notices/preview", SERVICE, json=asked).json
    assert (seen["notices"], seen["by_channel"], seen["unreachable"]) == (2, {"email": 1}, 1)


def test_a_notice_of_the_past_is_not_tried_again(family: House) -> None:
    notice = family.notice(card_number="N-1")
    family.later(seconds=5)
    family.declare(
        move("N-1", "L-N", was=AFTER, to=None, loan_version=3), quarantine_id=family.quarantine_id, version=2
    )
    assert family.call("POST", f"/notices/{notice.id}/retry", LIBRARIAN).status_code == 409
    with family.database.reading() as session:
        newest = session.scalars(select(Notice.id).where(Notice.version == 2, Notice.card_number == "N-1")).one()
        assert session.get_one(Book, "L-N").queued_by == newest
    assert [row["notice_id"] for row in listed(family, LIBRARIAN)] == [newest]
    assert clock.now() - notice.created_at > timedelta(seconds=4)
