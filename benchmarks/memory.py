"""`python -m benchmarks.memory QUARANTINE`: does the run as a worker would, and prints its peak memory in kB."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from benchmarks.runs import the_run
from services.__main__ import SERVICES
from shared.service import build
from shared.settings import load


def main(quarantine_id: str) -> None:
    the_run(build(SERVICES, load(), only="loans")["loans"].database, quarantine_id)
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    print(found[1])


if __name__ == "__main__":
    main(sys.argv[1])
