"""gunicorn, started from the command line: one gthread worker; threads of ours begin after the fork."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from shared.draining import drained
from shared.settings import Settings


class Server(BaseApplication):  # type: ignore[misc]
    """`make_app` runs in the worker, after the fork; `started` then, `stopping` when the worker ends."""

    def __init__(
        self,
        settings: Settings,
        make_app: Callable[[], Any],
        port: int,
        started: Callable[[], None] = lambda: None,
        stopping: Callable[[], None] = lambda: None,
        host: str = "127.0.0.1",
    ) -> None:
        self._settings = settings
        self._make_app = make_app
        self._port = port
        self._host = host
        self._started = started
        self._stopping = stopping
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": f"{self._host}:{self._port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": self._settings.threads,
            "graceful_timeout": 10,
            "timeout": 120,
            "keepalive": 15,
            "limit_request_line": 8190,
            "accesslog": None,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_worker_init": lambda _worker: self._started(),
            "worker_exit": lambda _server, _worker: self._stopping(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return drained(self._make_app())
