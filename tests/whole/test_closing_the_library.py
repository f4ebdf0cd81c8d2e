"""A library with data of its own closes its doors: three overlapping closures, one without an end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Footing
from tests.support.whole import Library, running_library
from tests.whole import story


@pytest.fixture
def library(footing: Footing) -> Iterator[Library]:
    with running_library(footing.environment) as library:
        story.open_branches(library)
        yield library


def test_three_overlapping_closures_their_whole_life(library: Library, tmp_path: Path) -> None:
    story.three_overlapping_closures(library, story.fill(library, tmp_path / "files", readers=500, loans=1500))


def test_returns_are_spread_and_families_come_once(library: Library, tmp_path: Path) -> None:
    story.returns_spread(library, story.fill(library, tmp_path / "files", readers=500, loans=1500), capacity=15)
