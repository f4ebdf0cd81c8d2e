"""From the start of the embedded system, a first one on an empty folder, to its first answered request."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from http import HTTPStatus

from benchmarks.figures import REPEATS, median, report, seconds, until
from benchmarks.spine import Nodes
from deploy.nodes import free_port

GOAL = 5.0


def measure(nodes: Nodes) -> None:
    taken = median([_start(nodes, f"start-{turn}") for turn in range(REPEATS)])
    report("embedded start to first answer", 0, taken, "s", against=GOAL, ratio=taken / GOAL, at_most=1.0)


def _start(nodes: Nodes, name: str) -> float:
    port = free_port()
    environment = {**os.environ, "KITAPHANA_HOME": str(nodes.folder / name), "PORT": str(port)}
    child: list[subprocess.Popen[bytes]] = []

    def work() -> None:
        quiet = subprocess.DEVNULL
        command = [sys.executable, "-m", "services", "all"]
        child.append(subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet))
        until(lambda: _answers(port), 60)

    try:
        return seconds(work)
    finally:
        child[0].terminate()
        child[0].wait()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/api/v1/branches")
        return connection.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()
