"""The server itself, as a process of its own."""

import http.client
import subprocess
import sys
from collections.abc import Iterator

import pytest

from deploy.nodes import free_port
from tests.support.eventually import eventually

PROGRAM = """
import sys
from shared.server import Server
from shared.settings import Settings

def refuse(environ, start_response):
    start_response("413 Too large", [("Content-Type", "text/plain")])
    return [b"send less"]

Server(Settings(), lambda: refuse, int(sys.argv[1])).run()
"""


@pytest.fixture
def port() -> Iterator[int]:
    chosen = free_port()
    running = subprocess.Popen([sys.executable, "-c", PROGRAM, str(chosen)])
    try:
        eventually(lambda: sent(chosen, b"") == 413)
        yield chosen
    finally:
        running.terminate()
        running.wait()


def sent(port: int, body: bytes) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", "/", body=body)
        return connection.getresponse().status
    except ConnectionRefusedError:
        return 0
    finally:
        connection.close()


@pytest.mark.parametrize("megabytes", [1, 10, 40])
def test_who_sends_too_much_hears_so_however_much_it_is(port: int, megabytes: int) -> None:
    assert sent(port, b"x" * megabytes * 1024 * 1024) == 413
