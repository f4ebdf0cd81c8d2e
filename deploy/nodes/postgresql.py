"""A private PostgreSQL server from the system's package, on TCP: no socket path can be too long."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.nodes.accounts import private_folder, unprivileged
from deploy.nodes.children import Child, NodeError, find_program
from deploy.nodes.state import State

ADVICE = "install the system package postgresql, or set KITAPHANA_DATABASE_URL to a running server"
PLACES = ["/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin"]
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "512MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
}


class PostgresNode(Child):
    """`with PostgresNode(folder) as node: create_engine(node.url)`. As root it runs as postgres or nobody."""

    stop_signal = signal.SIGINT  # PostgreSQL's fast shutdown: clients disconnected, everything written.

    def __init__(self, folder: Path | str, settings: Mapping[str, str] | None = None) -> None:
        super().__init__("postgresql", folder, unprivileged("postgres"))
        self._settings = {**SETTINGS, **(settings or {})}
        self._state = State(self.folder / "node.json")

    @property
    def port(self) -> int:
        return self._state.port("postgresql")

    @property
    def url(self) -> str:
        """SQLAlchemy's address of the database `kitaphana`."""
        return self.url_of("kitaphana")

    def url_of(self, database: str) -> str:
        return f"postgresql+psycopg://kitaphana:{self._state.secret('password')}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Makes the database unless it is there and returns its address."""
        with self._connect() as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if not known:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        with self._connect() as connection:
            connection.execute(statement)

    def ready(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            self.create_database("kitaphana")
            return True
        return False

    def choose_ports(self) -> None:
        self._state.renew_taken_ports("postgresql")

    def prepare(self) -> None:
        self._data = private_folder(self.folder / "data", self.account)
        complete = self._data / "complete"
        if not complete.exists():
            self._initialise()
            complete.touch()

    def working_folder(self) -> Path:
        return self._data

    def command(self) -> list[str]:
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        return [str(self._program("postgres")), "-D", str(self._data), "-p", str(self.port), *settings]

    def environment(self) -> Mapping[str, str]:
        return {name: value for name, value in os.environ.items() if not name.startswith("PG")}

    def _initialise(self) -> None:
        for half_made in self._data.iterdir():
            shutil.rmtree(half_made) if half_made.is_dir() else half_made.unlink()
        with tempfile.NamedTemporaryFile("w", prefix="kitaphana-") as password:
            password.write(self._state.secret("password"))
            password.flush()
            if self.account:
                os.chown(password.name, self.account.uid, self.account.gid)
            done = subprocess.run(
                [
                    *(str(self._program("initdb")), "-D", str(self._data), "--username=kitaphana"),
                    *("--auth=scram-sha-256", f"--pwfile={password.name}"),
                    *("--encoding=UTF8", "--locale=C.UTF-8"),
                ],
                env=dict(self.environment()),
                cwd=self._data,
                capture_output=True,
                text=True,
                check=False,
                **(self.account.credentials if self.account else {}),
            )
        if done.returncode:
            raise NodeError(f"initdb could not make {self._data}: {done.stderr.strip()}")

    def _program(self, name: str) -> Path:
        return find_program([name], PLACES, ADVICE)

    def _connect(self) -> psycopg.Connection:
        address = self.url_of("postgres").replace("+psycopg", "", 1)
        return psycopg.connect(address, autocommit=True, connect_timeout=5)
