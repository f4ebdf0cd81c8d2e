"""Outbox, relay, broker, consumer, inbox: the same promises on both footings."""

import threading
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import insert, select, text, update

from shared import clock, inbox, kept, leases, observability, outbox
from shared.events import encode
from shared.relay import LEASE
from shared.tables import inbox as inbox_table
from shared.tables import outbox as outbox_table
from tests.support.eventually import eventually
from tests.support.sample import NAME, Sample, SetClock, erased, unheard
from tests.support.sample_service.models import notes


def value(counter, *labels):
    return counter.labels(*labels)._value.get()


def body_of(card, event_id="7b0f5f7e-3c1f-4a5e-9a6e-1f2f3f4f5f6f"):
    data = orjson.dumps({"reader_id": card, "version": 1, "card_number": card})
    return encode("tests", event_id, "reader.erased.v1", card, clock.now(), data, None, None, None)


def add_note(session, note_id):
    session.execute(insert(notes).values(id=note_id, version=1))


def test_state_and_event_are_saved_together(sample: Sample):
    with sample.context.database.transaction() as session:
        add_note(session, "n1")
        erased(session, "n1")
    assert (sample.count(notes), sample.unsent()) == (1, 1)


def test_a_rollback_loses_both(sample: Sample):
    with pytest.raises(ZeroDivisionError), sample.context.database.transaction() as session:
        add_note(session, "n1")
        erased(session, "n1")
        raise ZeroDivisionError
    assert (sample.count(notes), sample.unsent()) == (0, 0)


def test_an_event_that_breaks_its_contract_is_never_written(sample: Sample):
    with pytest.raises(ValueError, match="card_number"), sample.context.database.transaction() as session:
        outbox.add(session, "reader.erased.v1", "r", {"reader_id": "r", "version": 1})
    assert sample.unsent() == 0


def test_everything_arrives_once_and_in_order(sample: Sample):
    cards = [f"card {number}" for number in range(1000)]
    sample.tell(*cards)
    with sample.running(sample.relay(), sample.consumer()):
        assert sample.eventually_heard(1000) == cards
    assert (sample.unsent(), sample.taken(), sample.kept()) == (0, 1000, [])


def test_a_row_that_commits_late_with_a_lower_id_is_sent(sample: Sample):
    sample.tell("early", "late")
    first, second = (row.id for row in sample.read(outbox_table))
    with sample.context.database.transaction() as session:
        held = update(outbox_table).where(outbox_table.c.id == first)
        session.execute(held.values(sent_at=clock.now()))
    relay = sample.relay()
    assert relay.drain() == 1
    with sample.context.database.transaction() as session:
        session.execute(update(outbox_table).where(outbox_table.c.id == first).values(sent_at=None))
    assert relay.drain() == 1
    assert sample.unsent() == 0
    assert first < second


def test_of_two_relays_one_works_and_a_killed_one_is_replaced(sample: Sample, set_clock: SetClock):
    with sample.context.database.transaction() as session:
        assert leases.hold(session, LEASE, "the one that was killed")
    sample.tell("card 1")
    with sample.running(sample.relay(), sample.relay(), sample.consumer()):
        woken = threading.Event()
        assert not woken.wait(0.3)
        assert sample.unsent() == 1
        set_clock.forward(5.5)
        sample.eventually_heard(1)
    assert sample.heard() == ["card 1"]


def test_a_relay_that_lost_its_lease_marks_nothing(sample: Sample, set_clock: SetClock):
    sample.tell("card 1")
    relay = sample.relay()
    with sample.context.database.transaction() as session:
        leases.hold(session, LEASE, "another")
    with pytest.raises(Exception, match=NAME):
        relay.drain()
    assert sample.unsent() == 1


def test_a_lease_taken_before_the_clock_was_set_back_blocks_nobody(sample: Sample, set_clock: SetClock):
    set_clock.forward(3600)
    with sample.context.database.transaction() as session:
        leases.hold(session, LEASE, "killed before the clock was set back")
    set_clock.forward(-3600)
    with sample.context.database.transaction() as session:
        assert leases.hold(session, LEASE, "living")


def test_an_event_nobody_listens_to_is_marked_sent_and_counted(sample: Sample):
    before = value(observability.UNHEARD, NAME, "work.changed.v1")
    with sample.context.database.transaction() as session:
        unheard(session)
    sample.relay().drain()
    assert sample.unsent() == 0
    assert value(observability.UNHEARD, NAME, "work.changed.v1") == before + 1


def test_duplicates_inside_a_batch_and_across_batches_are_one(sample: Sample):
    body = body_of("card 1")
    sample.publish(body, body, body)
    with sample.running(sample.relay(), sample.consumer()):
        sample.eventually_heard(1)
        sample.publish(body, body_of("card 2", "8b0f5f7e-3c1f-4a5e-9a6e-1f2f3f4f5f6f"))
        sample.eventually_heard(2)
    assert sample.heard() == ["card 1", "card 2"]


def test_many_messages_share_a_commit(sample: Sample):
    sample.tell(*[f"card {number}" for number in range(600)])
    sample.relay().drain()
    with sample.running(sample.consumer()):
        sample.eventually_heard(600)
    moments = [row.received_at for row in sample.read(inbox_table)]
    assert len(moments) == 600
    assert len(set(moments)) < 60


def test_only_the_poison_in_a_batch_suffers(sample: Sample):
    cards = [f"card {number}" for number in range(100)]
    sample.tell(*cards[:50], "poison", *cards[50:])
    with sample.running(sample.relay(), sample.consumer()):
        assert sample.eventually_heard(100) == cards
        eventually(lambda: len(sample.kept()) == 1)
    (row,) = sample.kept()
    assert (row.type, row.tries, row.error) == ("reader.erased.v1", 1, "ValueError: this one fails")
    assert row.next_try_at > row.kept_at
    assert sample.taken() == 101


def test_not_yet_is_kept_tried_with_back_off_and_succeeds(sample: Sample, set_clock: SetClock):
    sample.tell("after n1")
    with sample.running(sample.relay(), sample.consumer()):
        eventually(lambda: len(sample.kept()) == 1)
    database, handlers = sample.context.database, sample.system.contexts[NAME].service.handlers
    waits = []
    for tries in (2, 3, 4):
        assert kept.try_due(database, handlers) is False
        assert sample.kept()[0].tries == tries - 1, "not before its time"
        set_clock.forward((sample.kept()[0].next_try_at - clock.now()).total_seconds() + 0.01)
        kept.try_due(database, handlers)
        waits.append((sample.kept()[0].next_try_at - clock.now()).total_seconds())
    assert waits == sorted(waits)
    with database.transaction() as session:
        add_note(session, "n1")
    set_clock.forward(waits[-1] + 1)
    kept.try_due(database, handlers)
    assert (sample.heard(), sample.kept()) == (["after n1"], [])


def test_what_never_works_is_parked_with_reason_origin_and_body(sample: Sample):
    (event_id,) = sample.tell("never")
    with sample.running(sample.relay(), sample.consumer()):
        eventually(lambda: sample.kept())
    with sample.context.database.reading() as session:
        (row,) = kept.parked(session)
        shown = kept.show(session, row["id"])
    assert row["reason"] == "a card of that kind is not taken"
    assert (row["origin"], row["event_id"], row["next_try_at"]) == ("queue", event_id, None)
    assert orjson.loads(shown["body"])["data"]["card_number"] == "never"


def test_out_of_tries_is_parked_and_then_retried_or_discarded(sample: Sample, set_clock: SetClock):
    sample.tell("poison", "after n1")
    with sample.running(sample.relay(), sample.consumer()):
        eventually(lambda: len(sample.kept()) == 2)
    database, handlers = sample.context.database, sample.context.service.handlers
    for _ in range(8):
        set_clock.forward(3600)
        kept.try_due(database, handlers)
    with database.reading() as session:
        rows = kept.parked(session)
        assert kept.count_parked(session) == 2
    assert [row["reason"].split(":")[0] for row in rows] == ["failed 8 times", "failed 8 times"]
    assert sample.heard() == []
    with database.transaction() as session:
        add_note(session, "n1")
        assert kept.discard(session, rows[0]["id"])
        assert not kept.discard(session, rows[0]["id"])
        assert kept.retry(session, rows[1]["id"])
        assert not kept.retry(session, rows[1]["id"])
    kept.try_due(database, handlers)
    assert (sample.heard(), sample.kept()) == (["after n1"], [])


def test_a_body_that_cannot_be_read_is_parked_once(sample: Sample):
    with sample.running(sample.consumer()):
        sample.publish(b"no event \xff", b"no event \xff", b'{"specversion": "1.0"}', body_of("card 1"))
        sample.eventually_heard(1)
        eventually(lambda: len(sample.kept()) == 2)
    assert [row.reason for row in sample.kept()][1] == "the envelope has no field 'id'"
    assert sample.kept()[0].reason.startswith("not a CloudEvent")
    assert bytes(sample.kept()[0].body) == b"no event \xff"


def test_an_event_that_breaks_its_contract_is_parked_by_name_of_the_field(sample: Sample):
    event_id = "9b0f5f7e-3c1f-4a5e-9a6e-1f2f3f4f5f6f"
    broken = encode("tests", event_id, "reader.erased.v1", "r", clock.now(), b'{"version":"x"}', None, None, None)
    with sample.running(sample.consumer()):
        sample.publish(broken)
        eventually(lambda: sample.kept())
    (row,) = sample.kept()
    assert row.parked_at is not None
    assert "breaks its contract" in row.reason
    assert "card_number" in row.reason


def test_a_kept_event_whose_try_never_ends_comes_to_its_end_too(sample: Sample, set_clock: SetClock):
    sample.tell("poison")
    with sample.running(sample.relay(), sample.consumer()):
        eventually(lambda: sample.kept())
    for _ in range(8):
        set_clock.forward(7200)
        kept._claim(sample.context.database)  # what a worker does before it is killed
    (row,) = sample.kept()
    assert row.parked_at is not None
    assert "its worker was killed" in row.reason


def test_replay_sends_again_and_consumers_drop_what_they_saw(sample: Sample):
    sample.tell("card 1", "card 2", "card 3")
    with sample.running(sample.relay(), sample.consumer()):
        sample.eventually_heard(3)
        eventually(lambda: sample.unsent() == 0)
        position = sample.read(outbox_table)[0].id
        with sample.context.database.transaction() as session:
            assert outbox.replay(session, after=position) == 2
        eventually(lambda: sample.unsent() == 0)
        sample.tell("card 4")
        sample.eventually_heard(4)
    assert sample.heard() == ["card 1", "card 2", "card 3", "card 4"]


def test_retention_forgets_what_is_old_and_sent(sample: Sample, set_clock: SetClock):
    sample.tell("card 1")
    with sample.running(sample.relay(), sample.consumer()):
        sample.eventually_heard(1)
        eventually(lambda: sample.unsent() == 0)
    set_clock.forward(timedelta(days=31).total_seconds())
    sample.tell("never sent")
    set_clock.forward(timedelta(days=31).total_seconds())
    with sample.context.database.transaction() as session:
        assert outbox.forget(session, 30) == 1
        assert inbox.forget(session, 60) == 1
        assert outbox.forget(session, 30) == 0
        add_note(session, "n1")
    assert (sample.count(outbox_table), sample.unsent(), sample.count(inbox_table)) == (1, 1, 0)


def test_numbers_of_events_are_never_used_twice(sample: Sample):
    sample.tell("card 1", "card 2")
    last = sample.read(outbox_table)[-1].id
    with sample.context.database.transaction() as session:
        session.execute(text("DELETE FROM outbox"))
    sample.tell("card 3")
    assert sample.read(outbox_table)[0].id > last


def test_the_backlog_is_measured(sample: Sample, set_clock: SetClock):
    sample.tell("card 1", "card 2")
    set_clock.forward(60)
    with sample.context.database.reading() as session:
        waiting, oldest = outbox.backlog(session)
    assert waiting == 2
    assert 59 < oldest < 90


def test_one_trail_leads_from_the_request_to_the_handler(sample: Sample):
    with observability.following("request-17"):
        sample.tell("card 1")
    with sample.running(sample.relay(), sample.consumer()):
        sample.eventually_heard(1)
    with sample.context.database.reading() as session:
        assert session.execute(text("SELECT correlation_id FROM heard")).scalar_one() == "request-17"
        assert session.scalar(select(outbox_table.c.correlation_id)) == "request-17"
