"""What migrations make is what the models say, on both databases."""

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
from tests.conftest import Footing


@pytest.mark.parametrize("service", SERVICES, ids=[service.name for service in SERVICES])
def test_models_and_migrations_agree(service: Service, footing: Footing) -> None:
    database = Database(service.name, load(footing.environment))
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
