"""`make faults`: KILLS (60), CLUSTER (1 or 3 brokers), LOANS (100000), SEED."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.faults.campaign import Campaign
from tests.faults.house import House


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="kitaphana-faults-"))
    folder.chmod(0o755)  # root's stand-in that runs PostgreSQL must get in
    house = House(folder, brokers=int(os.environ.get("CLUSTER") or 1))
    try:
        house.start()
        kills, loans = int(os.environ.get("KILLS") or 60), int(os.environ.get("LOANS") or 100_000)
        campaign = Campaign(house, kills, loans, seed=int(os.environ.get("SEED") or 1))
        verdict = campaign.run(folder / "files")
        for found in (*verdict.wrong[:10], *verdict.untold[:10], *verdict.told_twice[:10], *verdict.lost[:10]):
            print(found)
        print(verdict.line(len(campaign.strikes)))
        return 0 if verdict.good else 1
    finally:
        house.stop()
        if not os.environ.get("KEEP"):
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
