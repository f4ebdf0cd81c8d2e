from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Footing
from tests.support.sample import Sample, SetClock


@pytest.fixture
def sample(footing: Footing) -> Iterator[Sample]:
    """The sample service, migrated, its broker declared, nothing running."""
    made = Sample.create(footing.environment)
    made.broker.declare()
    yield made
    made.system.close()


@pytest.fixture
def set_clock(tmp_path: Path) -> Iterator[SetClock]:
    with SetClock(tmp_path).ruling() as moved:
        yield moved
