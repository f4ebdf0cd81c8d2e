"""Send rates, quiet hours and what to do with a result: pure rules."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.pace import Pace, quiet_until
from services.notify.results import MOST_TRIES, Failed, Next, Retry, Sent, decide

NOON = datetime(2026, 2, 16, 12, 0, tzinfo=UTC)


def at(hour: int, minute: int = 0, day: int = 16) -> datetime:
    return datetime(2026, 2, day, hour, minute, tzinfo=UTC)


@given(st.floats(0.2, 50), st.lists(st.floats(0, 3), min_size=1, max_size=40))
def test_never_more_than_the_rate_in_any_time(rate: float, pauses: list[float]) -> None:
    pace, now, sent = Pace(rate, 0), NOON, 0
    for pause in pauses:
        now += timedelta(seconds=pause)
        for _ in range(pace.room(now, 1000)):
            pace.spend()
            sent += 1
    elapsed = (now - NOON).total_seconds()
    assert sent <= max(rate, 1) + rate * elapsed + 1e-3


def test_no_rate_is_no_limit() -> None:
    pace = Pace(0, 0)
    assert pace.room(NOON, 200) == 200
    assert pace.due("a@example.org", NOON) == NOON


def test_what_a_domain_cannot_take_is_spread_over_the_time_to_come() -> None:
    pace = Pace(0, 2)
    due = [pace.due(f"{n}@Example.org", NOON) for n in range(6)]
    assert due[:2] == [NOON, NOON]
    assert [(each - NOON).total_seconds() for each in due[2:]] == [0.5, 1.0, 1.5, 2.0]
    assert pace.due("a@elsewhere.org", NOON) == NOON


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        ("22:00-08:00", at(23), at(8, day=17)),
        ("22:00-08:00", at(7, 59), at(8)),
        ("22:00-08:00", at(8), at(8)),
        ("22:00-08:00", at(21, 59), at(21, 59)),
        ("13:00-14:00", at(13, 30), at(14)),
        ("13:00-14:00", at(12), at(12)),
        ("", at(3), at(3)),
    ],
)
def test_quiet_hours(hours: str, now: datetime, until: datetime) -> None:
    assert quiet_until("sms", now, hours, lane=1) == until


def test_mail_is_quiet_by_itself_and_an_emergency_may_be_let_through() -> None:
    assert quiet_until("email", at(23), "22:00-08:00", lane=1) == at(23)
    assert quiet_until("sms", at(23), "22:00-08:00", lane=0) > at(23)
    assert quiet_until("sms", at(23), "22:00-08:00", lane=0, emergency_may=True) == at(23)
    assert quiet_until("sms", at(23), "22:00-08:00", lane=1, emergency_may=True) > at(23)


def test_sent_and_failed_are_final() -> None:
    assert decide(Sent(), 0, NOON) == Next("sent", 1)
    assert decide(Failed("550 no"), 2, NOON) == Next("failed", 3, "550 no")


def test_each_try_waits_longer() -> None:
    waits = [decide(Retry("451"), tries, NOON, chance=0.5) for tries in range(MOST_TRIES)]
    seconds = [(each.due - NOON).total_seconds() for each in waits[:-1] if each.due]
    assert seconds == [30 * 2**tries for tries in range(MOST_TRIES - 1)]
    assert (waits[-1].state, waits[-1].error) == ("failed", f"451 ({MOST_TRIES} tries)")


def test_the_server_says_how_long_to_wait() -> None:
    assert decide(Retry("429", after=timedelta(minutes=7)), 0, NOON).due == NOON + timedelta(minutes=7)


def test_a_server_not_reached_uses_up_no_try() -> None:
    then = decide(Retry("away", counts=False), MOST_TRIES - 1, NOON)
    assert (then.state, then.tries) == ("queued", MOST_TRIES - 1)
