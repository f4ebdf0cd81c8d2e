"""A library of one service in this process, and what tests ask of it."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from services.accounts.reader_fields import OPTIONAL, REQUIRED
from shared import tables
from shared.auth import Principal, issue
from shared.calendar import open_days
from shared.events import Event
from shared.events.contracts import problems_of
from shared.handlers import dispatch
from shared.runs import Runner
from shared.settings import secret_of
from shared.system import System

COLUMNS = (*REQUIRED, *OPTIONAL)
WEEKDAYS = "Mo-Fr 09:00-18:00"
_numbers = itertools.count(1)


def csv_file(rows: Iterable[dict[str, str]], columns: Iterable[str] = COLUMNS) -> bytes:
    names = list(columns)
    lines = [",".join(names), *(",".join(row.get(name, "") for name in names) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def person(card: str | None = None, **others: str) -> dict[str, str]:
    """A line of a file, with a card of its own unless one is named."""
    card = card or f"card-{next(_numbers)}"
    return {"card_number": card, "family_name": "Қасымова", "given_name": "Әлия", "language": "kk"} | others


def quarantine(
    version: int = 1, state: str = "declared", branches: Iterable[str] = ("oskemen",), **others: Any
) -> dict[str, Any]:
    """A decision's event data; Monday 2 to Friday 13 February 2026 unless said otherwise."""
    days = open_days(WEEKDAYS, date(2025, 1, 1), date(2029, 12, 31), country=None).to_json()
    data = {
        "quarantine_id": "5f0d6c1e-0000-4000-8000-000000000001",
        "version": version,
        "state": state,
        "kind": "quarantine",
        "everywhere": False,
        "starts_on": "2026-02-02",
        "ends_on": "2026-02-13",
        "reopens_on": None,
        "grace_days": 0,
        "include_overdue": True,
        "reason": {"kk": "Карантин", "ru": "Карантин", "en": "Quarantine"},
        "announce": False,
        "branches": [
            {"branch_id": each, "time_zone": "Asia/Almaty", "open_days": days, "returns_per_day": None}
            for each in branches
        ],
        "decided_at": "2026-02-01T09:00:00+00:00",
        "decided_by": "operator",
    } | others
    assert problems_of("quarantine.declared.v1", data) == {}
    return data


@dataclass
class Library:
    system: System
    events_seen: int = 0
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client(self.system.wsgi())
        self.context = self.system.contexts["accounts"]
        self.database = self.context.database

    def token(self, kind: str = "staff", **others: Any) -> dict[str, str]:
        """A header; a librarian everywhere unless said otherwise."""
        roles = others.pop("roles", {"librarian": "all"} if kind == "staff" else {})
        principal = Principal(others.pop("subject", f"{kind}:1"), kind, "Айгүл", roles=roles, **others)
        token = issue(secret_of(self.system.settings), principal, timedelta(hours=1))
        return {"Authorization": f"Bearer {token}", "Accept-Language": "en"}

    def admin(self) -> dict[str, str]:
        return self.token(roles={"admin": "all"})

    def reader(self, card: str) -> dict[str, str]:
        return self.token("reader", subject=f"reader:{card}", card_number=card)

    def call(self, method: str, path: str, as_: dict[str, str] | None = None, **sent: Any) -> TestResponse:
        headers = {**(self.token() if as_ is None else as_), **sent.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **sent)

    def register(self, card: str | None = None, **fields: Any) -> dict[str, Any]:
        answer = self.call("POST", "/readers", json=person(card) | fields)
        assert answer.status_code == 201, answer.text
        return dict(answer.json)

    def get(self, card: str, **others: Any) -> dict[str, Any]:
        answer = self.call("GET", f"/readers/{card}", **others)
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def import_(self, body: bytes, as_: dict[str, str] | None = None, **headers: str) -> TestResponse:
        headers = {"Content-Type": "text/csv", **headers}
        return self.call("POST", "/readers/import", as_, data=body, headers=headers)

    def imported(self, *rows: dict[str, str]) -> dict[str, Any]:
        answer = self.import_(csv_file(rows))
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def hear(self, kind: str, data: dict[str, Any]) -> Event:
        event = Event(str(uuid.uuid4()), kind, "/services/quarantines", "", datetime.now(UTC), data)
        self.hear_again(event)
        return event

    def hear_again(self, event: Event) -> None:
        with self.database.transaction() as session:
            dispatch(session, self.context.service.handlers, [event])

    def decide(self, version: int = 1, state: str = "declared", **others: Any) -> None:
        self.hear(f"quarantine.{state}.v1", quarantine(version, state, **others))
        self.work()

    def branch(self, branch_id: str, version: int = 1) -> None:
        days = open_days(WEEKDAYS, date(2025, 1, 1), date(2027, 1, 1), country=None).to_json()
        data = {
            "branch_id": branch_id,
            "version": version,
            "name": {"kk": branch_id, "ru": branch_id, "en": branch_id},
            "parent_id": None,
            "path": [branch_id],
            "time_zone": "Asia/Almaty",
            "opening_hours": WEEKDAYS,
            "open_days": days,
        }
        assert problems_of("branch.changed.v1", data) == {}
        self.hear("branch.changed.v1", data)

    def work(self) -> None:
        runner = Runner(self.database, self.context.service.runs)
        while runner.advance_one():
            pass

    def told(self, *kinds: str) -> list[dict[str, Any]]:
        """Data of the events of those types since the last look, each checked against its contract."""
        with self.database.reading() as session:
            chosen = select(tables.outbox).where(tables.outbox.c.id > self.events_seen).order_by(tables.outbox.c.id)
            rows = session.execute(chosen).all()
        for row in rows:
            assert problems_of(row.type, row.data) == {}, row
            self.events_seen = row.id
        return [row.data for row in rows if row.type in kinds or not kinds]
