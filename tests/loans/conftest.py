"""The loans service alone, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.settings import Settings
from tests.loans.library import Library


@pytest.fixture(params=["sqlite", "postgresql"])
def library(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Library]:
    given = {"home": tmp_path, "secret": "a secret long enough for signing tokens", "reference_wait": 0.0}
    if request.param == "postgresql":
        given["database_url"] = request.getfixturevalue("postgres_url")
        given |= {"footing": "real", "broker_url": "amqp://nobody@127.0.0.1:1/none"}
    library = Library(Settings(**given))
    yield library
    library.close()
