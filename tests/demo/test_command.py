import os
import socket
import subprocess
import sys
from pathlib import Path


def run_demo(**environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "demo"],
        env={**os.environ, "EXIT": "1", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run_demo(PORT=str(port), KITAPHANA_HOME=str(tmp_path))
    assert ended.returncode == 1
    assert ended.stderr == f"demo: port {port} cannot be used (Address already in use); try PORT={port + 1}\n"


def test_a_port_that_is_no_number_is_a_usage_error(tmp_path: Path) -> None:
    ended = run_demo(PORT="eighty", KITAPHANA_HOME=str(tmp_path))
    assert ended.returncode == 2
    assert ended.stderr == "demo: PORT must be a number from 1 to 65535, not 'eighty'\n"
