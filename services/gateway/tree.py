"""The libraries as a tree to choose from. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Node:
    """`mine`: whether the one signed in may close it."""

    branch: Mapping[str, Any]
    mine: bool
    below: Sequence[Node]

    @property
    def id(self) -> str:
        return str(self.branch["id"])


def tree_of(branches: Sequence[Mapping[str, Any]], held: frozenset[str] | None) -> list[Node]:
    """The roots, each with what lies below; `held`: where the caller is operator, none for everywhere."""
    known = {branch["id"] for branch in branches}

    def nodes(parent_id: str | None) -> list[Node]:
        here = [b for b in branches if (b["parent_id"] if b["parent_id"] in known else None) == parent_id]
        return [Node(branch, held is None or branch["id"] in held, nodes(branch["id"])) for branch in here]

    return nodes(None)


def with_all_below(roots: Sequence[Node], chosen: Sequence[str]) -> list[str]:
    """The chosen ones and everything below them, in the tree's order."""

    def walk(nodes: Sequence[Node], inside: bool) -> Iterator[str]:
        for node in nodes:
            here = inside or node.id in chosen
            if here:
                yield node.id
            yield from walk(node.below, here)

    return list(walk(roots, False))
