from collections.abc import Iterator
from pathlib import Path

import pytest

from services.__main__ import SERVICES
from shared.settings import Settings
from shared.system import System
from tests.accounts.library import Library

ACCOUNTS = [service for service in SERVICES if service.name == "accounts"]


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "sqlite":
        return Settings(home=tmp_path, reference_wait=0.0)
    url = request.getfixturevalue("postgres_url")
    return Settings(home=tmp_path, footing="real", database_url=url, broker_url="amqp://unused", reference_wait=0.0)


@pytest.fixture
def library(settings: Settings) -> Iterator[Library]:
    system = System.create(ACCOUNTS, settings)
    system.migrate()
    library = Library(system)
    library.branch("oskemen")
    library.branch("ridder")
    yield library
    system.close()
