"""The supervisor starts again what dies, and leaves nothing when it ends, however it ends."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAM = """
import sys
from pathlib import Path
from deploy.supervisor import Role, Supervisor
sleeper = "python -m http.server --bind 127.0.0.1 0"
supervisor = Supervisor()
try:
    supervisor.start([Role(name, Path(sys.argv[1]), sleeper, {}) for name in ("first", "second")])
    print("up", flush=True)
    supervisor.watch()
except KeyboardInterrupt:
    pass
finally:
    supervisor.stop()
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    running = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "up\n"
    yield running
    running.kill()
    running.communicate()


def pid_of(folder: Path, name: str, other_than: int = 0) -> int:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        words = (folder / f"{name}.pid").read_text().split()
        if words and int(words[0]) != other_than:
            return int(words[0])
        select.select([], [], [], 0.05)
    raise AssertionError(f"{name} was not started again")


def ended(handle: int) -> bool:
    return bool(select.select([handle], [], [], 20)[0])


def test_what_is_killed_is_started_again_and_its_neighbour_left_alone(
    supervisor: subprocess.Popen[str], tmp_path: Path
) -> None:
    first, second = pid_of(tmp_path, "first"), pid_of(tmp_path, "second")
    for _ in range(3):
        os.kill(first, signal.SIGKILL)
        first = pid_of(tmp_path, "first", other_than=first)
    assert pid_of(tmp_path, "second") == second


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_its_processes_end_with_it(supervisor: subprocess.Popen[str], tmp_path: Path, ending: signal.Signals) -> None:
    handles = [os.pidfd_open(pid_of(tmp_path, name)) for name in ("first", "second")]
    supervisor.send_signal(ending)
    assert supervisor.wait(20) == (-signal.SIGKILL if ending is signal.SIGKILL else 0)
    assert all(ended(handle) for handle in handles)
