"""Attempts: how one is drawn, and what of it never changes."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.quizzes import stored_items
from services.quizzes.drawing import drawn, seed_of
from services.quizzes.guardians import answers_for
from services.quizzes.items import Item
from services.quizzes.models import Attempt, Quiz
from services.quizzes.remembered import Remembered
from services.quizzes.scoring import Asked
from services.quizzes.stored_items import Version
from services.quizzes.takers import Taker
from services.quizzes.terms import pools_of
from shared.problems import not_found
from shared.settings import secret_of

LATE = timedelta(hours=24)
"""How long answers given in time may still arrive at a quiz that has closed."""


@dataclass(frozen=True)
class Shape:
    """What of an attempt is the same from its beginning to its end. `versions`: item id -> version shown."""

    quiz_id: str
    taker: str
    seed: str
    versions: Mapping[str, int]
    started_at: datetime


ENDS = ("ends_at", "grace_until", "late_until")
_KNOWN: Remembered[tuple[Engine, str], Shape] = Remembered(20_000)
_COLUMNS = ("quiz_id", "taker", "seed", "started_at")


def shape_of(session: Session, attempt_id: str, taker: Taker) -> Shape:
    """Raises a 404 problem for an attempt that is neither this taker's nor their child's."""
    where = session.get_bind().engine
    key = (where, attempt_id)
    shape = _KNOWN.get([key], lambda keys: _fetch(session, keys)).get(key)
    if shape is None or not answers_for(session, taker, shape.taker):
        raise not_found()
    return shape


def _fetch(session: Session, keys: Collection[tuple[Engine, str]]) -> dict[tuple[Engine, str], Shape]:
    ((where, attempt_id),) = keys
    row = session.get(Attempt, attempt_id)
    if row is None:
        return {}
    versions = {item_id: version for item_id, version, _points in row.items}
    return {(where, attempt_id): Shape(versions=versions, **{name: getattr(row, name) for name in _COLUMNS})}


def seed_for(session: Session, quiz_id: str, taker: str, number: int) -> str:
    """Known to the server alone: what is made from it tells a player nothing."""
    secret = secret_of(session.info["settings"])
    return hmac.new(secret.encode(), f"quiz\n{seed_of(quiz_id, taker, number)}".encode(), "sha256").hexdigest()


def item_seed(seed: str, item_id: str) -> str:
    """Of one question in one attempt, as `player` takes it."""
    return f"{seed}/{item_id}"


def draw(session: Session, quiz: Quiz, seed: str) -> list[list[Any]]:
    """The `items` of an attempt."""
    points = {item_id: pool["points"] for pool in quiz.pools for item_id in pool["item_ids"]}
    chosen = drawn(pools_of(quiz), seed, shuffle=quiz.shuffle_items)
    versions = stored_items.newest(session, chosen)
    return [[item_id, versions[item_id], points[item_id]] for item_id in chosen]


def ends_of(quiz: Quiz, started_at: datetime, card_number: str | None, class_id: str | None) -> dict[str, Any]:
    """`ends_at`, `grace_until`, `late_until` of an attempt, by the time limit; none of them without one."""
    ends_at = _end_of(quiz, started_at, card_number, class_id)
    if ends_at is None:
        return dict.fromkeys(ENDS)
    grace_until = ends_at + timedelta(minutes=quiz.grace_minutes)
    return dict(zip(ENDS, (ends_at, grace_until, grace_until + timedelta(minutes=quiz.late_minutes)), strict=True))


def _end_of(quiz: Quiz, started_at: datetime, card_number: str | None, class_id: str | None) -> datetime | None:
    """With the extra time of the reader or their class."""
    if quiz.time_limit_minutes is None:
        return None
    extra = [
        each["percent"]
        for each in quiz.extra_time
        if (card_number and each.get("card_number") == card_number) or (class_id and each.get("class_id") == class_id)
    ]
    return started_at + timedelta(minutes=quiz.time_limit_minutes) * (100 + max(extra, default=0)) / 100


def asked_in(
    attempt: Attempt, items: Mapping[Version, Item], instead: Mapping[str, int] | None = None
) -> Sequence[Asked]:
    """What an attempt is graded on: items as shown, or in the versions that `instead` names."""
    found = []
    for item_id, shown, points in attempt.items:
        item = items[(item_id, (instead or {}).get(item_id, shown))]
        found.append(Asked(item_id, item, Decimal(points) if points is not None else item.points))
    return found


def versions_in(attempts: Sequence[Attempt]) -> set[Version]:
    return {(item_id, version) for attempt in attempts for item_id, version, _points in attempt.items}
