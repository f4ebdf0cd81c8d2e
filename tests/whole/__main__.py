"""The same story against a system that runs: python -m tests.whole ADDRESS HOME [LOANS].

ADDRESS as http://127.0.0.1:8080 of `make up` or `make real` with an empty library; HOME holds demo-accounts.json.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.support.whole import Library
from tests.whole import story

SECONDS = 900.0


def main(address: str, home: str, loans: str = "20000") -> None:
    accounts = json.loads((Path(home) / "demo-accounts.json").read_text())
    library = Library.at(address, accounts)
    story.open_branches(library)
    with tempfile.TemporaryDirectory() as folder:
        imported = story.fill(library, Path(folder), readers=int(loans) // 3, loans=int(loans))
    say(f"{len(imported.readers)} readers and {len(imported.loans)} loans imported")
    story.three_overlapping_closures(library, imported, SECONDS)
    say("three overlapping closures, extended, lifted, cancelled: every date by the rule, everybody told once, clean")
    story.returns_spread(library, imported, capacity=int(loans) // 100, seconds=SECONDS)
    say("returns spread within capacity, every family on one day, clean")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
