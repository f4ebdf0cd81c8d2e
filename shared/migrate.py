"""Alembic for every service: first the kernel's tables, then the service's own, in its own database or schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from shared.database import Database, is_sqlite
from shared.service import Service

KERNEL = Path(__file__).parent / "migrations"


def migrate(service: Service, database: Database) -> None:
    """Brings a service's database to the newest version; safe to run by several processes at once."""
    with database.transaction() as session:
        connection = session.connection()
        if not is_sqlite(session):
            connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"migrate {service.name}"}
            )
            connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{service.name}"'))
        _upgrade(connection, KERNEL, "kernel_version")
        if service.migrations.exists():
            _upgrade(connection, service.migrations, "service_version")


def _upgrade(connection: Connection, folder: Path, version_table: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("version_locations", str(folder / "versions"))
    config.set_main_option("path_separator", "newline")
    config.attributes.update(connection=connection, version_table=version_table)
    command.upgrade(config, "head")


def pending(service: Service, database: Database) -> list[str]:
    """Names of what is not at its newest version: the kernel's tables, the service's, or neither."""
    behind = []
    with database.reading() as session:
        for name, folder in (("kernel", KERNEL), ("service", service.migrations)):
            if not folder.exists():
                continue
            present = MigrationContext.configure(session.connection(), opts={"version_table": f"{name}_version"})
            newest = ScriptDirectory(str(KERNEL), version_locations=[str(folder / "versions")]).get_current_head()
            if present.get_current_revision() != newest:
                behind.append(f"{service.name} {name}")
    return behind
