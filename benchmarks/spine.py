"""Private PostgreSQL and RabbitMQ, and the product's services on them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from deploy.nodes import PostgresNode, RabbitNode
from services.__main__ import SERVICES
from shared.consumer import Consumer
from shared.database import Database
from shared.relay import Relay
from shared.service import Context, Service
from shared.settings import load
from shared.system import System


@dataclass(frozen=True)
class Nodes:
    """A private PostgreSQL and RabbitMQ, and how to get a fresh corner of each."""

    folder: Path
    postgres: PostgresNode
    rabbit: RabbitNode

    def variables(self, name: str) -> dict[str, str]:
        """The environment of a system with a database and a virtual host of its own."""
        home = self.folder / name
        home.mkdir()
        return {
            "KITAPHANA_FOOTING": "real",
            "KITAPHANA_HOME": str(home),
            "KITAPHANA_SECRET": "benchmarks only, never a library's own",
            "KITAPHANA_DATABASE_URL": self.postgres.create_database(name),
            "KITAPHANA_BROKER_URL": self.rabbit.add_vhost(name),
        }


@contextmanager
def nodes() -> Iterator[Nodes]:
    with tempfile.TemporaryDirectory(prefix="kitaphana-bench-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        with PostgresNode(root / "postgres") as postgres, RabbitNode(root / "rabbit") as rabbit:
            yield Nodes(root, postgres, rabbit)


@dataclass
class Spine:
    """Services in this process, nothing running by itself."""

    variables: dict[str, str]
    system: System

    @classmethod
    def create(cls, nodes: Nodes, name: str, *names: str, **more: str) -> Spine:
        """`names`: the services, all when none is named. `more`: further variables of their environment."""
        chosen: Sequence[Service] = [each for each in SERVICES if not names or each.name in names]
        variables = nodes.variables(name) | more
        system = System.create(chosen, load(variables))
        system.migrate()
        next(iter(system.contexts.values())).broker.declare()
        return cls(variables, system)

    def context(self, service: str) -> Context:
        return self.system.contexts[service]

    def database(self, service: str) -> Database:
        return self.context(service).database

    def relay(self, service: str) -> Relay:
        return Relay(self.database(service), self.context(service).broker)

    def consumer(self, service: str) -> Consumer:
        context = self.context(service)
        return Consumer(context.database, context.broker, context.service.handlers)

    def empty_queues(self) -> None:
        broker = next(iter(self.system.contexts.values())).broker
        with broker.open() as connection:
            for service in broker.listeners:
                connection.channel().queue_purge(service)

    def close(self) -> None:
        self.system.close()


def vacuum(database: Database, *tables: str) -> None:
    """So that no measurement pays for the one before it."""
    with database.engine.connect().execution_options(kitaphana_looks=True) as connection:
        for table in tables:
            connection.execute(text(f"VACUUM ANALYZE {table}"))
        connection.execute(text("CHECKPOINT"))
