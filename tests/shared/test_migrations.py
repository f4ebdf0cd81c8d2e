"""What migrations make is what the models say, on both databases."""

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.__main__ import SERVICES
from shared.database import Database
from shared.migrate import migrate, pending
from shared.service import Service
from shared.settings import load
from shared.tables import KERNEL


@pytest.mark.parametrize("service", SERVICES, ids=[service.name for service in SERVICES])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_models_and_migrations_agree(
    service: Service, kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    environment = {"KITAPHANA_HOME": str(tmp_path), "KITAPHANA_BROKER_URL": "amqp://none"}
    if kind == "postgresql":
        url = request.getfixturevalue("postgres_url")
        environment |= {"KITAPHANA_FOOTING": "real", "KITAPHANA_DATABASE_URL": url}
    database = Database(service.name, load(environment))
    migrate(service, database)
    models = service.room("models")
    assert models is not None
    with database.reading() as session:
        found = MigrationContext.configure(session.connection(), opts={"include_object": _ours, "compare_type": True})
        differences = compare_metadata(found, [KERNEL, models.Base.metadata])  # type: ignore[arg-type]
    assert differences == []
    assert pending(service, database) == []
    database.close()


def _ours(_thing: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    return not (kind == "table" and name in ("kernel_version", "service_version"))
