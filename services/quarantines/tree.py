"""The branch tree: naming a node means all below it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

Parents = Mapping[str, str | None]
"""branch id -> id of the branch above it, none for a root; several roots are allowed."""


def with_all_below(named: Iterable[str], parents: Parents) -> list[str]:
    """The named branches and everything below them, in order of id."""
    below: dict[str | None, list[str]] = defaultdict(list)
    for branch_id, parent_id in parents.items():
        below[parent_id].append(branch_id)
    found: set[str] = set()
    waiting = list(named)
    while waiting:
        branch_id = waiting.pop()
        if branch_id not in found:
            found.add(branch_id)
            waiting.extend(below[branch_id])
    return sorted(found)


def path_of(branch_id: str, parents: Parents) -> list[str]:
    """From the root down to that branch, itself last."""
    path = [branch_id]
    while (parent_id := parents[path[-1]]) is not None:
        path.append(parent_id)
    return path[::-1]


def would_circle(branch_id: str, parent_id: str | None, parents: Parents) -> bool:
    """Whether a branch put under `parent_id` would lie below itself."""
    above = parent_id
    while above is not None and above != branch_id:
        above = parents.get(above)
    return above is not None
