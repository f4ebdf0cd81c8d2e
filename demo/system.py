"""The whole system, embedded, as a child process that lives no longer than the demonstration."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import urllib3

from demo.problems import DemoError

READY_WITHIN_SECONDS = 120
STOPS_WITHIN_SECONDS = 20


class System:
    def __init__(self, child: "subprocess.Popen[bytes]", log: Path) -> None:
        self._child = child
        self._log = log

    def check(self) -> None:
        """Raise if the child is gone: nothing asked of it will be answered any more."""
        status = self._child.poll()
        if status is not None:
            raise DemoError(f"the system stopped by itself (status {status}); see {self._log}")

    def wait(self) -> None:
        self._child.wait()
        self.check()

    def stop(self) -> None:
        if self._child.poll() is None:
            self._child.terminate()
        try:
            self._child.wait(STOPS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


@contextmanager
def running(home: Path, port: int) -> Iterator[System]:
    """Start the system on 127.0.0.1:`port` with its state in `home`; stop it on the way out."""
    _refuse_taken(port)
    home.mkdir(parents=True, exist_ok=True)
    log = home / "demo.log"
    environment = {**os.environ, "KITAPHANA_HOME": str(home), "PORT": str(port)}
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "services", "all"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    system = System(child, log)
    try:
        _wait_until_ready(system, port)
        yield system
    finally:
        system.stop()


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise DemoError(f"port {port} cannot be used ({error.strerror}); try PORT={port + 1}") from error


def _wait_until_ready(system: System, port: int) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while not _ready(port):
        system.check()
        if time.monotonic() > deadline:
            raise DemoError(f"the system was not ready within {READY_WITHIN_SECONDS} s; see its log")
        time.sleep(0.1)


def _ready(port: int) -> bool:
    try:
        answer = urllib3.request("GET", f"http://127.0.0.1:{port}/readyz", retries=False, timeout=5)
    except urllib3.exceptions.HTTPError:
        return False
    return answer.status == HTTPStatus.OK
