"""Killed workers, a restarted broker, a restarted database: nothing is lost, nothing happens twice."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from deploy.nodes import PostgresNode, RabbitNode
from shared import positions
from shared.broker import Broker, BrokerMismatch
from shared.settings import Settings
from shared.tables import outbox as outbox_table
from tests.support.eventually import eventually
from tests.support.nodes import Databases
from tests.support.sample import Sample


def real(url: str, broker_url: str, home: Path, **more: str) -> Sample:
    variables = {
        "KITAPHANA_FOOTING": "real",
        "KITAPHANA_HOME": str(home),
        "KITAPHANA_DATABASE_URL": url,
        "KITAPHANA_BROKER_URL": broker_url,
    }
    made = Sample.create(variables, **more)
    made.broker.declare()
    return made


@pytest.fixture
def sample(postgres_url: str, broker_url: str, tmp_path: Path) -> Iterator[Sample]:
    made = real(postgres_url, broker_url, tmp_path)
    yield made
    made.system.close()


def test_an_event_whose_listener_has_no_queue_stays_unsent(sample: Sample):
    with sample.broker.connection() as connection:
        connection.channel().queue_delete("sample_service")
    sample.tell("card 1")
    relay = sample.relay()
    relay._take_off(relay._fetch(0))  # makes its connection, which declares what is missing
    relay._drop_publisher()
    with sample.broker.connection() as connection:
        assert connection.channel().queue_declare("sample_service", passive=True).message_count == 1


def test_an_event_that_comes_back_though_somebody_listens_stays_unsent_and_is_counted(sample: Sample):
    from shared import observability

    relay = sample.relay()
    assert relay.drain() == 0
    sample.tell("card 1")
    relay.drain()
    with sample.broker.connection() as connection:
        connection.channel().queue_delete("sample_service")
    before = observability.RETURNED.labels("sample_service")._value.get()
    sample.tell("card 2")
    assert relay.drain() == 0
    assert sample.unsent() == 1
    assert observability.RETURNED.labels("sample_service")._value.get() == before + 1
    with sample.running(sample.relay(), sample.consumer()):
        assert sample.eventually_heard(1) == ["card 2"]


def test_a_queue_declared_otherwise_is_refused_in_one_line(sample: Sample):
    other = Settings(**{**vars(sample.settings), "delivery_limit": 7})
    with pytest.raises(BrokerMismatch, match="x-delivery-limit"):
        Broker(other, {"sample_service": ["reader.erased.v1"]}).declare()


def test_a_message_that_kills_its_worker_ends_in_the_parked_table(postgres_url: str, broker_url: str, tmp_path: Path):
    sample = real(postgres_url, broker_url, tmp_path, KITAPHANA_DELIVERY_LIMIT="3")
    cards = [f"card {number}" for number in range(60)]
    sample.tell(*cards[:30], "killer", *cards[30:])
    sample.relay().drain()
    for _ in range(8):
        worker = sample.spawn("work", "sample_service")
        eventually(lambda w=worker: w.poll() is not None or sample.kept(), 30)
        if worker.poll() is None:
            break
        assert worker.returncode == 9
    eventually(lambda: len(sample.heard()) == 60, 30, lambda: sample.heard())
    worker.send_signal(signal.SIGTERM)
    worker.wait(20)
    (row,) = sample.kept()
    assert (row.origin, row.parked_at is not None) == ("dead-letter queue", True)
    assert sorted(sample.heard()) == sorted(cards)
    sample.system.close()


def test_workers_killed_again_and_again_lose_nothing(sample: Sample):
    cards = [f"card {number}" for number in range(3000)]
    for begin in range(0, 3000, 1000):
        sample.tell(*cards[begin : begin + 1000])
        worker = sample.spawn("work", "sample_service", KITAPHANA_BATCH_MESSAGES="40")
        eventually(lambda b=begin: len(sample.heard()) > b + 100, 40)
        worker.kill()
        worker.wait(20)
    worker = sample.spawn("work", "sample_service")
    sample.eventually_heard(3000, 60)
    eventually(lambda: sample.unsent() == 0)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert sorted(sample.heard()) == sorted(cards)


@pytest.fixture(scope="module")
def own_rabbit(node_folder: Path) -> Iterator[RabbitNode]:
    with RabbitNode(node_folder / "rabbit") as node:
        yield node


@pytest.fixture(scope="module")
def own_postgres(node_folder: Path) -> Iterator[PostgresNode]:
    with PostgresNode(node_folder / "postgres") as node:
        yield node


@pytest.mark.faults
def test_a_broker_restarted_under_live_loops(own_rabbit: RabbitNode, postgres_url: str, tmp_path: Path):
    sample = real(postgres_url, own_rabbit.url, tmp_path)
    with sample.running(sample.relay(), sample.consumer()):
        sample.tell("before")
        sample.eventually_heard(1)
        own_rabbit.kill()
        sample.tell("while it was away")
        own_rabbit.start()
        sample.eventually_heard(2, 60)
        sample.tell("after")
        assert sample.eventually_heard(3, 60) == ["before", "while it was away", "after"]
    sample.system.close()


@pytest.mark.faults
def test_a_broker_that_lost_everything_is_repaired_by_replay(own_rabbit: RabbitNode, postgres_url: str, tmp_path: Path):
    from shared import outbox

    url = own_rabbit.add_vhost("doomed")
    sample = real(postgres_url, url, tmp_path)
    sample.tell("card 1", "card 2")
    sample.relay().drain()
    assert sample.unsent() == 0
    own_rabbit.drop_vhost("doomed")
    own_rabbit.add_vhost("doomed")
    with sample.context.database.transaction() as session:
        outbox.replay(session)
    with sample.running(sample.relay(), sample.consumer()):
        assert sample.eventually_heard(2, 40) == ["card 1", "card 2"]
    sample.system.close()


@pytest.mark.faults
def test_a_database_restarted_under_live_loops(own_postgres: PostgresNode, broker_url: str, tmp_path: Path):
    sample = real(own_postgres.create_database("flow"), broker_url, tmp_path)
    cards = [f"card {number}" for number in range(2000)]
    with sample.running(sample.relay(), sample.consumer()):
        sample.tell(*cards)
        sample.eventually_heard(1)
        own_postgres.kill()
        own_postgres.start()
        eventually(lambda: len(sample.heard()) == 2000, 60)
        sample.tell("after")
        sample.eventually_heard(2001, 60)
    assert sorted(sample.heard()) == sorted([*cards, "after"])
    assert sample.kept() == []
    sample.system.close()


def embedded(home: Path) -> Sample:
    made = Sample.create({"KITAPHANA_FOOTING": "embedded", "KITAPHANA_HOME": str(home)})
    made.broker.declare()
    return made


def test_the_embedded_broker_forgets_and_nothing_is_lost(tmp_path: Path):
    before = embedded(tmp_path)
    before.tell("handled")
    consumer = before.consumer()
    keeper = positions.Keeper([before.context], [consumer])
    with before.running(before.relay(), consumer):
        before.eventually_heard(1)
        eventually(lambda: before.unsent() == 0 and not consumer.in_hand)
        keeper.note()
        keeper.note()
    before.tell("sent, not handled")
    before.relay().drain()
    before.tell("not sent")
    before.system.close()

    after = embedded(tmp_path)
    positions.rewind(after.context)
    assert after.unsent() == 2
    with after.running(after.relay(), after.consumer()):
        assert after.eventually_heard(3) == ["handled", "sent, not handled", "not sent"]
    after.system.close()


def test_what_is_in_hand_when_the_embedded_process_ends_is_not_noted_as_settled(tmp_path: Path):
    sample = embedded(tmp_path)
    consumer = sample.consumer()
    keeper = positions.Keeper([sample.context], [consumer])
    sample.tell("in hand")
    sample.relay().drain()
    keeper.note()
    with sample.broker.connection() as connection:
        message = connection.channel().basic_get("sample_service")
        consumer.in_hand.append(message)
        keeper.note()
        keeper.note()
    positions.rewind(sample.context)
    assert sample.unsent() == 1
    sample.system.close()


def test_two_embedded_systems_in_one_process_share_no_queue(tmp_path: Path):
    one, two = embedded(tmp_path / "one"), embedded(tmp_path / "two")
    one.tell("card of one")
    with one.running(one.relay(), two.consumer()):
        eventually(lambda: one.unsent() == 0)
        eventually(lambda: one.broker.depths() == {"sample_service": 1})
    assert (two.heard(), two.broker.depths()) == ([], {"sample_service": 0})
    one.system.close()
    two.system.close()


def test_embedded_processes_killed_lose_nothing(tmp_path: Path, postgres_databases: Databases):
    from deploy.nodes import free_port

    sample = embedded(tmp_path)
    cards = [f"card {number}" for number in range(600)]
    for begin in (0, 200, 400):
        process = sample.spawn("all", PORT=str(free_port()), KITAPHANA_BATCH_MESSAGES="5")
        sample.tell(*cards[begin : begin + 200])
        eventually(lambda b=begin: len(sample.heard()) > b + 20, 40)
        process.kill()
        process.wait(20)
    process = sample.spawn("all", PORT=str(free_port()))
    sample.eventually_heard(600, 60)
    process.terminate()
    process.wait(30)
    assert sorted(sample.heard()) == sorted(cards)
    with sample.context.database.reading() as session:
        assert session.scalars(select(outbox_table.c.id).where(outbox_table.c.sent_at.is_(None))).all() == []
    sample.system.close()
