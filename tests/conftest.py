"""Fixtures of every ring. Nodes start when first asked for; KITAPHANA_*_URL replace them."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.nodes import PostgresNode, RabbitNode
from tests.support.mail import MailServer
from tests.support.nodes import (
    Databases,
    ForeignVhosts,
    PrivateVhosts,
    TestRun,
    databases,
    kept_node,
    migrated_home,
    new_folder,
    vhosts,
)

THE_RUN = pytest.StashKey[TestRun]()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[THE_RUN] = TestRun()


def pytest_unconfigure(config: pytest.Config) -> None:
    if THE_RUN in config.stash:
        config.stash[THE_RUN].end()


@pytest.fixture(scope="session")
def postgres_node() -> PostgresNode:
    """The run's shared PostgreSQL, to be asked but not stopped. Who kills nodes makes its own."""
    return PostgresNode(kept_node("postgresql"))


@pytest.fixture(scope="session")
def rabbit_node() -> RabbitNode:
    """The run's shared RabbitMQ, to be asked but not stopped. Who kills nodes makes its own."""
    return RabbitNode(kept_node("rabbitmq"))


@pytest.fixture(scope="module")
def node_folder() -> Iterator[Path]:
    """Where a module keeps its own nodes: unlike tmp_path, open to root's stand-in that runs PostgreSQL."""
    folder = new_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_databases() -> Databases:
    """`fresh()` makes as many databases as a test needs."""
    return databases()


@pytest.fixture(scope="session")
def broker_vhosts() -> PrivateVhosts | ForeignVhosts:
    """`fresh()` makes as many vhosts as a test needs."""
    return vhosts()


@pytest.fixture
def postgres_url(postgres_databases: Databases) -> Iterator[str]:
    """SQLAlchemy's address of an empty database of this test's own."""
    url = postgres_databases.fresh()
    yield url
    postgres_databases.drop(url)


@pytest.fixture
def migrated_url(postgres_databases: Databases) -> Iterator[str]:
    """The same with every service's tables in it."""
    url = postgres_databases.migrated()
    yield url
    postgres_databases.drop(url)


@pytest.fixture(scope="module")
def module_postgres_url(postgres_databases: Databases) -> Iterator[str]:
    """SQLAlchemy's address of an empty database of this module's own."""
    url = postgres_databases.fresh()
    yield url
    postgres_databases.drop(url)


@pytest.fixture
def broker_url(broker_vhosts: PrivateVhosts | ForeignVhosts) -> Iterator[str]:
    """amqp:// address of an empty vhost of this test's own."""
    url = broker_vhosts.fresh()
    yield url
    broker_vhosts.drop(url)


@dataclass(frozen=True)
class Footing:
    """What a system under test runs on. `environment` holds the KITAPHANA_* variables that say so."""

    name: str
    home: Path
    environment: dict[str, str]


@pytest.fixture(params=["embedded", "real"])
def footing(request: pytest.FixtureRequest, tmp_path: Path) -> Footing:
    """Runs the test twice: SQLite files and the in-memory broker, then PostgreSQL and RabbitMQ; tables are there."""
    environment = {"KITAPHANA_FOOTING": request.param, "KITAPHANA_HOME": str(tmp_path)}
    if request.param == "real":
        environment["KITAPHANA_DATABASE_URL"] = request.getfixturevalue("migrated_url")
        environment["KITAPHANA_BROKER_URL"] = request.getfixturevalue("broker_url")
    else:
        shutil.copytree(migrated_home(), tmp_path, dirs_exist_ok=True)
    return Footing(request.param, tmp_path, environment)


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server
