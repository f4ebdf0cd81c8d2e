"""Events as other services send them, with defaults and ids of their own."""

import itertools
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from services.notify.gathering import OTHERS
from shared import clock
from shared.calendar import open_days
from shared.events import Event
from shared.events.contracts import problems_of
from tests.support import library_time

_numbers = itertools.count(1)


def event(kind: str, service: str, data: dict[str, Any], time: datetime | None = None) -> Event:
    assert not problems_of(kind, data), problems_of(kind, data)
    return Event(str(uuid.uuid4()), kind, f"/services/{service}", "", time or clock.now(), data)


def reader(card: str | None = None, **given: Any) -> Event:
    number = next(_numbers)
    card = card or f"R-{number:05}"
    data = {
        "reader_id": str(uuid.uuid4()),
        "version": 1,
        "card_number": card,
        "household": f"card:{card}",
        "family_name": "Ахметова",
        "given_name": "Айгерім",
        "language": "kk",
        "birth_date": "1985-05-05",
        "email": f"reader{number}@example.org",
        "phone": None,
        "telegram": None,
        "kind": "person",
        "blocked": False,
        "guardian": None,
    }
    return event("reader.registered.v1", "accounts", data | given)


def child(guardian_card: str, **given: Any) -> Event:
    born = (library_time.today() - timedelta(days=8 * 365)).isoformat()
    family = {"household": f"card:{guardian_card}", "guardian": {"card_number": guardian_card}, "birth_date": born}
    return reader(**({"email": None} | family | given))


def branch(branch_id: str = "ortalyq") -> Event:
    today = library_time.today()
    days = open_days("Mo-Sa 09:00-18:00", today - timedelta(days=400), today + timedelta(days=1200))
    data = {
        "branch_id": branch_id,
        "version": 1,
        "name": {"kk": "Орталық кітапхана", "ru": "Центральная библиотека", "en": "Central Library"},
        "parent_id": None,
        "path": [branch_id],
        "time_zone": "Asia/Almaty",
        "opening_hours": "Mo-Sa 09:00-18:00",
        "open_days": days.to_json(),
    }
    return event("branch.changed.v1", "quarantines", data)


def quarantine(quarantine_id: str, version: int = 1, state: str = "declared", ends_in: int | None = 14) -> Event:
    today = library_time.today()
    ends_on = today + timedelta(days=ends_in) if ends_in is not None else None
    days = open_days("Mo-Sa 09:00-18:00", today - timedelta(days=400), today + timedelta(days=1200))
    data = {
        "quarantine_id": quarantine_id,
        "version": version,
        "state": state,
        "kind": "quarantine",
        "everywhere": True,
        "starts_on": today.isoformat(),
        "ends_on": ends_on.isoformat() if ends_on else None,
        "reopens_on": (ends_on + timedelta(days=1)).isoformat() if ends_on else None,
        "grace_days": 0,
        "include_overdue": True,
        "reason": {"kk": "Карантин", "ru": "Карантин", "en": "Quarantine"},
        "announce": False,
        "branches": [
            {
                "branch_id": "ortalyq",
                "time_zone": "Asia/Almaty",
                "open_days": days.to_json(),
                "returns_per_day": None,
            }
        ],
        "decided_at": datetime.now(UTC).isoformat(),
        "decided_by": "staff:1",
    }
    return event(f"quarantine.{state}.v1", "quarantines", data)


def moved(quarantine_id: str, run_id: str, card: str, *changes: dict[str, Any], version: int = 1, **more: Any) -> Event:
    data = {"run_id": run_id, "quarantine_id": quarantine_id, "version": version, "card_number": card}
    return event("loans.due_dates_changed.v1", "loans", data | {"changes": list(changes)} | more)


def change(
    loan_id: str,
    was: str | None,
    to: str | None,
    loan_version: int = 2,
    title: str = "Абай жолы",
    author: str | None = None,
) -> dict[str, Any]:
    book = {"loan_id": loan_id, "title": title, "author": author, "branch_id": "ortalyq"}
    return book | {"from": was, "to": to, "loan_version": loan_version}


def others_ended(quarantine_id: str, version: int = 1) -> list[Event]:
    """Every other service that notify waits for has nothing to tell."""
    return [ended(quarantine_id, str(uuid.uuid4()), 0, version, service) for service in OTHERS]


def ended(quarantine_id: str, run_id: str, events: int, version: int = 1, service: str = "loans") -> Event:
    counts = {"done": events, "total": events, "failed": 0, "events": events}
    step = {"service": service, "step": "move", "state": "done", "run_id": run_id}
    data = {"quarantine_id": quarantine_id, "version": version} | step | counts
    return event("step.progressed.v1", service, data)


def quiz(quiz_id: str = "", version: int = 1, kind: str = "quiz.published.v1", **given: Any) -> Event:
    data = {
        "quiz_id": quiz_id or str(uuid.uuid4()),
        "version": version,
        "title": {"kk": "Жау тылында", "ru": "В тылу врага", "en": "Behind enemy lines"},
        "works": [],
        "opens_on": None,
        "closes_on": None,
        "languages": ["kk", "ru", "en"],
        "branch_id": None,
        "guests": True,
    }
    return event(kind, "quizzes", data | given)


def quiz_moved(quarantine_id: str, run_id: str, card: str, quiz_id: str, was: str, to: str | None) -> Event:
    change = {"id": quiz_id, "kind": "quiz", "title": "Жау тылында", "from": was, "to": to}
    data = {"run_id": run_id, "quarantine_id": quarantine_id, "version": 1, "card_number": card}
    return event("quizzes.dates_changed.v1", "quizzes", data | {"changes": [change]})
