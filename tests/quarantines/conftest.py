from collections.abc import Iterator

import pytest

from shared import clock, settings
from tests.conftest import Footing
from tests.quarantines.library import Library


@pytest.fixture
def library(footing: Footing) -> Iterator[Library]:
    """The service with no branch yet, on both footings; today is Mon 2 Feb 2026."""
    clock_file = str(footing.home / "clock")
    made = Library(settings.load(footing.environment | {"KITAPHANA_CLOCK_FILE": clock_file}))
    yield made
    made.system.close()
    clock.shift_by_file("")
