"""`python -m deploy.nodes rabbitmq|postgresql FOLDER [OWNER_PID]`: a private node until SIGTERM.

It also ends when its owner does. FOLDER/address holds the node's address once it is ready; FOLDER/refusal the
reason why it is not.
"""

import os
import select
import signal
import sys
from pathlib import Path

from deploy.nodes import NodeError, PostgresNode, RabbitNode

NODES = {"rabbitmq": RabbitNode, "postgresql": PostgresNode}


def main() -> int:
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in NODES:
        print("usage: python -m deploy.nodes rabbitmq|postgresql FOLDER [OWNER_PID]", file=sys.stderr)
        return 2
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: None)
    awaited = [reading] + ([os.pidfd_open(int(sys.argv[3]))] if len(sys.argv) == 4 else [])
    try:
        with NODES[sys.argv[1]](folder) as node:
            _publish(folder / "address", node.url)
            select.select(awaited, [], [])
    except NodeError as error:
        _publish(folder / "refusal", str(error))
        print(error, file=sys.stderr)
        return 1
    return 0


def _publish(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(text)
    draft.replace(path)


if __name__ == "__main__":
    sys.exit(main())
