"""The short campaign of every test run."""

from pathlib import Path

import pytest

from tests.faults.campaign import Campaign
from tests.faults.house import House


@pytest.mark.faults
def test_nothing_is_wrong_lost_or_told_twice_after_thirty_kills(node_folder: Path) -> None:
    house = House(node_folder)
    try:
        house.start()
        campaign = Campaign(house, kills=30, loans=3000)
        verdict = campaign.run(node_folder / "files")
    finally:
        house.stop()
    assert verdict.good, verdict
    assert len(campaign.strikes) == 30
