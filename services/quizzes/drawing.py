"""Which items a reader gets, and in which order: drawn by a seed, the same on every machine and day.

Nothing here depends on Python's own shuffling, which may change between versions: order is by SHA-256 of the seed
and the key, so that one and the same seed gives the same draw for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from services.quizzes.faults import Fault

T = TypeVar("T")


@dataclass(frozen=True)
class Pool:
    """`draw` of these items are asked; all of them when None."""

    item_ids: tuple[str, ...]
    draw: int | None = None


def seed_of(quiz_id: str, reader: str, attempt: int) -> str:
    """The seed of one reader's attempt."""
    return f"{quiz_id}/{reader}/{attempt}"


def mixed(things: Sequence[T], *keys: object) -> list[T]:
    """`things` in an order that depends on `keys` and on how many there are, not on what they are."""
    ranks = [_digest(*keys, at) for at in range(len(things))]
    return [things[at] for at in sorted(range(len(things)), key=ranks.__getitem__)]


def opaque(*keys: object) -> str:
    """A short identifier that tells nothing of what it was made from."""
    return _digest("id", *keys)[:12]


def _digest(*keys: object) -> str:
    return sha256("\x1f".join(map(str, keys)).encode("utf-8", "surrogatepass")).hexdigest()


def faults_of_pools(pools: Iterable[Pool]) -> list[Fault]:
    found = []
    seen: set[str] = set()
    for at, pool in enumerate(pools, 1):
        if seen & set(pool.item_ids):
            found.append(Fault(f"pools.{at}.item_ids", "A question stands in two pools."))
        seen |= set(pool.item_ids)
        held = len(set(pool.item_ids))
        if pool.draw is not None and pool.draw > held:
            found.append(
                Fault(
                    f"pools.{at}.draw",
                    "The pool holds {held} questions, fewer than the {draw} to be drawn.",
                    {"held": held, "draw": pool.draw},
                )
            )
        elif held == 0 or (pool.draw is not None and pool.draw < 1):
            found.append(Fault(f"pools.{at}", "The pool gives no questions."))
        if held != len(pool.item_ids):
            found.append(Fault(f"pools.{at}.item_ids", "A question stands in the pool twice."))
    return found


def drawn(pools: Sequence[Pool], seed: str, *, shuffle: bool = True) -> list[str]:
    """The items of one attempt: pool by pool, or all mixed.

    An item is taken by its own rank under the seed, so that adding an item to a pool changes few readers' draws.
    Pools must be without faults.
    """
    ids = [item_id for pool in pools for item_id in _from_pool(pool, seed)]
    return sorted(ids, key=lambda item_id: _digest("order", seed, item_id)) if shuffle else ids


def _from_pool(pool: Pool, seed: str) -> list[str]:
    ranked = sorted(pool.item_ids, key=lambda item_id: _digest("draw", seed, item_id))
    taken = set(ranked[: pool.draw])
    return [item_id for item_id in pool.item_ids if item_id in taken]
