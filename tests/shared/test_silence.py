"""A peer that hangs or is gone costs one wait, not one a page; a deed is sent once it says that it is alive."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.nodes import free_port
from shared.peers import Answer, PeerDown, Peers
from shared.settings import Settings
from shared.silence import Silence
from tests.support.eventually import eventually

PATIENCE = 0.5
SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Well(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        print(self.command, self.path, flush=True)
        self.send_response(200); self.send_header("Content-Length", "2"); self.end_headers(); self.wfile.write(b"ok")
    do_POST = do_GET
    def log_message(self, *args): pass
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Well).serve_forever()
"""


@contextmanager
def service() -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A service in a process of its own, which a signal can make hang."""
    port = free_port()
    child = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], stdout=subprocess.PIPE)

    def up() -> bool:
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", port)) == 0

    try:
        eventually(up, 30, "the service did not come up")
        yield port, child
    finally:
        os.kill(child.pid, signal.SIGCONT)
        child.kill()
        child.wait()


def hang(child: subprocess.Popen[bytes]) -> None:
    """Stops it, and waits until it stands still: a signal alone leaves it time for one more answer."""
    os.kill(child.pid, signal.SIGSTOP)
    os.waitpid(child.pid, os.WUNTRACED)


def asked(peers: Peers, method: str = "GET", patience: float | None = PATIENCE, path: str = "/x") -> Answer | PeerDown:
    try:
        return peers.ask("loans", path, method=method, patience=patience)
    except PeerDown as down:
        return down


class Hands:
    """A clock turned by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def watched(home: Path, port: int) -> tuple[Peers, Hands]:
    peers, hands = Peers(Settings(home=home, peers={"loans": f"http://127.0.0.1:{port}"})), Hands()
    peers._silence = Silence(hands, seconds=5)
    return peers, hands


def test_a_hung_service_is_waited_for_once_and_asked_again_later(tmp_path: Path) -> None:
    with service() as (port, child):
        peers, hands = watched(tmp_path, port)
        assert isinstance(asked(peers), Answer)
        hang(child)
        first = asked(peers)
        assert isinstance(first, PeerDown) and first.unsure, "it may have been heard"
        before = time.perf_counter()
        for _ in range(100):
            skipped = asked(peers)
            assert isinstance(skipped, PeerDown) and "just now" in str(skipped) and not skipped.unsure
        assert time.perf_counter() - before < 100 * PATIENCE / 2, "none of a hundred has waited"
        hands.at += 5
        assert "just now" not in str(asked(peers)), "after its time it is tried"
        os.kill(child.pid, signal.SIGCONT)
        hands.at += 4.9
        assert isinstance(asked(peers), PeerDown)
        hands.at += 0.2
        assert isinstance(asked(peers), Answer)
        assert isinstance(asked(peers), Answer), "and from then on as before"


def test_one_finds_out_for_all_whether_it_is_back(tmp_path: Path) -> None:
    with service() as (port, child):
        peers, hands = watched(tmp_path, port)
        hang(child)
        asked(peers)
        hands.at += 5
        with ThreadPoolExecutor(8) as threads:
            found = [str(each) for each in threads.map(lambda _: asked(peers), range(8))]
        assert sum("just now" not in each for each in found) == 1


def test_a_deed_finds_out_that_a_service_is_back_and_is_done(tmp_path: Path) -> None:
    with service() as (port, child):
        peers, _ = watched(tmp_path, port)
        hang(child)
        asked(peers)
        os.kill(child.pid, signal.SIGCONT)
        assert isinstance(asked(peers), PeerDown)
        assert isinstance(asked(peers, "POST", patience=None), Answer)
        assert isinstance(asked(peers), Answer), "and whoever reads need not wait for its time"


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_deed_is_not_sent_to_a_service_that_hangs_still(tmp_path: Path, method: str) -> None:
    with service() as (port, child):
        peers, hands = watched(tmp_path, port)
        asked(peers)
        hang(child)
        asked(peers)
        hands.at += 60
        refused = asked(peers, method, patience=None, path="/deed")
        assert isinstance(refused, PeerDown) and not refused.unsure and "alive" in str(refused)
        assert "just now" in str(asked(peers)), "what the knock found out holds for whoever reads"
        os.kill(child.pid, signal.SIGCONT)
        assert f"{method} /deed" not in heard_by(child, peers, hands)


def heard_by(child: subprocess.Popen[bytes], peers: Peers, hands: Hands) -> list[str]:
    """All that the service was asked, also what had waited for it to wake up."""
    hands.at += 60
    assert isinstance(asked(peers, path="/last"), Answer)
    child.kill()
    assert child.stdout
    return child.stdout.read().decode().split("\n")[:-1]


def test_with_a_service_well_a_deed_is_one_call(tmp_path: Path) -> None:
    with service() as (port, child):
        peers, hands = watched(tmp_path, port)
        assert isinstance(asked(peers, "POST", patience=None, path="/deed"), Answer)
        assert heard_by(child, peers, hands) == ["POST /deed", "GET /last"]


def test_a_service_that_is_gone_is_skipped_too_and_nothing_was_done(tmp_path: Path) -> None:
    peers, _ = watched(tmp_path, free_port())
    first, second = asked(peers), asked(peers)
    assert isinstance(first, PeerDown) and not first.unsure
    assert "just now" in str(second)
    assert "just now" not in str(asked(peers, "POST", patience=None))


def test_another_service_is_none_of_its_business() -> None:
    silence = Silence(Hands())
    silence.fell_silent("loans")
    assert not silence.may_ask("loans") and silence.may_ask("notify")
    silence.answered("loans")
    assert silence.may_ask("loans")
