"""Who plays: a reader by their card, a guest by a key that their browser keeps, a sheet of paper by its number."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import g, request

from shared.auth import READER, caller
from shared.problems import Problem

GUEST_KEY = "X-Guest-Key"
_KEY = re.compile(r"[A-Za-z0-9_-]{32,128}")


@dataclass(frozen=True)
class Taker:
    """`name`: as `attempts.taker`; the key of a guest is kept as its hash only."""

    name: str
    card_number: str | None = None


def of_card(card_number: str) -> Taker:
    return Taker(f"reader:{card_number}", card_number)


def of_guest(key: str) -> Taker:
    return Taker(f"guest:{hashlib.sha256(key.encode()).hexdigest()}")


def taker_or_none() -> Taker | None:
    """Who asks, as a player; None for one who says neither card nor key."""
    who = caller()
    if who.kind == READER and who.card_number:
        return of_card(who.card_number)
    key = request.headers.get(GUEST_KEY, "")
    return of_guest(key) if _KEY.fullmatch(key) else None


def taker() -> Taker:
    """Raises a 401 problem for one who is nobody yet."""
    found = taker_or_none()
    if found is None:
        raise Problem(401, "Sign in, or begin the quiz as a guest on its page.")
    return found


def players_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """401 for one who is nobody yet, before the body is read; keys that make a POST safe to repeat are a player's own,
    not those of everybody behind one address."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        g.acts_as = taker().name
        return view(*args, **kwargs)

    return run
