"""What a service is made of, loaded by the names of its rooms; and one service with its parts at run time."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import click
from flask_smorest import Blueprint

from shared import ended_sessions
from shared.broker import Broker
from shared.database import Database
from shared.handlers import Handlers
from shared.peers import Peers
from shared.runs import RunKind
from shared.settings import Settings
from shared.ticks import Tick

OF_EVERY_SERVICE: Handlers = {ended_sessions.TYPE: ended_sessions.handle}


class CannotStart(Exception):
    """Raised by a service's `first_start.prepare`; the text is one line for the operator."""


@dataclass(frozen=True)
class Service:
    """`owns`: first path segments of its API; `emits`, `listens_to`: event types."""

    name: str
    package: str
    owns: tuple[str, ...]
    emits: tuple[str, ...]
    listens_to: tuple[str, ...]

    def room(self, name: str) -> ModuleType | None:
        """The module of that name in the service's package; None when the service has no such room."""
        full = f"{self.package}.{name}"
        return importlib.import_module(full) if importlib.util.find_spec(full) else None

    def _of(self, room: str, name: str, default: Any) -> Any:
        module = self.room(room)
        return getattr(module, name) if module else default

    @cached_property
    def blueprints(self) -> Sequence[Blueprint]:
        return tuple(self._of("routes", "BLUEPRINTS", ()))

    @cached_property
    def handlers(self) -> Handlers:
        handlers: Handlers = {**self._of("handlers", "HANDLERS", {}), **OF_EVERY_SERVICE}
        if set(handlers) != set(self.listens_to):
            raise RuntimeError(f"{self.name} listens to {sorted(self.listens_to)} but handles {sorted(handlers)}")
        return handlers

    @cached_property
    def runs(self) -> Mapping[str, RunKind]:
        return dict(self._of("runs", "RUNS", {}))

    @cached_property
    def ticks(self) -> Sequence[Tick]:
        return tuple(self._of("ticks", "TICKS", ()))

    @cached_property
    def commands(self) -> Sequence[click.Command]:
        return tuple(self._of("commands", "COMMANDS", ()))

    @property
    def migrations(self) -> Path:
        module = importlib.import_module(self.package)
        return Path(str(module.__file__)).parent / "migrations"


def load(package: str) -> Service:
    """The service in a package whose `__init__` holds the three lists OWNS, EMITS and LISTENS_TO."""
    module = importlib.import_module(package)
    return Service(
        name=package.rsplit(".", 1)[-1],
        package=package,
        owns=tuple(module.OWNS),
        emits=tuple(module.EMITS),
        listens_to=(*module.LISTENS_TO, *OF_EVERY_SERVICE),
    )


@dataclass(frozen=True)
class Context:
    """One service at run time: what its routes, ticks and runs stand on."""

    service: Service
    settings: Settings
    database: Database
    broker: Broker
    peers: Peers


def listeners(services: Sequence[Service]) -> dict[str, tuple[str, ...]]:
    """The broker's topology: queue -> event types. A service that listens to nothing has no queue."""
    return {service.name: service.listens_to for service in services if service.listens_to}


def build(services: Sequence[Service], settings: Settings, only: str | None = None) -> dict[str, Context]:
    """Contexts of all services, or of `only` one, sharing one broker and one set of peers."""
    broker = Broker(settings, listeners(services))
    peers = Peers(settings)
    chosen = [service for service in services if only in (None, service.name)]
    return {
        service.name: Context(service, settings, Database(service.name, settings), broker, peers) for service in chosen
    }
