"""The loans service alone, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared import clock
from shared.settings import Settings
from tests.loans.library import Library


@pytest.fixture(params=["sqlite", "postgresql"])
def library(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Library]:
    given = {"home": tmp_path, "secret": "a secret long enough for signing tokens", "reference_wait": 0.0}
    if request.param == "postgresql":
        given["database_url"] = request.getfixturevalue("module_postgres_url")
        given |= {"footing": "real", "broker_url": "amqp://nobody@127.0.0.1:1/none"}
    library = Library(Settings(**given))
    library.empty()
    library.branch("main")
    yield library
    library.close()


@pytest.fixture
def today(tmp_path: Path) -> Iterator[Path]:
    """The clock's file; see `set_today`."""
    file = tmp_path / "clock"
    clock.shift_by_file(str(file))
    yield file
    clock.shift_by_file("")
