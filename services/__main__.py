"""The one place that lists the services."""

from __future__ import annotations

from shared.commands import make
from shared.service import load
from shared.system import System

SERVICES = [load(f"services.{name}") for name in ("accounts", "quarantines", "loans", "notify")]


def prepare(system: System) -> None:
    """After migration: what a first start needs (sign-ins)."""


main = make(SERVICES, prepare)

if __name__ == "__main__":
    main(prog_name="kitaphana")
