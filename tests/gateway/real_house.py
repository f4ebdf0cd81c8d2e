"""The same small library as `make real` runs it, TLS and all: every role a process of its own, on the run's nodes."""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3
from werkzeug.wrappers import Request, Response

from deploy.nodes import Child, Tls, free_port
from deploy.nodes.accounts import private_folder, unprivileged
from tests.gateway.house import House, move_in
from tests.support.nodes import databases, new_folder, vhosts
from tests.support.tls import certificate, trusting
from tests.support.whole import Library

OF_THIS_HOP = {"connection", "transfer-encoding", "content-encoding", "content-length"}


class MakeReal(Child):
    """`make real`; ready when it says so."""

    ready_within, stop_within = 180.0, 90.0

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        super().__init__("real", folder)
        self._variables = variables

    def command(self) -> list[str]:
        return [sys.executable, "-m", "deploy.real"]

    def environment(self) -> Mapping[str, str]:
        return os.environ | self._variables

    def working_folder(self) -> Path:
        return Path(__file__).parents[2]

    def ready(self) -> bool:
        return "Kitaphana is up at" in self.log.read_text()


@dataclass(frozen=True)
class Afar:
    """A WSGI app that stands for the one at `url`, so that visitors call on both footings alike."""

    url: str
    pool: urllib3.PoolManager

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        sent = {name: value for name, value in request.headers.items() if name != "Host"}
        answer = self.pool.request(
            request.method, self.url + request.full_path, body=request.get_data(), headers=sent, redirect=False
        )
        headers = [(name, value) for name, value in answer.headers.iteritems() if name.lower() not in OF_THIS_HOP]
        return Response(answer.data, answer.status, headers)(environ, start_response)


@contextmanager
def ground() -> Iterator[dict[str, str]]:
    """A database with all tables and a vhost of its own, as the variables that name them."""
    database, broker = databases(), vhosts()
    database_url, broker_url = database.migrated(), broker.fresh()
    try:
        yield {"KITAPHANA_DATABASE_URL": database_url, "KITAPHANA_BROKER_URL": broker_url}
    finally:
        database.drop(database_url)
        broker.drop(broker_url)


@contextmanager
def real_house(**settings: str) -> Iterator[House]:
    """Open, with everyone moved in. At the end no role may have ended, answered 5xx or told of an error."""
    home, port, secret = new_folder(), free_port(), uuid.uuid4().hex
    tls = certificate(private_folder(home / "tls", unprivileged("www-data")))
    own = {"KITAPHANA_HOME": str(home), "PORT": str(port), "KITAPHANA_SECRET": secret} | variables_of(tls)
    with ground() as nodes, MakeReal(home, own | nodes | settings) as running:
        url, pool = f"https://127.0.0.1:{port}", trusting(tls)
        library = Library.behind(url, pool, secret)
        pins = move_in(library)
        yield House(library, Afar(url, pool), url, pins, home)
        assert "starting it again" not in running.log.read_text(), running.log.read_text()
        assert list(faults_in(home / "logs")) == []


def faults_in(logs: Path) -> Iterator[str]:
    """Lines of the roles' logs that no day should bring: errors, answers of 5xx, and what is no JSON, as tracebacks."""
    for log in logs.glob("*.log"):
        for line in log.read_text().splitlines():
            said = json.loads(line) if line.startswith("{") else {"level": "error"}
            if said.get("level") not in ("info", "warning") or said.get("status", 200) >= 500:
                yield f"{log.name}: {line}"


def variables_of(tls: Tls) -> dict[str, str]:
    return {"KITAPHANA_TLS_CERTIFICATE": str(tls.certificate), "KITAPHANA_TLS_KEY": str(tls.key)}
