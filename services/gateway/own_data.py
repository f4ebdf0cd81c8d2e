"""All that the services keep about a reader, gathered for one file: as many calls as it takes, for it is no page."""

from __future__ import annotations

from typing import Any

from services.gateway import asking

MOST_A_CALL = 500


def everything(card_number: str) -> dict[str, Any]:
    """Name -> what is kept. Raises SignInEnded, Refused, and PeerDown rather than give half of it."""
    return {
        "reader": _one("accounts", f"/readers/{card_number}/export"),
        "loans": {"items": _all("loans", "/loans", card_number=card_number)},
        "calendars": _one("loans", "/calendars"),
        "notices": {"items": _all("notify", "/notices")},
        "preferences": _one("notify", "/notices/preferences"),
        "quizzes": {"attempts": [_attempt(line) for line in _all("quizzes", "/quizzes/attempts")]},
    }


def _attempt(line: dict[str, Any]) -> dict[str, Any]:
    """With the questions, the answers given and, where they may be seen already, marks and certificate."""
    whole: dict[str, Any] = _one("quizzes", f"/quizzes/attempts/{line['id']}")
    return line | whole


def _all(service: str, path: str, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = _one(service, path, limit=MOST_A_CALL, cursor=cursor, **query)
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items


def _one(service: str, path: str, **query: Any) -> Any:
    # By `act`, not `look_up`: the file must not be made of what was known once, nor be remembered.
    return asking.act(service, asking.path(path, **query), method="GET")
