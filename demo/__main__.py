"""`make demo`: see demo/story.py."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from rich.console import Console

from demo.problems import DemoError
from demo.story import tell
from demo.words import Words, terminals_language

DEFAULT_PORT = "8080"
STATUS_OF_FAILURE, STATUS_OF_USAGE, STATUS_OF_INTERRUPT, STATUS_OF_SIGTERM = 1, 2, 130, 143


def main() -> int:
    signal.signal(signal.SIGTERM, _leave)
    port = os.environ.get("PORT") or DEFAULT_PORT
    if not port.isdecimal() or not 0 < int(port) < 65536:
        print(f"demo: PORT must be a number from 1 to 65535, not {port!r}", file=sys.stderr)
        return STATUS_OF_USAGE
    home = Path(os.environ.get("KITAPHANA_HOME") or "var").absolute()
    stays = os.environ.get("EXIT", "") in ("", "0")
    try:
        return 0 if tell(home, int(port), stays, Words(terminals_language()), Console()) else STATUS_OF_FAILURE
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return STATUS_OF_FAILURE
    except KeyboardInterrupt:
        return STATUS_OF_INTERRUPT


def _leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(STATUS_OF_SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
