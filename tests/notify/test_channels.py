"""Channels beside mail: the next one when one fails for good, quiet hours, and nobody left without."""

from collections.abc import Callable
from typing import Any

import pytest

from services.notify import channels, channels_of
from services.notify.channels import Parcel
from services.notify.models import Suppression
from services.notify.results import Failed, Result, Sent
from tests.notify.house import House, told
from tests.support.mail import MailServer


class Pigeons:
    """A second channel, as real as the others: it keeps what it is given."""

    def __init__(self) -> None:
        self.carried: list[Parcel] = []
        self.answer: Result = Sent()

    def ready(self) -> bool:
        return True

    def send(self, parcel: Parcel) -> Result:
        self.carried.append(parcel)
        return self.answer

    def close(self) -> None:
        pass


@pytest.fixture
def pigeons(monkeypatch: pytest.MonkeyPatch) -> Pigeons:
    loft = Pigeons()
    monkeypatch.setitem(channels.ADAPTERS, "sms", lambda _settings: loft)
    monkeypatch.setattr(channels_of, "BUILT", ("email", "sms"))
    return loft


def test_the_next_channel_is_tried_when_one_fails_for_good(
    smtp_house: Callable[..., House], mail_server: MailServer, pigeons: Pigeons
) -> None:
    house = smtp_house()
    mail_server.refuse("gone@example.org", "550 5.1.1 No such mailbox")
    notice = told(house, email="gone@example.org", phone="+77051234567")
    house.deliver()
    house.deliver()
    assert [parcel.address for parcel in pigeons.carried] == ["+77051234567"]
    assert [each.state for each in house.deliveries(notice.id)] == ["failed", "sent"]
    assert (house.notice().state, house.said("notice.sent.v1")[0]["channel"]) == ("sent", "sms")


def test_the_chain_stops_at_success(house: House, pigeons: Pigeons) -> None:
    notice = told(house, phone="+77051234567")
    house.deliver()
    assert [each.state for each in house.deliveries(notice.id)] == ["sent", "dropped"]
    assert pigeons.carried == []


def test_all_channels_failed_is_work_for_people(house: House, pigeons: Pigeons) -> None:
    told(house, email=None, phone="+77051234567")
    pigeons.answer = Failed("no such number", dead_address=True)
    house.deliver()
    assert house.notice().state == "failed"
    with house.database.reading() as session:
        assert session.get(Suppression, ("sms", "+77051234567")) is not None
    assert house.said("step.progressed.v1")[-1]["failed"] == 1


def test_quiet_hours_delay_the_others_but_not_mail(footing: Any, pigeons: Pigeons) -> None:
    house = House(footing.environment, KITAPHANA_QUIET_HOURS="00:00-23:59")
    told(house, email=None, phone="+77051234567")
    told(house, "B-1", "L-B", phone=None)
    house.deliver()
    assert (house.notice(card_number="A-1").state, house.notice(card_number="B-1").state) == ("queued", "sent")
    house.later(days=1)
    assert pigeons.carried == []
    house.close()
