"""Child processes that end with their owner, can be killed hard and start again on the same folder."""

import contextlib
import ctypes
import fcntl
import functools
import os
import random
import select
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TextIO

from deploy.nodes.accounts import Account

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

# The kernel ties a "parent death signal" to the thread that forked: one lasting thread forks every child.
_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")


class NodeError(RuntimeError):
    """A node could not be started or did not answer; the message says what to do."""


class MissingProgram(NodeError):
    """A system program is not installed."""


def find_program(names: Iterable[str], places: Iterable[str], advice: str) -> Path:
    """The first of `names` found in `places` (globs, newest version first) or on PATH."""
    folders = [
        folder
        for place in places
        for folder in sorted(Path("/").glob(place.lstrip("/")), key=_version_in, reverse=True)
    ]
    folders += [Path(part) for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if part]
    for folder in folders:
        for name in names:
            if os.access(folder / name, os.X_OK):
                return folder / name
    raise MissingProgram(f"{' or '.join(names)} is not installed: {advice}")


def _version_in(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.parts if part.isdigit())


def free_port(taken: Iterable[int] = ()) -> int:
    """A free loopback port, below those that outgoing connections could take while a node is down."""
    for port in random.sample(range(20000, 32000), 200):
        if port not in taken and port_is_free(port):
            return port
    raise NodeError("no free port between 20000 and 32000 on 127.0.0.1")


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def port_answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


class Child:
    """One supervised process. `folder` keeps its log, its pid file and whatever the subclass stores.

    `spawn` returns at once, `start` waits until `ready`; `stop` is orderly, `kill` is SIGKILL to the tree.
    """

    stop_signal = signal.SIGTERM
    stop_within = 30.0
    ready_within = 90.0

    def __init__(self, name: str, folder: Path | str, account: Account | None = None) -> None:
        self.name = name
        self.folder = Path(folder).resolve()
        self.account = account
        self._process: subprocess.Popen[bytes] | None = None
        self._claim: TextIO | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> Mapping[str, str]:
        return os.environ

    def working_folder(self) -> Path:
        return self.folder

    def ready(self) -> bool:
        return self.running

    def choose_ports(self) -> None:
        """Once for each owner: ports of an earlier owner may be taken by now."""

    def prepare(self) -> None:
        """Writes what the process needs before each start."""

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def status(self) -> int | None:
        return self._process.poll() if self._process else None

    def spawn(self) -> None:
        if self.running:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self._take_claim()
        self._end_stragglers()
        if self._process is None:
            self.choose_ports()
        self.prepare()
        with self.log.open("ab") as log:
            self._process = _spawner.submit(self._fork, log.fileno()).result()
        self._write_claim()

    def start(self) -> Self:
        """Spawns and waits until the process is ready; tries again twice when it ends before that."""
        deadline = time.monotonic() + self.ready_within
        self.spawn()
        for _ in range(3):
            if self._wait_ready(deadline):
                return self
            if self.running:
                break
            self.spawn()
        last_words = self._last_words()
        self.stop()
        raise NodeError(f"{self.name} did not become ready; the end of {self.log}:\n{last_words}")

    def stop(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(self.stop_signal)
            try:
                self._process.wait(self.stop_within)
            except subprocess.TimeoutExpired:
                self.kill()
            self._end_stragglers()
        if self._claim is not None:
            self._claim.close()
            self._claim = None

    def kill(self) -> None:
        if self._process is None or not self.running:
            return
        family = [self._process.pid, *_descendants(self._process.pid)]
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        for pid in family[1:]:
            _wait_gone(pid, 10)

    def restart(self) -> Self:
        self.stop()
        return self.start()

    def wait(self, seconds: float) -> None:
        """Returns after `seconds`, or at once when the process ends."""
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _fork(self, log: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(self.environment()),
            cwd=self.working_folder(),
            start_new_session=True,
            preexec_fn=functools.partial(_libc.prctl, PR_SET_PDEATHSIG, self.stop_signal),
            **(self.account.credentials if self.account else {}),
        )

    def _wait_ready(self, deadline: float) -> bool:
        while self.running and time.monotonic() < deadline:
            if self.ready():
                return True
            self.wait(0.1)
        return False

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def _take_claim(self) -> None:
        """One living owner a folder; what a dead owner left running is ended first."""
        if self._claim is not None:
            return
        claim = (self.folder / f"{self.name}.pid").open("a+")
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            claim.close()
            raise NodeError(
                f"{self.name} in {self.folder} belongs to another running process: stop that one first, "
                "or set KITAPHANA_HOME to another folder"
            ) from None
        self._claim = claim
        claim.seek(0)
        self._end_leftover(claim.read().split())

    def _write_claim(self) -> None:
        assert self._claim is not None and self._process is not None
        self._claim.truncate(0)
        self._claim.write(f"{self._process.pid} {_started_at(self._process.pid)}\n")
        self._claim.flush()

    def _end_leftover(self, claim: list[str]) -> None:
        if len(claim) != 2 or _started_at(int(claim[0])) != claim[1]:
            return
        pid = int(claim[0])
        family = _descendants(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, self.stop_signal)
            if not _wait_gone(pid, self.stop_within):
                os.kill(pid, signal.SIGKILL)
        for descendant in family:
            _wait_gone(descendant, 5)

    def _end_stragglers(self) -> None:
        """A leader killed from outside may leave members of its group holding its port."""
        if self._process is not None and self._process.poll() is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _descendants(pid: int) -> list[int]:
    children: list[int] = []
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            children += [int(child) for child in listing.read_text().split()]
    return children + [below for child in children for below in _descendants(child)]


def _started_at(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return "gone"


def _wait_gone(pid: int, seconds: float) -> bool:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)
