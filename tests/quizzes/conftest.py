from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from shared import clock
from shared.service import load
from shared.settings import Settings
from shared.system import System
from tests.quizzes.house import House
from tests.support.nodes import Databases

QUIZZES = [load("services.quizzes")]


def on_postgresql(home: Path, url: str) -> Settings:
    return Settings(home=home, footing="real", database_url=url, broker_url="amqp://unused", reference_wait=0.0)


@pytest.fixture(scope="session")
def kept_postgres_url(postgres_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One migrated database for all tests here, emptied after each: migrating takes longer than most of them."""
    url = postgres_databases.fresh()
    system = System.create(QUIZZES, on_postgresql(tmp_path_factory.mktemp("migrated"), url))
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
def house(settings: Settings, tmp_path: Path) -> Iterator[House]:
    system = System.create(QUIZZES, settings)
    system.migrate() if settings.embedded else _empty(system)
    clock.shift_by_file(str(tmp_path / "clock"))
    yield House(system, tmp_path / "clock")
    clock.shift_by_file("")
    system.close()


def _empty(system: System) -> None:
    with system.contexts["quizzes"].database.transaction() as session:
        tables = session.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'quizzes' AND tablename NOT LIKE '%_version'")
        ).all()
        session.execute(text(f"TRUNCATE {', '.join(tables)}"))
        session.execute(text("INSERT INTO branches (id, version, time_zone) VALUES ('', 0, '')"))
