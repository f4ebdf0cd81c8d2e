from collections.abc import Iterator
from pathlib import Path

import pytest

from shared import clock, settings
from tests.quarantines.library import Library

# Nothing here is sent: what the service says is read from its outbox.
NO_BROKER = "amqp://nobody@127.0.0.1:9/none"


@pytest.fixture(params=["embedded", "real"])
def library(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Library]:
    """The service with no branch yet, on SQLite and on PostgreSQL; today is Mon 2 Feb 2026."""
    environment = {"KITAPHANA_FOOTING": request.param, "KITAPHANA_HOME": str(tmp_path)}
    environment["KITAPHANA_CLOCK_FILE"] = str(tmp_path / "clock")
    if request.param == "real":
        environment["KITAPHANA_DATABASE_URL"] = request.getfixturevalue("postgres_url")
        environment["KITAPHANA_BROKER_URL"] = NO_BROKER
    made = Library(settings.load(environment))
    yield made
    made.system.close()
    clock.shift_by_file("")
