"""notify."""

OWNS: list[str] = []
EMITS: list[str] = []
LISTENS_TO: list[str] = []
