"""Services put together in one process: their databases, their apps, and each other's addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask

from shared import clock
from shared.app import create_app
from shared.auth import service_token
from shared.front import FRONT, Dispatcher, Site
from shared.migrate import migrate
from shared.peers import Answer
from shared.service import Context, Service, build
from shared.settings import Settings, secret_of


@dataclass
class System:
    """`contexts` and `apps` by service name; every app reaches every other without the network."""

    settings: Settings
    contexts: dict[str, Context]
    apps: dict[str, Flask]
    site: Site = FRONT

    @classmethod
    def create(cls, services: Sequence[Service], settings: Settings, site: Site = FRONT) -> System:
        clock.shift_by_file(settings.clock_file)
        contexts = build(services, settings)
        apps = {name: create_app(context) for name, context in contexts.items()}
        for name, app in apps.items():
            contexts[name].peers.connect(name, app)
        return cls(settings, contexts, apps, site)

    def migrate(self) -> None:
        for context in self.contexts.values():
            migrate(context.service, context.database)

    def wsgi(self) -> Any:
        """One app for one address."""
        owners = {segment: self.apps[name] for name, c in self.contexts.items() for segment in c.service.owns}
        peers = next(iter(self.contexts.values())).peers
        return Dispatcher(owners, self.site.create(self.settings, peers))

    def ask(self, service: str, path: str, **options: Any) -> Answer:
        """A call in the system's own name, in this process."""
        token = service_token(secret_of(self.settings), "command line")
        headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
        return self.contexts[service].peers.ask(service, path, headers=headers, **options)

    def close(self) -> None:
        for context in self.contexts.values():
            context.database.close()
