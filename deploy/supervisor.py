"""Keeps a set of processes running: whatever ends is started again, sooner the longer it had been well."""

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.nodes import Child, NodeError

FIRST_PAUSE, LONGEST_PAUSE, WELL_AFTER = 0.2, 5.0, 5.0


class Role(Child):
    """One line of the Procfile: `python …` with this interpreter, in the root of the project."""

    def __init__(self, name: str, folder: Path, line: str, variables: Mapping[str, str]) -> None:
        super().__init__(name, folder)
        self._words = line.split()
        self._variables = variables

    def command(self) -> list[str]:
        return [sys.executable if word == "python" else word for word in self._words]

    def environment(self) -> Mapping[str, str]:
        return os.environ | self._variables

    def working_folder(self) -> Path:
        return Path(__file__).parent.parent


@dataclass
class Watched:
    child: Child
    since: float
    pause: float = FIRST_PAUSE
    due: float | None = None


class Supervisor:
    """`start` children in the order given, `watch` until asked to end, `stop` them in the opposite order."""

    def __init__(self) -> None:
        self._watched: list[Watched] = []
        self._groups: list[Sequence[Child]] = []
        self._ending = threading.Event()
        self._starting = True
        for ending in (signal.SIGTERM, signal.SIGINT):
            signal.signal(ending, self._end)

    def start(self, children: Sequence[Child]) -> None:
        """Starts these side by side and returns when all of them are ready."""
        self._groups.append(children)
        for child in children:
            self._watched.append(Watched(child, time.monotonic()))
            child.spawn()
        for child in children:
            child.start()

    def watch(self) -> None:
        self._starting = False
        while not self._ending.wait(0.1):
            for watched in self._watched:
                self._look_after(watched)

    def stop(self) -> None:
        self._starting = False
        for group in reversed(self._groups):
            with ThreadPoolExecutor(len(group) or 1) as together:
                list(together.map(lambda child: child.stop(), group))

    def _end(self, *_: object) -> None:
        self._ending.set()
        if self._starting:
            self._starting = False
            raise KeyboardInterrupt

    def _look_after(self, watched: Watched) -> None:
        now = time.monotonic()
        if watched.child.running:
            return
        if watched.due is None:
            watched.pause = FIRST_PAUSE if now - watched.since > WELL_AFTER else watched.pause
            watched.due = now + watched.pause
            say(f"{watched.child.name} ended (status {watched.child.status}); starting it again")
        elif now >= watched.due:
            watched.since, watched.due = now, None
            watched.pause = min(watched.pause * 2, LONGEST_PAUSE)
            try:
                watched.child.spawn()
            except NodeError as error:
                say(str(error))


def say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)
