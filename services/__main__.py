"""The one place that lists the services."""

from __future__ import annotations

from services.gateway.app import create_app
from shared.commands import make
from shared.front import Site
from shared.service import load
from shared.system import System

SERVICES = [load(f"services.{name}") for name in ("accounts", "quarantines", "loans", "quizzes", "notify")]
SITE = Site("gateway", create_app)


def prepare(system: System) -> None:
    """After migration: what a first start of each service needs (sign-ins)."""
    for context in system.contexts.values():
        if room := context.service.room("first_start"):
            room.prepare(context)


main = make(SERVICES, prepare, SITE)

if __name__ == "__main__":
    main(prog_name="kitaphana")
