from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from services.__main__ import SERVICES
from shared import clock
from shared.settings import Settings
from shared.system import System
from tests.accounts.library import Library
from tests.support.nodes import Databases

ACCOUNTS = [service for service in SERVICES if service.name == "accounts"]


def on_postgresql(home: Path, url: str) -> Settings:
    return Settings(home=home, footing="real", database_url=url, broker_url="amqp://unused", reference_wait=0.0)


@pytest.fixture(scope="session")
def kept_postgres_url(postgres_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One migrated database for all tests here, emptied after each: migrating takes longer than most of them."""
    url = postgres_databases.fresh()
    system = System.create(ACCOUNTS, on_postgresql(tmp_path_factory.mktemp("migrated"), url))
    system.migrate()
    system.close()
    yield url
    postgres_databases.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "sqlite":
        return Settings(home=tmp_path, reference_wait=0.0)
    return on_postgresql(tmp_path, request.getfixturevalue("kept_postgres_url"))


@pytest.fixture
def system(settings: Settings) -> Iterator[System]:
    system = System.create(ACCOUNTS, settings)
    system.migrate() if settings.embedded else _empty(system)
    yield system
    system.close()


def _empty(system: System) -> None:
    with system.contexts["accounts"].database.transaction() as session:
        tables = session.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'accounts' AND tablename NOT LIKE '%_version'")
        ).all()
        session.execute(text(f"TRUNCATE {', '.join(tables)}"))
        session.execute(text("INSERT INTO branches (id, version) VALUES ('', 0)"))


@pytest.fixture
def library(system: System) -> Library:
    library = Library(system)
    library.branch("oskemen")
    library.branch("ridder")
    return library


@pytest.fixture
def later(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Moves the clock forward from now on."""
    offset = tmp_path / "clock"
    clock.shift_by_file(str(offset))
    yield lambda **by: offset.write_text(str(timedelta(**by).total_seconds()))
    clock.shift_by_file("")
