"""What a node remembers between starts: its ports and secrets, in one file only its owner may read."""

import json
import os
import secrets
from pathlib import Path

from deploy.nodes.children import free_port, port_is_free


class State:
    """`values` maps names to ports (int) and secrets (str)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.values: dict[str, int | str] = json.loads(path.read_text()) if path.exists() else {}

    def port(self, name: str) -> int:
        if name not in self.values:
            self._keep(name, free_port(self._ports()))
        return int(self.values[name])

    def secret(self, name: str) -> str:
        if name not in self.values:
            self._keep(name, secrets.token_hex(16))
        return str(self.values[name])

    def renew_taken_ports(self, *names: str) -> None:
        """Somebody else may have taken a port since the last start."""
        for name in names:
            if not port_is_free(self.port(name)):
                del self.values[name]
                self.port(name)

    def _ports(self) -> list[int]:
        return [value for value in self.values.values() if isinstance(value, int)]

    def _keep(self, name: str, value: int | str) -> None:
        self.values[name] = value
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(self.values, file)
        draft.replace(self.path)
