"""The private nodes keep what they accepted, through kills and restarts, and leave nothing running."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from deploy.nodes import MissingProgram, NodeError, PostgresNode, RabbitNode
from deploy.nodes.children import find_program
from tests.support.nodes import Databases, PrivateVhosts
from tests.support.probes import publish, take_all


@pytest.fixture(scope="module")
def rabbit(node_folder: Path) -> Iterator[RabbitNode]:
    with RabbitNode(node_folder / "first") as node:
        yield node


@pytest.fixture(scope="module")
def postgres(node_folder: Path) -> Iterator[PostgresNode]:
    with PostgresNode(node_folder / "postgresql") as node:
        yield node


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        found = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return found


def test_rabbitmq_keeps_confirmed_messages_through_kill_and_restart(rabbit: RabbitNode) -> None:
    publish(rabbit.url, "kept", b"one", b"two")
    rabbit.settle()
    rabbit.kill()
    assert not rabbit.running
    rabbit.start()
    publish(rabbit.url, "kept", b"three")
    rabbit.restart()
    assert take_all(rabbit.url, "kept", 3) == [b"one", b"two", b"three"]


def test_rabbitmq_cluster_of_three_outlives_one_kill(rabbit: RabbitNode, node_folder: Path) -> None:
    second = RabbitNode(node_folder / "second", "second", beside=rabbit)
    third = RabbitNode(node_folder / "third", "third", beside=rabbit)
    with second, third:
        second.join(rabbit)
        third.join(rabbit)
        assert rabbit.members() == 3
        publish(rabbit.url, "spread", b"one", members=3)
        for node in (rabbit, second, third):
            node.settle()
        rabbit.kill()
        publish(second.url, "spread", b"two", members=3)
        assert take_all(third.url, "spread", 2) == [b"one", b"two"]
        rabbit.start()
        assert rabbit.members() == 3


def test_postgresql_keeps_commits_through_kill_and_restart(postgres: PostgresNode) -> None:
    rows(postgres.url, "CREATE TABLE kept (n int)")
    rows(postgres.url, "INSERT INTO kept VALUES (1)")
    postgres.kill()
    postgres.start()
    rows(postgres.url, "INSERT INTO kept VALUES (2)")
    postgres.restart()
    assert rows(postgres.url, "SELECT n FROM kept ORDER BY n") == [(1,), (2,)]
    assert rows(postgres.url, "SHOW max_connections") == [("200",)]


def test_a_second_owner_of_a_folder_is_refused(postgres: PostgresNode) -> None:
    with pytest.raises(NodeError, match="belongs to another running process"):
        PostgresNode(postgres.folder).start()
    assert rows(postgres.url, "SELECT 1") == [(1,)]


def test_nodes_end_with_an_owner_that_was_killed_and_start_again_on_its_folder(node_folder: Path) -> None:
    folder = node_folder / "orphaned"
    program = (
        "import sys, time; from deploy.nodes import PostgresNode\n"
        "node = PostgresNode(sys.argv[1]).start(); print(node.pid, flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    handle = os.pidfd_open(int(owner.stdout.readline()))
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    with PostgresNode(folder) as node:
        assert select.select([handle], [], [], 0)[0], "the first server still runs"
        assert rows(node.url, "SELECT 1") == [(1,)]
    os.close(handle)


def test_tests_have_databases_and_vhosts_of_their_own(
    postgres_url: str, broker_url: str, postgres_databases: Databases, broker_vhosts: PrivateVhosts
) -> None:
    other_database, other_vhost = postgres_databases.fresh(), broker_vhosts.fresh()
    assert len({postgres_url, other_database}) == len({broker_url, other_vhost}) == 2
    rows(postgres_url, "CREATE TABLE mine (n int)")
    assert rows(other_database, "SELECT to_regclass('mine')") == [(None,)]
    publish(broker_url, "mine", b"one")
    publish(other_vhost, "mine", b"other")
    assert take_all(broker_url, "mine", 1) == [b"one"]


def test_a_missing_program_says_what_to_install() -> None:
    with pytest.raises(MissingProgram, match="nosuchthing is not installed: install the system package x"):
        find_program(["nosuchthing"], ["/usr/lib/nowhere/*"], "install the system package x")
