"""One PostgreSQL and one RabbitMQ for the whole run, started when first asked for, shared by all workers.

A keeper process holds each node: workers of pytest-xdist come and go, the node stays until the run ends.
"""

import fcntl
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
import urllib3

from deploy.nodes import NodeError, PostgresNode, RabbitNode
from services.__main__ import SERVICES
from shared.database import Database
from shared.migrate import migrate
from shared.settings import load

ROOT = "KITAPHANA_TEST_ROOT"


class TestRun:
    """The folder of one run, made and removed by the process that started pytest."""

    __test__ = False

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="kitaphana-test-"))
        self.root.chmod(0o755)
        os.environ[ROOT] = str(self.root)

    def end(self) -> None:
        for claim in self.root.glob("*/keeper.pid"):
            _end(int(claim.read_text()))
        del os.environ[ROOT]
        shutil.rmtree(self.root, ignore_errors=True)


def new_folder() -> Path:
    """An empty folder of this run that every account may enter."""
    folder = Path(tempfile.mkdtemp(dir=os.environ[ROOT]))
    folder.chmod(0o755)
    return folder


def kept_node(kind: str) -> Path:
    """The folder of the run's node of this kind; waits until it is ready."""
    folder = Path(os.environ[ROOT]) / kind
    with locked(kind):
        if not (folder / "address").exists():
            _start_keeper(kind, folder)
    return folder


def _start_keeper(kind: str, folder: Path) -> None:
    if (folder / "refusal").exists():
        raise NodeError((folder / "refusal").read_text())
    folder.mkdir(exist_ok=True)
    owner = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    with (folder / "keeper.log").open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "deploy.nodes", kind, str(folder), str(owner)],
            cwd=Path(__file__).parents[2],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (folder / "keeper.pid").write_text(str(keeper.pid))
    for _ in range(1200):
        if (folder / "address").exists():
            return
        try:
            keeper.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    raise NodeError(f"{kind} did not start:\n{(folder / 'keeper.log').read_text()}")


def _end(pid: int) -> None:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    os.kill(pid, signal.SIGTERM)
    select.select([handle], [], [], 60)
    os.close(handle)


@dataclass(frozen=True)
class Databases:
    """Fresh databases on the run's PostgreSQL, or on the server that KITAPHANA_DATABASE_URL names."""

    url: str

    def fresh(self, template: str = "template1") -> str:
        name = _unique()
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._address(name)

    def migrated(self) -> str:
        """A fresh database in which every service's tables stand already, copied from one made once a run."""
        with locked("template"):
            known = Path(os.environ[ROOT]) / "template.name"
            if not known.exists():
                name = _unique()
                self._run(f'CREATE DATABASE "{name}"')
                migrate_all({"KITAPHANA_FOOTING": "real", "KITAPHANA_DATABASE_URL": self._address(name)})
                known.write_text(name)
            return self.fresh(known.read_text())

    def _address(self, name: str) -> str:
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def drop(self, url: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{urlsplit(url).path[1:]}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url.replace("+psycopg", "", 1), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]


@dataclass(frozen=True)
class PrivateVhosts:
    """Fresh vhosts on the run's own RabbitMQ, some 30 ms each."""

    node: RabbitNode

    def fresh(self) -> str:
        return self.node.add_vhost(_unique())

    def drop(self, url: str) -> None:
        self.node.drop_vhost(urlsplit(url).path[1:])


@dataclass(frozen=True)
class ForeignVhosts:
    """Fresh vhosts on the broker that KITAPHANA_BROKER_URL names, through its management API.

    KITAPHANA_BROKER_MANAGEMENT_URL says where that is, unless it is port 15672 of the same host.
    """

    url: str

    def fresh(self) -> str:
        name = _unique()
        self._call("PUT", f"vhosts/{name}", {})
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self._call("PUT", f"permissions/{name}/{quote(urlsplit(self.url).username or 'guest')}", everything)
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def drop(self, url: str) -> None:
        self._call("DELETE", f"vhosts/{urlsplit(url).path[1:]}", {})

    def _call(self, method: str, path: str, body: dict[str, str]) -> None:
        parts = urlsplit(self.url)
        base = os.environ.get("KITAPHANA_BROKER_MANAGEMENT_URL", f"http://{parts.hostname}:15672")
        headers = urllib3.make_headers(basic_auth=f"{parts.username or 'guest'}:{parts.password or 'guest'}")
        answer = urllib3.request(method, f"{base}/api/{path}", json=body, headers=headers, timeout=10)
        if answer.status >= 300:
            raise NodeError(f"{base} answered {answer.status} to {method} {path}: tests need a vhost each")


def _unique() -> str:
    return f"test-{uuid.uuid4().hex[:16]}"


def databases() -> Databases:
    named = os.environ.get("KITAPHANA_DATABASE_URL")
    if named:
        return Databases(named)
    own = Databases(PostgresNode(kept_node("postgresql")).url)
    # The shared node never has to survive a crash, and making databases is mostly waiting for the disk.
    own._run("ALTER SYSTEM SET fsync = off")
    own._run("SELECT pg_reload_conf()")
    return own


def migrate_all(environment: Mapping[str, str]) -> None:
    """Every service's tables, as `kitaphana migrate` makes them."""
    settings = load({"KITAPHANA_BROKER_URL": "amqp://none", **environment})
    for service in SERVICES:
        database = Database(service.name, settings)
        migrate(service, database)
        database.close()


def migrated_home() -> Path:
    """A folder with every service's SQLite file, made once a run, to be copied."""
    home = Path(os.environ[ROOT]) / "home"
    with locked("home"):
        if not home.exists():
            draft = home.with_suffix(".new")
            migrate_all({"KITAPHANA_HOME": str(draft)})
            draft.rename(home)
    return home


@contextmanager
def locked(name: str) -> Iterator[None]:
    """One worker at a time."""
    with (Path(os.environ[ROOT]) / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def vhosts() -> PrivateVhosts | ForeignVhosts:
    named = os.environ.get("KITAPHANA_BROKER_URL")
    return ForeignVhosts(named) if named else PrivateVhosts(RabbitNode(kept_node("rabbitmq")))
